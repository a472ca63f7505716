"""Row faults that the control plane asks for, in HubSpot's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.hubspot.errors import Refused, conflict, invalid, invalid_properties, refused

if TYPE_CHECKING:
    from sandbox.faults import Faults
    from sandbox.hubspot.object_types import ObjectType
    from sandbox.hubspot.state import State


def strike(state: State, kind: ObjectType, id: int | None) -> None:
    """Raise what a waiting fault has in store for this row, if any."""
    problem = row_problem(state.faults, kind, id)
    if problem:
        raise problem


def row_problem(faults: Faults | None, kind: ObjectType, id: int | None) -> Refused | None:
    """The refusal of one row of a write."""
    if faults is None or not faults.waiting:
        return None
    about = {"object": kind.plural, "id": id or ""}
    if fault := faults.take("row_lock", **about):
        return refused(423, "The resource is locked. Please wait and try again.", category="LOCKED")
    if fault := faults.take("duplicate_rule", **about):
        return conflict(f"{kind.label} already exists. Existing ID: {fault.get('existing', 1)}")
    if fault := faults.take("required_field", **about):
        name = fault.get("field", "dealname")
        return invalid_properties([(name, "REQUIRED_FIELD", f"{name} is required.")])
    if fault := faults.take("restricted_picklist", **about):
        name = fault.get("field", "br_phase")
        return invalid_properties(
            [(name, "INVALID_OPTION", f"The value of {name} was not one of the allowed options: []")]
        )
    if fault := faults.take("partial_failure", **about):
        return invalid(fault.get("message", "Property values were not valid"))
    return None


def is_hidden(faults: Faults, plural: str, name: str) -> bool:
    """Whether a waiting fault hides this property from the app; it may name it in `match` or beside it."""
    about = {"object": plural, "field": name}
    return any(
        fault.kind == "hidden_field"
        and fault.concerns(about)
        and fault.get("field", name) == name
        and fault.get("object", plural) == plural
        for fault in faults.waiting
    )
