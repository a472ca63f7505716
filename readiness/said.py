"""A sentence of the core about its figures, that somebody who reads another language can be told as well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Said:
    """What is said; as text, it is English.

    Attributes
    ----------
    words : in English, with places for the values such as ``{low:.2f}``; under it translations are found.
    values : numbers by place.
    """

    words: str
    values: Mapping[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.words.format_map(self.values)
