"""The strictness that every part of readiness.yaml shares."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError


def meant(word: str, candidates: list[str]) -> str:
    """` (did you mean "x"?)` where one of the candidates is near, else a list of what there is."""
    near = get_close_matches(word, candidates, n=1, cutoff=0.6)
    if near:
        return f' (did you mean "{near[0]}"?)'
    return f" (there is: {', '.join(candidates)})" if candidates else ""


class Strict(BaseModel):
    """A part of the config: no unknown keys, no silent conversion of types, unchangeable once read."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys_only(cls, data: Any) -> Any:
        unknown = [key for key in data if key not in cls.model_fields] if isinstance(data, dict) else []
        if unknown:
            text = f"unknown key{meant(unknown[0], list(cls.model_fields))}"
            raise PydanticCustomError("unknown_key", "{text}", {"key": unknown[0], "text": text})
        return data
