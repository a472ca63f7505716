"""The filters of a search: reading a request body, and testing a record against it.

https://developers.hubspot.com/docs/api-reference/search/guide: at most 5 groups of 10 filters, 25 in all; groups are
alternatives, filters of a group hold together; numbers and times compare as numbers, texts without regard to case.
Messages of unreadable filters are those quoted in hubspot-api-nodejs 128 and 226.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.hubspot.errors import Refused, invalid, invalid_json
from sandbox.hubspot.object_types import ObjectType
from sandbox.hubspot.properties import Property
from sandbox.hubspot.state import State
from sandbox.hubspot.store import Record
from sandbox.hubspot.values import as_text, is_number
from sandbox.hubspot.wire import parse_time

MAX_GROUPS, MAX_PER_GROUP, MAX_FILTERS = 5, 10, 25
FILTER_CLASS = "com.hubspot.inbounddb.publicobject.core.v3.search.Filter"
Test = Callable[[Record], bool]
Key = float | str
_TOKEN = re.compile(r"\w+", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition; `values` in the property's own order: numbers for numbers and times, folded text otherwise."""

    property: Property
    operator: str
    values: tuple[Key, ...] = ()
    high: Key | None = None


def parse(state: State, kind: ObjectType, body: Mapping[str, Any]) -> list[list[Filter]]:
    """The filter groups of a search body; raises `Refused` 400 for one that HubSpot would not read."""
    groups = body.get("filterGroups") or ([{"filters": body["filters"]}] if body.get("filters") else [])
    if not isinstance(groups, list):
        raise invalid_json("Cannot deserialize value of type `java.util.ArrayList` from Object value")
    if len(groups) > MAX_GROUPS:
        raise _too_many(f"filterGroups: {len(groups)} groups exceed the maximum of {MAX_GROUPS}")
    lists = [group.get("filters", []) if isinstance(group, Mapping) else [] for group in groups]
    if any(len(filters) > MAX_PER_GROUP for filters in lists):
        raise _too_many(f"filters: a group holds at most {MAX_PER_GROUP} filters")
    if sum(map(len, lists)) > MAX_FILTERS:
        raise _too_many(f"filters: {sum(map(len, lists))} filters exceed the maximum of {MAX_FILTERS}")
    return [[_filter(state, kind, entry) for entry in filters] for filters in lists if filters]


def matcher(state: State, kind: ObjectType, groups: Sequence[Sequence[Filter]]) -> Test:
    """A test for records: any group, all of its filters; no group lets all through."""
    tests = [[_test(state, kind, filter) for filter in group] for group in groups]
    if not tests:
        return lambda record: True
    if len(tests) == 1:
        only = tests[0]
        return lambda record: all(test(record) for test in only)
    return lambda record: any(all(test(record) for test in group) for group in tests)


def text_matcher(state: State, kind: ObjectType, query: str) -> Test:
    """A test for a free-text `query`: each of its words begins a word of the searched properties."""
    words = [word.lower() for word in _TOKEN.findall(query)]
    readers = [state.reader(kind, name) for name in kind.searched]

    def matches(record: Record) -> bool:
        tokens = [token.lower() for read in readers for token in _TOKEN.findall(read(record) or "")]
        return all(any(token.startswith(word) for token in tokens) for word in words)

    return matches


def key_of(definition: Property, text: str) -> Key | None:
    """A value in the form in which it compares; None when it can't be read as the property's type."""
    if definition.type in ("datetime", "date"):
        ms = parse_time(text)
        return None if ms is None else float(ms)
    if definition.type == "number":
        return float(text) if is_number(text) else None
    return text.lower()


def _filter(state: State, kind: ObjectType, entry: Any) -> Filter:
    if not isinstance(entry, Mapping) or not entry.get("propertyName") or not entry.get("operator"):
        raise invalid_json("Cannot build Filter, some of required attributes are not set [propertyName, operator]")
    name, operator = str(entry["propertyName"]), str(entry["operator"])
    if operator not in _TESTS:
        listed = ", ".join(sorted(_TESTS))
        raise invalid_json(f'Enum type must be one of: [{listed}], but was "{operator}"')
    definition = state.definition(kind, name)
    if definition is None:
        raise invalid(
            "There was a problem with the request.",
            errors=[{"message": f'Property "{name}" does not exist', "code": "PROPERTY_DOESNT_EXIST"}],
        )
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        return Filter(definition, operator)
    if operator in ("IN", "NOT_IN"):
        return Filter(definition, operator, tuple(_key(definition, value) for value in _many(entry, operator)))
    if entry.get("value") is None:
        raise _bad_filter(f"operator {operator} requires a value")
    high = None
    if operator == "BETWEEN":
        if entry.get("highValue") is None:
            raise _bad_filter("operator BETWEEN requires a highValue")
        high = _key(definition, entry["highValue"])
    if operator.endswith("CONTAINS_TOKEN"):
        return Filter(definition, operator, (as_text(entry["value"]).lower(),))
    return Filter(definition, operator, (_key(definition, entry["value"]),), high)


def _many(entry: Mapping[str, Any], operator: str) -> list[Any]:
    values = entry.get("values")
    if not isinstance(values, list) or not values:
        raise _bad_filter(f"operator {operator} requires values")
    return values


def _key(definition: Property, value: Any) -> Key:
    key = key_of(definition, as_text(value))
    if key is None:
        raise invalid(f"Invalid value for property {definition.name}: {as_text(value)}")
    return key


def _test(state: State, kind: ObjectType, filter: Filter) -> Test:
    """The test of one filter; times that the record itself carries are compared without spelling them out."""
    compare = _TESTS[filter.operator]
    name = filter.property.name
    if name in (kind.modified, "hs_lastmodifieddate"):
        return lambda record: compare(filter, float(record.updated))
    if name in (kind.created, "hs_createdate"):
        return lambda record: compare(filter, float(record.created))
    if name == "hs_object_id":
        return lambda record: compare(filter, float(record.id))
    read, definition = state.reader(kind, name), filter.property

    def test(record: Record) -> bool:
        text = read(record)
        return compare(filter, key_of(definition, text) if text else None)

    return test


def _parts(asked: Filter, key: Key) -> Sequence[Key]:
    """Multiple checkboxes match by each of their values."""
    return key.split(";") if asked.property.field_type == "checkbox" and isinstance(key, str) else (key,)


def _in(asked: Filter, key: Key | None) -> bool:
    return key is not None and any(part in asked.values for part in _parts(asked, key))


def _contains(asked: Filter, key: Key | None) -> bool:
    """CONTAINS_TOKEN: the words of the filter stand in the text as words; `*` stands for any run of letters."""
    if key is None:
        return False
    text, wanted = str(key), str(asked.values[0])
    pattern = r"\w*".join(re.escape(piece) for piece in wanted.split("*"))
    return re.search(rf"(?<!\w){pattern}(?!\w)", text) is not None


def _than(compare: Callable[[Any, Any], bool]) -> Callable[[Filter, Key | None], bool]:
    return lambda asked, key: key is not None and compare(key, asked.values[0])


def _between(asked: Filter, key: Key | None) -> bool:
    return key is not None and asked.values[0] <= key <= asked.high  # type: ignore[operator]


_TESTS: dict[str, Callable[[Filter, Key | None], bool]] = {
    "EQ": _in,
    "NEQ": lambda asked, key: key is not None and not _in(asked, key),
    "LT": _than(lambda key, value: key < value),
    "LTE": _than(lambda key, value: key <= value),
    "GT": _than(lambda key, value: key > value),
    "GTE": _than(lambda key, value: key >= value),
    "BETWEEN": _between,
    "IN": _in,
    "NOT_IN": lambda asked, key: key is not None and not _in(asked, key),
    "HAS_PROPERTY": lambda asked, key: key is not None,
    "NOT_HAS_PROPERTY": lambda asked, key: key is None,
    "CONTAINS_TOKEN": _contains,
    "NOT_CONTAINS_TOKEN": lambda asked, key: not _contains(asked, key),
}


def _too_many(what: str) -> Refused:
    return invalid(f"There was a problem with the request. {what}")


def _bad_filter(problem: str) -> Refused:
    return invalid_json(f"Cannot construct instance of `{FILTER_CLASS}`, problem: {problem}")
