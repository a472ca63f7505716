"""The three pages: self-contained HTML that a browser, a printer and a phone can show. Text of the CRM is escaped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from assets.reports import pictures
from assets.reports.gather import Gathered
from assets.reports.words import Words, whole
from transforms.facts import DIRECT
from transforms.fields import SHOWN
from transforms.labels import BANDS
from transforms.leads import REASONS
from transforms.reports.leads import CLASSES

CARDS = 40
PARTS = ("help", "faster", "stop", "nurture")
THIRDS = ("low", "middle", "high")
SEGMENTS: Mapping[str, Sequence[str]] = {
    "": (*THIRDS, "all", "others", "unknown_source"),
    "outcome.": ("won", "lost", "no_decision"),
    "phase.": SHOWN,
    "channel.": DIRECT,
    "class.": CLASSES,
    "reason.": REASONS,
}
QUESTIONS = ("unseen", "ready_when_won", "won_early", "lost_when_ready", "never_preferred")
YEAR = timedelta(days=365)

Row = Mapping[str, Any]


def coaching_page(of: Gathered) -> str:
    """The manager's page of the week."""
    counts = Counter(row["part"] for row in of.coaching)
    return _rendered(
        "coaching.html",
        of,
        rows=of.coaching,
        counts={part: counts[part] for part in PARTS},
        said={"stop": lambda row: _ghost(row, of.words), "nurture": lambda row: _nurture(row, of.words)},
        chart=pictures.open_value(of.measures, of.words).svg(),
    )


def scorecard_page(of: Gathered) -> str:
    """RevOps' page."""
    held = {(r["section"], r["measure"], r["segment"], r["period"]): r for r in of.measures}
    by_place = pictures.scorecard(of.measures, of.words)
    return _rendered(
        "scorecard.html",
        of,
        get=lambda *key: held.get(key),
        named=lambda segment: _named(segment, of.words),
        charts={"relationship": None, **{name: picture.svg() for name, picture in by_place.items()}},
        diverges=any(r["measure"] == "divergence" and r["note"] == "diverges" for r in of.measures),
        teams=_segments(of.measures, "relationship", "index"),
        call_teams=_segments(of.measures, "work", "calls_of_contacts"),
        stages=_segments(of.measures, "phases", "gap"),
        channels=_segments(of.measures, "work", "answered"),
        sources=_segments(of.measures, "leads", "asked"),
        reasons=_segments(of.measures, "leads", "ended"),
        bands=BANDS,
        thirds=THIRDS,
        compared=of.compared_with,
    )


def postmortem_page(of: Gathered, only: str | None = None) -> str:
    """A card for each of the deals that closed last, or for one of them."""
    chosen = [row for row in of.postmortems if only in (None, row["opportunity_id"])]
    picture = None if only else pictures.often(of.postmortems, of.as_of - YEAR, of.words)
    return _rendered(
        "postmortems.html",
        of,
        rows=chosen[:CARDS],
        total=len(chosen),
        chart=picture.svg() if picture else None,
        said=lambda row: _said(row, of.words),
        questions=QUESTIONS,
    )


def _rendered(template: str, of: Gathered, **shown: Any) -> str:
    return _ENVIRONMENT.get_template(template).render(
        t=of.words, whole=whole, language=of.words.texts.language, connection=of.connection, as_of=of.as_of, **shown
    )


_ENVIRONMENT = Environment(
    loader=PackageLoader("assets.reports"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _segments(measures: Sequence[Row], section: str, measure: str) -> list[str]:
    """What a figure is given for, in the order in which it is given."""
    found = (r["segment"] for r in measures if r["section"] == section and r["measure"] == measure)
    return list(dict.fromkeys(found))


def _named(segment: str, words: Words) -> str | Markup:
    """A segment of our own in words; one of the CRM's (a team, a stage, a source) as it is."""
    for prefix, own in SEGMENTS.items():
        if segment in own:
            return words(f"{prefix}{segment}")
    return whole(segment)


def _ghost(row: Row, words: Words) -> str:
    """Why a deal looks like a ghost, in up to four short sentences."""
    heard = row["last_heard"]
    said = [words("coaching.ghost.heard", day=words.day(heard)) if heard else words("coaching.ghost.never")]
    if not row["has_purchase_file"]:
        said.append(words("coaching.ghost.no_file"))
    if row["pushes"]:
        said.append(words.plural("coaching.ghost.pushes", row["pushes"]))
    if row["ours_lately"]:
        said.append(words.plural("coaching.ghost.contacts", row["ours_lately"]))
    return " ".join(said)


def _nurture(row: Row, words: Words) -> str:
    """Since when somebody who is not yet looking was not heard of, nor sent anything of use."""
    value, heard = row["last_value"], row["last_heard"]
    sent = words("coaching.nurture.sent", day=words.day(value)) if value else words("coaching.nurture.nothing_sent")
    said = words("coaching.ghost.heard", day=words.day(heard)) if heard else words("coaching.ghost.never")
    return f"{sent} {said}"


def _said(row: Row, words: Words) -> dict[str, str]:
    """The values of the sentences about one closed deal."""
    return {
        "phase": words(f"phase.{row['phase'] or 'unseen'}"),
        "silent": words.shown(row["silent_days"], "count"),
        "pushes": words.shown(row["pushes"], "count"),
        "quotes": words.shown(row["quotes"], "count"),
        "late": words.shown(row["late_promises"], "count"),
        "days": words.shown(row["days"], "count"),
        "usual": words.shown(row["usual_days"], "days"),
    }
