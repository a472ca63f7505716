"""Values as the org keeps and shows them, and what becomes of those that a client sends.

Source: REST API Developer Guide, Valid Date and DateTime Formats; Object Reference, Field Types; SOAP API Developer
Guide, Core Data Types Used in API Calls › StatusCode for the codes.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from sandbox.salesforce import ids
from sandbox.salesforce.errors import RowError
from sandbox.salesforce.schema import Field

EMAIL = re.compile(r"[^@\s<>(),;:\\\"]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
TEXT_TYPES = {"string", "textarea", "phone", "url", "email", "combobox", "picklist", "encryptedstring"}
_DATETIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?", re.IGNORECASE)


@lru_cache(maxsize=65536)
def stamp(moment: datetime) -> str:
    """A datetime as an answer shows it: to the second, UTC."""
    return f"{moment.astimezone(UTC).isoformat()[:19]}.000+0000"


def exact(moment: datetime) -> str:
    """The same to the millisecond, to compare with."""
    return f"{moment.isoformat()[:19]}.{moment.microsecond // 1000:03d}+0000"


@lru_cache(maxsize=8192)
def day(value: date) -> str:
    return value.isoformat()


def instant(text: str) -> datetime:
    """The datetime that a client wrote, to the millisecond; raises ValueError for anything else."""
    found = _DATETIME.fullmatch(text.strip())
    if found is None:
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    days, clock, fraction, zone = found.groups()
    text = f"{days}T{clock}.{(fraction or '0')[:3]:0<3}"
    if zone in (None, "Z", "z"):
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    return datetime.fromisoformat(text + zone).astimezone(UTC)


def incoming(field: Field, value: Any) -> Any:
    """A value that a client sent for a field, as the org keeps it; raises `RowError` as the org would refuse it."""
    if value is None or value == "":
        return False if field.type == "boolean" else None
    if field.type in TEXT_TYPES or field.type == "multipicklist":
        return _text(field, value)
    if field.type in ("currency", "double", "percent", "int"):
        return _number(field, value)
    if field.type == "boolean":
        return _boolean(field, value)
    if field.type in ("datetime", "date"):
        return _time(field, value)
    if field.type in ("reference", "id"):
        return _reference(field, value)
    return value


def _text(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        if isinstance(value, (dict, list, bool)):
            raise cannot_read(field, value)
        value = str(value)
    text: str = value.rstrip() if field.type == "textarea" else value.strip()
    if field.length and len(text) > field.length:
        shown = text[:255]
        raise RowError(
            "STRING_TOO_LONG",
            f"{field.label}: data value too large: {shown} (max length={field.length})",
            field.name,
        )
    if field.type == "email" and not EMAIL.fullmatch(text):
        raise RowError("INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {text}", field.name)
    if field.restricted:
        for one in text.split(";") if field.type == "multipicklist" else (text,):
            _must_be_choice(field, one)
    return text


def _must_be_choice(field: Field, value: str) -> None:
    if not any(choice.value.lower() == value.lower() and choice.active for choice in field.choices):
        raise RowError(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"{field.label}: bad value for restricted picklist field: {value}",
            field.name,
        )


def _number(field: Field, value: Any) -> float | int:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise cannot_read(field, value) from None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise cannot_read(field, value)
    if field.type == "int":
        return round(value)
    most = 10 ** (field.precision - field.scale) if field.precision else 10**18
    if abs(value) >= most:
        raise RowError(
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"{field.label}: value outside of valid range on numeric field: {value}",
            field.name,
        )
    return round(float(value), field.scale)


def _boolean(field: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).lower()
    if text in ("true", "1", "false", "0"):
        return text in ("true", "1")
    raise cannot_read(field, value)


def _time(field: Field, value: Any) -> str:
    try:
        if not isinstance(value, str):
            raise ValueError(value)
        moment = instant(value)
    except ValueError:
        raise cannot_read(field, value) from None
    return stamp(moment) if field.type == "datetime" else value.strip()[:10]


def _reference(field: Field, value: Any) -> str:
    found = ids.normal(value) if isinstance(value, str) else None
    if found is None:
        raise RowError("MALFORMED_ID", f"{field.label}: id value of incorrect type: {value}", field.name)
    return found


JSON_TYPES = {bool: "VALUE_TRUE", int: "VALUE_NUMBER_INT", float: "VALUE_NUMBER_FLOAT", str: "VALUE_STRING"}
SOAP_TYPES = {
    "currency": "xsd:double", "double": "xsd:double", "percent": "xsd:double", "int": "xsd:int",
    "boolean": "xsd:boolean", "datetime": "xsd:dateTime", "date": "xsd:date", "id": "tns:ID", "reference": "tns:ID",
    "address": "urn:address", "anyType": "xsd:anyType", "complexvalue": "mns:CustomField",
}  # fmt: skip


def cannot_read(field: Field, value: Any) -> RowError:
    """JSON of the wrong type. Salesforce also says where in the text it stood; of a parsed body that is the start."""
    wanted = SOAP_TYPES.get(field.type, "xsd:string")
    token = JSON_TYPES.get(type(value), "START_OBJECT" if isinstance(value, dict) else "START_ARRAY")
    message = f"Cannot deserialize instance of {wanted.split(':')[-1]} from {token} value {value}"
    return RowError("JSON_PARSER_ERROR", f"{message} or request may be missing a required field at [line:1, column:2]")
