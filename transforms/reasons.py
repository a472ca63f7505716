"""Why a reading is what it is: three plain reasons with their dates, from the exact explanation of the score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from transforms.facts import Deal, Reason
from transforms.texts import Texts, name

MOST = 3
CANDIDATES = 6
QUIET = timedelta(days=14)
FAMILIES = ("mail", "call", "meeting", "web")
HARDLY = 0.2
"""Share of an owner's contact at or below which the CRM shows next to nothing of a channel."""


@dataclass(frozen=True, slots=True)
class Why:
    """What can be said of a reading, the weightiest first, and what of it is about silence."""

    lines: Sequence[str]
    quiet: str | None = None

    def shown(self, held: str | None = None) -> str:
        """Up to three lines.

        What is held stays while its reasons are still among the weighty ones, so that forgetting alone changes no
        text.
        """
        before = held.split("\n") if held else []
        is_known = bool(before) and self.lines[0] in before and set(before) <= set(self.lines[:CANDIDATES])
        if is_known and bool(self.quiet) == (self.quiet in before):
            return "\n".join(before)
        return "\n".join(self.lines[:MOST])


def why(deal: Deal, texts: Texts, as_of: datetime) -> Why:
    """What the reading rests on; what would make it known where nothing can be seen."""
    if deal.state == "unseen":
        return Why([unseen(deal, texts)])
    lines = [line for line in (_line(deal, r, texts) for r in _weighty(deal, as_of)) if line]
    quiet = _quiet(deal, texts, as_of)
    if quiet:
        lines.insert(min(1, len(lines)), quiet)
    return Why(list(dict.fromkeys(lines)) or [texts("why.nothing")], quiet)


def unseen(deal: Deal, texts: Texts) -> str:
    """Why there is no reading, and what would give one."""
    if not deal.members:
        return texts("why.unseen.nobody")
    dark = [f for f in FAMILIES if all(m.seen_through[f] <= HARDLY for m in deal.members)]
    if dark:
        return texts("why.unseen.channels", channels=texts.listed(texts(f"family.{f}") for f in dark))
    return texts("why.unseen.early")


def _weighty(deal: Deal, as_of: datetime) -> list[Reason]:
    acts = [r for r in deal.reasons if r.kind != "silence" and r.at is not None and r.at <= as_of]
    return sorted(acts, key=lambda r: (-abs(r.term), r.kind, r.person_id))[:CANDIDATES]


def _line(deal: Deal, reason: Reason, texts: Texts) -> str:
    member = deal.member(reason.person_id)
    who = name(member.name if member else None, texts("somebody"))
    assert reason.at is not None
    return texts.plural(f"reason.{reason.kind}", reason.count, who=who, day=texts.day(reason.at))


def _quiet(deal: Deal, texts: Texts, as_of: datetime) -> str | None:
    last = deal.last_heard
    if last is None:
        return texts("reason.never")
    return texts("reason.silence", day=texts.day(last)) if as_of - last > QUIET else None
