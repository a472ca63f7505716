"""Faults asked for through the control plane that strike single records, in the words of the real org.

Source: SOAP API Developer Guide, Core Data Types Used in API Calls › StatusCode.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sandbox.salesforce.errors import RowError
from sandbox.salesforce.schema import Schema


class Fault(Protocol):
    kind: str

    def concerns(self, about: dict[str, str]) -> bool: ...

    def get(self, parameter: str, default: Any = None) -> Any: ...


class Faults(Protocol):
    """The waiting faults, as the server keeps them."""

    @property
    def waiting(self) -> Sequence[Fault]: ...

    def take(self, kind: str, **about: object) -> Fault | None: ...


class RowFaults:
    """Asks for the faults of a record about to be written; without a server there are none."""

    def __init__(self, faults: Faults | None) -> None:
        self._faults = faults

    def hidden(self, schema: Schema) -> frozenset[tuple[str, str]]:
        """(object, field) pairs, lower case, that `hidden_field` faults take away, by `match` or by parameters."""
        waiting = [] if self._faults is None else [one for one in self._faults.waiting if one.kind == "hidden_field"]
        return frozenset(
            (sobject.name.lower(), name)
            for fault in waiting
            for sobject in schema
            for name, field in sobject.fields.items()
            if fault.concerns({"object": sobject.name, "field": field.name})
            and fault.get("object", sobject.name) == sobject.name
            and fault.get("field", field.name) == field.name
        )

    def load_stops_at(self, sobject: str) -> int | None:
        """After how many records a bulk load of this object comes to its end; None: after all."""
        fault = None if self._faults is None else self._faults.take("load_stopped", object=sobject)
        return None if fault is None else int(fault.get("rows", 0))

    def expired(self) -> bool:
        return self._faults is not None and self._faults.take("expired_token") is not None

    def strike(self, sobject: str, record_id: str, values: Mapping[str, Any] | None) -> None:
        """Raise the `RowError` of the first fault that is waiting for this record; `values` None: it is deleted."""
        if self._faults is None:
            return
        for kind, refusal in REFUSALS.items() if values is not None else DELETING.items():
            fault = self._faults.take(kind, object=sobject, id=record_id, fields=",".join(values or ()))
            if fault is not None:
                raise refusal(fault, record_id)


def _row_lock(fault: Fault, record_id: str) -> RowError:
    shown = record_id or "unknown (see Salesforce Support)"
    return RowError("UNABLE_TO_LOCK_ROW", f"unable to obtain exclusive access to this record or 1 records: {shown}")


def _partial_failure(fault: Fault, record_id: str) -> RowError:
    code = fault.get("code", "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    return RowError(code, fault.get("message", "This record can't be saved right now"))


def _duplicate(fault: Fault, record_id: str) -> RowError:
    return RowError("DUPLICATES_DETECTED", "Use one of these records?")


def _required(fault: Fault, record_id: str) -> RowError:
    field = str(fault.get("field", "Name"))
    return RowError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{field}]", field)


def _picklist(fault: Fault, record_id: str) -> RowError:
    field = str(fault.get("field", "Status"))
    message = f"{field}: bad value for restricted picklist field: {fault.get('value', 'unknown')}"
    return RowError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, field)


REFUSALS = {
    "row_lock": _row_lock,
    "partial_failure": _partial_failure,
    "duplicate_rule": _duplicate,
    "required_field": _required,
    "restricted_picklist": _picklist,
}
DELETING = {kind: REFUSALS[kind] for kind in ("row_lock", "partial_failure")}
