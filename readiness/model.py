"""Everything the scoring core believes, as one immutable value with a human-readable file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

import yaml
from pydantic import ConfigDict, TypeAdapter, ValidationError

from readiness.forecast import parameters
from readiness.forecast.parameters import Parameters

CHANNELS = ("mail", "call", "meeting", "web")
_STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)


class ModelError(ValueError):
    """A model file that cannot be used; the message names the file, the place in it and what is wrong."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One mental state: its key, its label per language, the band it is shown in, its prior share (0-1)."""

    key: str
    label: Mapping[str, str]
    band: str
    prior: float
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class Signal:
    """What an act of one kind says.

    Attributes
    ----------
    rates : acts a week in each phase, each above 0.
    half_life : days in which an act loses half its weight.
    cap : the decayed count stops here.
    seen_in : the channels (`CHANNELS`) through which the CRM would have caught it; more than one are averaged.
    """

    rates: tuple[float, ...]
    half_life: float
    cap: float
    seen_in: tuple[str, ...]
    __pydantic_config__ = _STRICT

    def __post_init__(self) -> None:
        if min(self.rates, default=0) <= 0:
            raise ValueError("every rate must be above 0")
        if self.half_life <= 0 or self.cap <= 0:
            raise ValueError("half_life and cap must be above 0")
        if not self.seen_in or set(self.seen_in) - set(CHANNELS):
            raise ValueError(f"seen_in must name one or more of {', '.join(CHANNELS)}")


@dataclass(frozen=True, slots=True)
class ExpectedSeats:
    """People expected in a group: `default`, until `min_deals` comparable deals were won."""

    default: float
    min_deals: int
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where a number becomes a word; see the packaged prior."""

    unseen_below: float
    silent_after_days: float
    medium_from: float
    high_from: float
    coverage_scale: float
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a fitted model comes from.

    Attributes
    ----------
    parent : version of the model that was in use. data_from, data_to : first and last day of what it learnt from.
    figures : measured on that data. refused : why its forecast wasn't promoted, in words; empty where it was.
    labels : what the sellers' labels taught, in words.
    """

    parent: str
    data_from: date | None
    data_to: date | None
    figures: Mapping[str, float | int | str | None] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    labels: str = ""
    __pydantic_config__ = _STRICT


@dataclass(frozen=True)
class Model:
    """The scoring model of one tenant.

    Attributes
    ----------
    version : its name; `prior-…` for the expert's.
    phases : ordered, at least three. `signals` : by kind. `seats` : weight by seat, with one for "unknown".
    temper, loquacity : η and a of the posterior, both above 0.
    forecast : parameters of the landmarked competing risks.
    origin : null for the expert prior.
    """

    version: str
    bands: Mapping[str, Mapping[str, str]]
    phases: tuple[Phase, ...]
    temper: float
    loquacity: float
    signals: Mapping[str, Signal]
    seats: Mapping[str, float]
    expected_seats: ExpectedSeats
    stage_min_deals: int
    thresholds: Thresholds
    forecast: Parameters
    origin: Origin | None = None
    __pydantic_config__ = _STRICT

    def __post_init__(self) -> None:
        if len(self.phases) < 3:
            raise ValueError("phases: at least three are needed")
        if min(phase.prior for phase in self.phases) <= 0 or not math.isclose(sum(self.prior), 1, abs_tol=1e-6):
            raise ValueError("phases: every prior must be above 0, and together they must be 1")
        for phase in self.phases:
            if phase.band not in self.bands:
                raise ValueError(f"phases › {phase.key}: no band {phase.band!r} among {', '.join(self.bands)}")
        if not self.signals:
            raise ValueError("signals: at least one kind is needed")
        for kind, signal in self.signals.items():
            if len(signal.rates) != len(self.phases):
                raise ValueError(f"signals › {kind}: {len(signal.rates)} rates for {len(self.phases)} phases")
        if "unknown" not in self.seats or min(self.seats.values()) <= 0:
            raise ValueError('seats: every weight must be above 0, and "unknown" must have one')
        if self.temper <= 0 or self.loquacity <= 0:
            raise ValueError("temper and loquacity must be above 0")

    @cached_property
    def prior(self) -> tuple[float, ...]:
        return tuple(phase.prior for phase in self.phases)

    @property
    def top(self) -> int:
        """The last phase; readiness counts the steps up to it."""
        return len(self.phases) - 1

    @cached_property
    def prior_tails(self) -> tuple[float, ...]:
        """P(Z >= m) under the prior, for m = 1 … top."""
        return tuple(sum(self.prior[m:]) for m in range(1, self.top + 1))

    @cached_property
    def prior_phase(self) -> int:
        """The prior's median phase."""
        return sum(tail >= 0.5 for tail in self.prior_tails)

    def to_yaml(self) -> str:
        """The whole model as text that a person can read; `from_yaml` gives it back unchanged."""
        plain = _MODEL.dump_python(self, mode="json") | {"forecast": self.forecast.as_dict()}
        return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, default_flow_style=None, width=120)


def from_yaml(text: str, source: str) -> Model:
    """Read a model; without a `forecast` it gets the expert's.

    Parameters
    ----------
    source : where the text comes from, for messages.

    Raises
    ------
    ModelError
        If the text is no YAML mapping, or a value is missing, unknown or impossible.
    """
    try:
        plain = yaml.safe_load(text)
        if not isinstance(plain, dict):
            raise ModelError(f"{source}: this is no model: a mapping with version, phases, signals … is expected")
        held = plain.get("forecast")
        beliefs = parameters.load_prior() if held is None else Parameters.from_dict(held)
        return _MODEL.validate_python(plain | {"forecast": beliefs})
    except yaml.YAMLError as error:
        raise ModelError(f"{source}: not readable as YAML: {error}") from error
    except ValidationError as error:
        faults = "; ".join(f"{' › '.join(map(str, e['loc'])) or 'model'}: {e['msg']}" for e in error.errors())
        raise ModelError(f"{source}: {faults}") from error
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(f"{source}: forecast: {error}") from error


def load_prior() -> Model:
    """The expert prior that is packaged with the product."""
    path = Path(__file__).with_name("prior.yaml")
    return from_yaml(path.read_text(encoding="utf-8"), path.name)


_MODEL = TypeAdapter(Model)
