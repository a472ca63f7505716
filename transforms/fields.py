"""The fields that the plugin owns in the CRM: what each is called, what it means, and what may stand in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from transforms.labels import BANDS, PHASES
from transforms.texts import Texts

SHOWN = ("unseen", "silent", *BANDS)
"""What the phase field may say: a band, or why there is none."""

ANSWERS = ("snooze", "not_right")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of ours. Its label, help and choices stand in the catalogues under `field.<object>.<name>`.

    Attributes
    ----------
    object : opportunity | person | group_role | task.
    type : text | long_text | number | date | datetime | choice.
    is_written : whether the plugin fills it; the others are the seller's.
    """

    object: str
    name: str
    type: str
    length: int = 255
    choices: tuple[str, ...] = ()
    unique: bool = False
    is_written: bool = True

    def spec(self, language: str) -> dict[str, Any]:
        """What the CRM has to know to make it, in that language.

        Keys: object, name, label, type, help, choices as (value, label), length, unique, by_people.
        """
        texts = Texts(language)
        key = f"field.{'person' if self.object == 'group_role' else self.object}.{self.name}"
        kind = "seller_view" if self.name == "seller_view" else "answer" if self.name == "answer" else "phase"
        if self.name == "confidence":
            kind = "confidence"
        return {
            "object": self.object,
            "name": self.name,
            "label": texts(f"{key}.label"),
            "type": self.type,
            "help": texts(f"{key}.help"),
            "choices": tuple((value, texts(f"choice.{kind}.{value}")) for value in self.choices),
            "length": self.length,
            "unique": self.unique,
            "by_people": not self.is_written and not self.unique,
        }


_PERSON = (
    ("phase", "choice", 255, SHOWN),
    ("readiness", "number", 3, ()),
    ("confidence", "choice", 255, ("low", "medium", "high")),
    ("why", "long_text", 1000, ()),
    ("next_action", "long_text", 1000, ()),
    ("preferred_channel", "text", 80, ()),
)

FIELDS: tuple[Field, ...] = (
    Field("opportunity", "phase", "choice", choices=SHOWN),
    Field("opportunity", "readiness", "number", 3),
    Field("opportunity", "phase_gap", "text", 255),
    Field("opportunity", "win_chance", "number", 3),
    Field("opportunity", "rank", "text", 80),
    Field("opportunity", "decision_date", "date"),
    Field("opportunity", "slip_risk", "number", 3),
    Field("opportunity", "confidence", "choice", choices=("low", "medium", "high")),
    Field("opportunity", "why", "long_text", 1000),
    Field("opportunity", "changed", "text", 255),
    Field("opportunity", "next_action", "long_text", 1000),
    Field("opportunity", "call_line", "text", 255),
    Field("opportunity", "flags", "text", 255),
    Field("opportunity", "least_ready", "text", 120),
    Field("opportunity", "coverage", "text", 120),
    Field("opportunity", "listening_ratio", "number", 3),
    Field("opportunity", "promises_open", "number", 4),
    Field("opportunity", "promises_overdue", "number", 4),
    Field("opportunity", "updated_at", "datetime"),
    Field("opportunity", "seller_view", "choice", choices=PHASES, is_written=False),
    *(
        Field(object, name, kind, length, choices)
        for object in ("person", "group_role")
        for name, kind, length, choices in _PERSON
    ),
    Field("person", "lead_status", "text", 255),
    Field("task", "key", "text", 255, unique=True, is_written=False),
    Field("task", "answer", "choice", choices=ANSWERS, is_written=False),
)

TYPES = {(field.object, field.name): field.type for field in FIELDS}
