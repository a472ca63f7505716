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
from assets.session import Session
from readiness.fit.first_look import FEWEST_CLOSED, FirstLook, first_look
from readiness.model import load_prior

log = logging.getLogger("readiness.model")

CHANNELS = {
    "email": "E-mail",
    "call": "Calls",
    "meeting": "Meetings",
    "web": "Web visits",
    "form": "Forms",
    "document": "Documents",
}


@dataclass(frozen=True, slots=True)
class Look:
    """What there is to show of one connection; `found` is None with too few closed deals to look back on.

    `blind` has what can't be seen, and why: pairs of what, and what follows from it.
    """

    connection: str
    as_of: datetime
    found: FirstLook | None
    blind: tuple[tuple[str, str], ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for scripts."""
        look = {"connection": self.connection, "as_of": self.as_of.isoformat()}
        return look | {"look": asdict(self.found) if self.found else None, "cannot_be_seen": dict(self.blind)}

    @property
    def summary(self) -> str:
        """The whole look in one sentence."""
        if self.found is None:
            return f"Fewer than {FEWEST_CLOSED} deals were closed after being open for long enough to look back on."
        found = self.found
        if found.days_earlier is None:
            return f"Of your last {found.lost} lost deals we would have warned of none."
        return (
            f"In your last {found.lost} lost deals we would have warned {found.days_earlier:.0f} days earlier (the"
            f" median of the {found.warned} warned of), with {found.per_seller_week:.2g} false alarms per seller per"
            " week."
        )


def looked(connection: Connection) -> Look:
    """Look back; the CRM is read where nothing has been pulled yet, and never written to."""
    with looked_back(connection, "first-look") as opened:
        as_of = opened.run.as_of
        log.info("%s: looking back from %s", connection.name, as_of.date())
        found = first_look(tables_of(opened), load_prior(), as_of, opened.store.keep)
        return Look(connection.name, as_of, found, tuple(_blind(opened, found)))


def written(look: Look, out: Path) -> None:
    """The look as one page that needs nothing else.

    Raises
    ------
    ConfigError : `out` can't be written.
    """
    try:
        out.write_text(page("first_look.html", look=look, found=look.found), encoding="utf-8")
    except OSError as fault:
        raise ConfigError(f"--out {out}: can't be written ({fault.strerror}).") from None


def _blind(opened: Session, found: FirstLook | None) -> list[tuple[str, str]]:
    """What the CRM doesn't tell: streams that can't be read, channels never recorded, lost deals without a trace."""
    unread = opened.connector.capabilities().missing_streams if opened.connection.config.crm != "files" else {}
    rows = opened.store.query("select distinct channel from interactions")
    recorded = {row["channel"] for row in rows}
    never = [words for channel, words in CHANNELS.items() if channel not in recorded]
    return [
        *((f"The CRM's {name} can't be read", why) for name, why in unread.items()),
        *((words, "Never recorded, so silence there says nothing.") for words in never),
        *(_untold(found) if found else ()),
    ]


def _untold(found: FirstLook) -> Iterator[tuple[str, str]]:
    quiet = found.lost - found.warned
    if quiet:
        why = f"{quiet} of {found.lost}: what the CRM knew did not set them apart from deals that were won."
        yield "Lost without a warning", why
    for what, number in found.unseen.items():
        if number:
            yield what.capitalize(), f"In {number} of the {found.lost} lost deals."
