"""A first look at a tenant's own closed deals: what warnings would have been worth, and what can't be seen and why."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from assets.connection import Connection
from assets.errors import ConfigError
from assets.model.page import page
from assets.model.past import looked_back
from assets.model.tables import tables_of
from assets.model.words import Words, words_of
from assets.session import Session
from readiness.fit.first_look import FEWEST_CLOSED, FirstLook, first_look
from readiness.model import load_prior

log = logging.getLogger("readiness.model")

CHANNELS = ("email", "call", "meeting", "web", "form", "document")


@dataclass(frozen=True, slots=True)
class Look:
    """What there is to show of one connection; `found` is None with too few closed deals to look back on.

    `blind` has what can't be seen, and why: pairs of what, and what follows from it, in the connection's language.
    """

    connection: str
    as_of: datetime
    found: FirstLook | None
    blind: tuple[tuple[str, str], ...]
    words: Words

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for scripts."""
        look = {"connection": self.connection, "as_of": self.as_of.isoformat()}
        return look | {"look": asdict(self.found) if self.found else None, "cannot_be_seen": dict(self.blind)}

    @property
    def summary(self) -> str:
        """The whole look in one sentence."""
        found = self.found
        if found is None:
            return self.words("look.too_few", needed=FEWEST_CLOSED)
        if found.days_earlier is None:
            return self.words("look.none_warned", lost=found.lost)
        return self.words(
            "look.summary",
            lost=found.lost,
            days=found.days_earlier,
            warned=found.warned,
            alarms=found.per_seller_week,
        )


def looked(connection: Connection) -> Look:
    """Look back; the CRM is read where nothing has been pulled yet, and never written to."""
    with looked_back(connection, "first-look") as opened:
        as_of = opened.run.as_of
        log.info("%s: looking back from %s", connection.name, as_of.date())
        found = first_look(tables_of(opened), load_prior(), as_of, opened.store.keep)
        words = words_of(connection)
        return Look(connection.name, as_of, found, tuple(_blind(opened, found, words)), words)


def written(look: Look, out: Path) -> None:
    """The look as one page that needs nothing else.

    Raises
    ------
    ConfigError : `out` can't be written.
    """
    try:
        out.write_text(page("first_look.html", look.words, look=look, found=look.found), encoding="utf-8")
    except OSError as fault:
        raise ConfigError(f"--out {out}: can't be written ({fault.strerror}).") from None


def _blind(opened: Session, found: FirstLook | None, words: Words) -> list[tuple[str, str]]:
    """What the CRM doesn't tell: streams that can't be read, channels never recorded, lost deals without a trace."""
    unread = opened.connector.capabilities().missing_streams if opened.connection.config.crm != "files" else {}
    rows = opened.store.query("select distinct channel from interactions")
    recorded = {row["channel"] for row in rows}
    never = [channel for channel in CHANNELS if channel not in recorded]
    return [
        *((words("blind.stream", stream=name), why) for name, why in unread.items()),
        *((words(f"channel.{channel}"), words("blind.never")) for channel in never),
        *(_untold(found, words) if found else ()),
    ]


def _untold(found: FirstLook, words: Words) -> Iterator[tuple[str, str]]:
    quiet = found.lost - found.warned
    if quiet:
        yield words("blind.unwarned"), words("blind.unwarned.why", quiet=quiet, lost=found.lost)
    for what, number in found.unseen.items():
        if number:
            yield words(f"blind.{what}"), words("blind.lost", number=number, lost=found.lost)
