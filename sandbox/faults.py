"""What may be made to go wrong: faults asked for through the control plane, each taken a number of times.

A fault is posted as JSON::

    {"kind": "server_error", "match": {"method": "PATCH", "path": "composite/sobjects"}, "times": 2, "status": 503}

`match` holds regular expressions, searched in what is known of the request (`method`, `path`, `query`) and in what a
handler adds when it asks (`object`, `id`, `property`, …). `times` says how often it strikes: 1 if left out, null until
it is cleared. `after` lets so many matching ones pass first, which is how a fault lands on the third page. All other
keys are the fault's own parameters.

The server handles the kinds of `TRANSPORT`. The kinds of `RECORD` are asked for by the two CRMs themselves, through
`request.app.state.faults`: `take` uses one up, `active` only looks.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

REQUEST: ContextVar[dict[str, str]] = ContextVar("the request being answered", default={})  # noqa: B039
"""`method`, `path` and `query` of the request in hand, set by the server; `take` and `active` add it to what they are
told."""

TRANSPORT = {
    "rate_limit": "429; `retry_after`: seconds or an HTTP date, left out if absent",
    "server_error": "`status` 500, 502, 503 (default) or 504, nothing carried out",
    "reset": "the connection is reset before the request is carried out",
    "lost_answer": "the request is carried out, the connection is reset before the answer",
    "reset_mid_body": "the connection is reset after half of the answer",
    "slow": "the answer begins after `seconds` (default 5)",
    "slow_loris": "the answer drips in over `seconds` (default 5)",
    "truncated": "the answer is well-formed HTTP with the second half of its body missing",
    "permission_lost": "the user may not do this any more",
    "refused": "`status` (default 400) with `code` and `message`, nothing carried out",
    "not_found": "the address does not exist: how an API version that has ended answers",
}
HELD = {
    "timestamp_ties": "the clock stands still until cleared: all that is written gets one timestamp",
    "daily_limit": "`remaining` (default 0) calls are left of the day's quota, of `crm` or of both, until cleared; "
    "with `match`: the quota is found used up by these requests",
}
RECORD = {
    "expired_token": "the token of this request has expired and stays so until a new one is asked for",
    "row_lock": "UNABLE_TO_LOCK_ROW for a row (`object`, `id`)",
    "partial_failure": "a row of a batch is refused (`object`, `id`), with `code` and `message` if given",
    "duplicate_rule": "a create or update is taken for a duplicate",
    "required_field": "a validation asks for another `field`",
    "restricted_picklist": "a picklist refuses the value (`field`)",
    "hidden_field": "the user may not see or write `field` of `object`",
    "load_stopped": "a bulk load fails after `rows` (default 0) of its records and leaves the rest unprocessed",
    "search_lag": "the search index is `seconds` (default 10) behind the records",
}
TOLD = {
    "clock_skew": "the Date header is `seconds` (default 120, may be negative) away from the clock",
}
KINDS = {**TRANSPORT, **HELD, **RECORD, **TOLD}
UNTIL_CLEARED = {"search_lag", "hidden_field", "clock_skew"}


class FaultError(ValueError):
    """The posted fault can't be understood; the message says why."""


@dataclass(slots=True)
class Fault:
    """One fault that was asked for, and how often it may still strike (None: until it is cleared)."""

    kind: str
    match: dict[str, re.Pattern[str]] = field(default_factory=dict)
    times: int | None = 1
    after: int = 0
    parameters: dict[str, Any] = field(default_factory=dict)

    def concerns(self, about: dict[str, str]) -> bool:
        return all(pattern.search(about.get(key, "")) for key, pattern in self.match.items())

    def get(self, parameter: str, default: Any = None) -> Any:
        return self.parameters.get(parameter, default)

    def shown(self) -> dict[str, Any]:
        match = {key: pattern.pattern for key, pattern in self.match.items()}
        return {"kind": self.kind, "match": match, "times": self.times, "after": self.after, **self.parameters}


def parse(posted: Any) -> Fault:
    """Read a posted fault; raises `FaultError` for an unknown kind, a broken expression or a bad count."""
    if not isinstance(posted, dict) or posted.get("kind") not in KINDS:
        raise FaultError(f"`kind` must be one of: {', '.join(KINDS)}")
    rest = {key: value for key, value in posted.items() if key not in ("kind", "match", "times", "after")}
    kind, match = posted["kind"], posted.get("match") or {}
    times = posted.get("times", None if kind in UNTIL_CLEARED else 1)
    after = posted.get("after", 0)
    if not (times is None or isinstance(times, int)) or not isinstance(after, int):
        raise FaultError("`times` and `after` must be whole numbers")
    if rest.get("crm") not in (None, "salesforce", "hubspot"):
        raise FaultError("`crm` must be salesforce or hubspot")
    for key in ("seconds", "remaining", "status"):
        if not isinstance(rest.get(key, 0), (int, float)):
            raise FaultError(f"`{key}` must be a number")
    if not isinstance(match, dict):
        raise FaultError("`match` must be an object of regular expressions")
    try:
        patterns = {key: re.compile(str(value)) for key, value in match.items()}
    except re.error as error:
        raise FaultError(f"`match`: {error}") from None
    return Fault(kind, patterns, times, after, rest)


class Faults:
    """The faults that are waiting, in the order in which they were asked for."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self.waiting.append(fault)

    def clear(self) -> None:
        self.waiting.clear()

    def take(self, kind: str, **about: object) -> Fault | None:
        """The first waiting fault of this kind that concerns the request and `about`, used up by one; else None."""
        return self._take((kind,), about)

    def active(self, kind: str, **about: object) -> Fault | None:
        """The same without using it up."""
        known = _known(about)
        return next((fault for fault in self.waiting if fault.kind == kind and fault.concerns(known)), None)

    def take_transport(self) -> Fault | None:
        """The first waiting fault that the server itself handles and that concerns the request in hand."""
        return self._take((*TRANSPORT, "daily_limit"), {})

    def _take(self, kinds: tuple[str, ...], about: dict[str, object]) -> Fault | None:
        if not self.waiting:
            return None
        known = _known(about)
        for fault in self.waiting:
            if fault.kind not in kinds or not fault.concerns(known):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self.waiting.remove(fault)
            return fault
        return None


def _known(about: dict[str, object]) -> dict[str, str]:
    return {**REQUEST.get(), **{key: str(value) for key, value in about.items()}}
