"""A slice of people as arrays: what each had done by their last act, and how long we could have seen them act."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from readiness.engine import MICROSECONDS_PER_DAY
from readiness.kinds import Floats, Ints, Kinds

INSTANT = pa.timestamp("us", "UTC")
NEVER = np.iinfo(np.int64).min
"""In place of an instant that there is none of."""


@dataclass(frozen=True, slots=True)
class Watch:
    """People as they stood at their last act.

    Attributes
    ----------
    then : of shape (n_kinds, n_people), decayed counts just after the last act, not capped.
    captured : of shape (n_views, n_people): the share (0-1) of the acts of each of the kinds' views that the CRM
        would have caught.
    tenure : of shape (n_people,): days watched up to the last act.
    silence : of shape (n_people,): days since it; since the watch began for who never acted.
    last : of shape (n_people,): the last act, in microseconds since 1970, or `NEVER`.
    """

    then: Floats
    captured: Floats
    tenure: Floats
    silence: Floats
    last: Ints

    def of(self, some: Ints) -> Watch:
        """These people alone."""
        return Watch(*(np.take(getattr(self, field.name), some, axis=-1) for field in fields(self)))


def watch(people: pa.Table, acts: pa.Table, kinds: Kinds) -> Watch:
    """Look at people up to their last act.

    A person is watched from joining the group, or from their first act on it where the CRM learnt of them later.

    Parameters
    ----------
    people : place, as_of, joined_at, obs_<channel>; see `evidence.gathered`.
    acts : place, kind_number, weight (0-1), occurred_at; all known at their person's as_of.
    """
    count = people.num_rows
    now, joined = _instants(people, "as_of"), _instants(people, "joined_at")
    whose, when = _rows(people, acts), _instants(acts, "occurred_at")
    first, last = now.copy(), np.full(count, NEVER)
    np.minimum.at(first, whose, when)
    np.maximum.at(last, whose, when)
    start = np.minimum(first, np.where(joined == NEVER, now, joined))
    ended = np.where(last == NEVER, start, last)
    return Watch(
        then=_then(acts, whose, _days(ended[whose] - when), count, kinds),
        captured=np.stack([_captured(people, channels) for channels in kinds.views]),
        tenure=_days(ended - start),
        silence=_days(now - ended),
        last=last,
    )


def instants(microseconds: Ints) -> pa.Array:
    """Timestamps in UTC; null for `NEVER`."""
    return pa.array(microseconds, mask=microseconds == NEVER).cast(INSTANT)


def _then(acts: pa.Table, whose: Ints, days_before: Floats, count: int, kinds: Kinds) -> Floats:
    number = acts["kind_number"].to_numpy().astype(np.int64)
    left = acts["weight"].to_numpy() * np.exp2(-days_before / kinds.half_lives[kinds.fading][number])
    counts = np.bincount(number * count + whose, weights=left, minlength=len(kinds.fading) * count)
    return np.asarray(counts, dtype=np.float64).reshape(len(kinds.fading), count)


def _captured(people: pa.Table, channels: tuple[str, ...]) -> Floats:
    return np.asarray(np.mean([people[f"obs_{channel}"].to_numpy() for channel in channels], axis=0))


def _rows(people: pa.Table, acts: pa.Table) -> Ints:
    """Which row of the people each act belongs to."""
    places = people["place"].to_numpy().astype(np.int64)
    first = places.min(initial=np.iinfo(np.int64).max)
    row_of = np.empty(len(places), dtype=np.int64)
    row_of[places - first] = np.arange(len(places))
    whose: Ints = row_of[acts["place"].to_numpy().astype(np.int64) - first]
    return whose


def _instants(table: pa.Table, name: str) -> Ints:
    microseconds = pc.fill_null(table[name].cast(INSTANT).cast(pa.int64()), NEVER)
    return np.asarray(microseconds.to_numpy(), dtype=np.int64)


def _days(microseconds: Ints) -> Floats:
    return microseconds / MICROSECONDS_PER_DAY
