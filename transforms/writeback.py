"""What is to be written: only values that differ from what the CRM holds, compared in one normal form."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from transforms.fields import TYPES

RIDES_ALONG = "updated_at"
"""Says when the other fields were last written; it is no reason to write."""


def changed(desired: nw.LazyFrame[Any], held: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The values to write: object, record_id, field, old, new.

    Parameters
    ----------
    desired : object, record_id, field, value: what should stand there, null for nothing.
    held : the same columns: what the CRM has; a field that is not in it is empty there.

    `updated_at` comes only with another change of the same record.
    """
    key = ["object", "record_id", "field"]
    now = held.select(*key, old=_compared("value"))
    differing = (
        desired.select(*key, new=_compared("value"))
        .join(now, on=key, how="left")
        .filter(
            (nw.col("old") != nw.col("new")).fill_null(False) | (nw.col("old").is_null() != nw.col("new").is_null())
        )
        .select(*key, "old", "new")
    )
    substance = differing.filter(nw.col("field") != RIDES_ALONG).select("object", "record_id").unique()
    return differing.join(substance, on=["object", "record_id"], how="semi")


def _compared(column: str) -> nw.Expr:
    """A value in one form, whichever way a CRM writes it: "60.0" is 60, "" is nothing, a day is ISO 8601."""
    text = nw.col(column).str.strip_chars().str.replace_all("\r\n", "\n")
    given = nw.when(text != "").then(text)
    shown: nw.Expr = given
    for kind, form in (("number", _plain_number), ("date", _plain_day), ("datetime", _plain_instant)):
        is_kind = _is_of(kind)
        shown = nw.when(is_kind).then(form(given)).otherwise(shown)
    return shown


def _is_of(kind: str) -> nw.Expr:
    names = sorted({name for (_, name), type_ in TYPES.items() if type_ == kind})
    return nw.col("field").is_in(names)


def _plain_number(text: nw.Expr) -> nw.Expr:
    whole = text.str.contains(r"^[+-]?\d+\.0*$")
    return nw.when(whole).then(text.str.replace_all(r"\.0*$", "")).otherwise(text)


def _plain_day(text: nw.Expr) -> nw.Expr:
    return text.str.slice(0, 10)


def _plain_instant(text: nw.Expr) -> nw.Expr:
    iso = text.str.contains(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d")
    parts = nw.concat_str([text.str.slice(0, 10), nw.lit("T"), text.str.slice(11, 8), nw.lit("Z")])
    return nw.when(iso).then(parts).otherwise(text)
