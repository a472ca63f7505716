"""The seven phases, their four bands, and how they stand in the CRM's picklists."""

from __future__ import annotations

import narwhals as nw

from readiness.schema import COUNT
from transforms.frames import folded, nothing

PHASES = ("unaware", "aware", "knowledge", "liking", "preference", "conviction", "commitment")
BANDS = ("not_yet", "exploring", "preferring", "ready")
BAND_OF_PHASE = (0, 0, 1, 1, 2, 3, 3)
MIDDLE_OF_BAND = {"not_yet": 1, "exploring": 3, "preferring": 4, "ready": 5}
"""The phase that stands for a band where only the band was shown."""


def phase_number(value: nw.Expr) -> nw.Expr:
    """0-6 of a picklist value of "phase as I see it"; null for any other text."""
    return folded(value).replace_strict(
        {key: k for k, key in enumerate(PHASES)}, default=nothing(COUNT), return_dtype=COUNT
    )


def shown_number(value: nw.Expr) -> nw.Expr:
    """0-6 standing for the band that our phase field shows; null where it shows none."""
    return folded(value).replace_strict(MIDDLE_OF_BAND, default=nothing(COUNT), return_dtype=COUNT)


def band(phase: int) -> str:
    return BANDS[BAND_OF_PHASE[phase]]
