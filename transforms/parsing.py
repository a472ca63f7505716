"""Text to types, strictly: what is not a number, a date or an instant is never guessed at, but reported."""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw

from readiness.engine import Keep
from readiness.schema import COUNT, DAY, FLAG, NUMBER, TEXT, TEXTS, TIME, Column, Table
from transforms.frames import Raw, col, no_rows, nothing, stacked

REJECTED = Table(
    "rejected",
    ("stream", "key", "column"),
    (
        Column("stream", TEXT, "raw stream"),
        Column("key", TEXT, "the record's key"),
        Column("column", TEXT, "its field"),
        Column("value", TEXT, "what stood there, at most 80 characters"),
        Column("reason", TEXT, "what was expected, and what was done"),
    ),
)

_DATE = (
    r"([1-9]\d{3}-(0[13578]|1[02])-(0[1-9]|[12]\d|3[01])|[1-9]\d{3}-(0[469]|11)-(0[1-9]|[12]\d|30)"
    r"|[1-9]\d{3}-02-(0[1-9]|1\d|2[0-8])"
    r"|([1-9]\d(0[48]|[2468][048]|[13579][26])|([2468][048]|[13579][26])00)-02-29)"
)
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d"
_ZONE = r"[+-](0\d|1[0-4])(:?[0-5]\d)?"
INSTANT = rf"^{_DATE}([T ]{_CLOCK}(:[0-5]\d([.,]\d+)?)?(Z|{_ZONE})?)?$"
CALENDAR_DAY = rf"^{_DATE}([T ].*)?$"
DECIMAL = r"^[+-]?(\d{1,30}(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?$"
WHOLE = r"^[+-]?\d{1,15}(\.0*)?$"
TRUTH = r"(?i)^(true|false|1|0)$"
LIST = r'^\[[^\[\]{}]*\]$'

SHAPES: dict[str, tuple[str, str]] = {
    "time": (INSTANT, "an instant such as 2026-11-12T09:30:00Z"),
    "day": (CALENDAR_DAY, "a date such as 2026-11-12"),
    "number": (DECIMAL, "a number such as 1500.0"),
    "count": (WHOLE, "a whole number"),
    "flag": (TRUTH, "true or false"),
    "list": (LIST, 'a JSON list of texts such as ["question"]'),
}


def instant(text: nw.Expr) -> nw.Expr:
    """ISO 8601 text that matches INSTANT -> UTC instant, cut to the second; no offset means UTC."""
    seconds = nw.when(text.str.contains(r"^.{13}:\d\d:\d\d")).then(text.str.slice(11, 8))
    minutes = nw.when(text.str.contains(r"^.{13}:\d\d")).then(nw.concat_str([text.str.slice(11, 5), nw.lit(":00")]))
    clock = seconds.otherwise(minutes.otherwise(nw.lit("00:00:00")))
    long_zone = nw.when(text.str.contains(r"^.{16}.*[+-]\d\d:?\d\d$")).then(
        nw.concat_str([text.str.replace_all(":", "").str.tail(5)])
    )
    short_zone = nw.when(text.str.contains(r"^.{16}.*[+-]\d\d$")).then(nw.concat_str([text.str.tail(3), nw.lit("00")]))
    zone = long_zone.otherwise(short_zone.otherwise(nw.lit("+0000")))
    full = nw.concat_str([text.str.slice(0, 10), nw.lit("T"), clock, zone])
    return full.str.to_datetime(format="%Y-%m-%dT%H:%M:%S%z").cast(TIME)


def texts(value: nw.Expr) -> nw.Expr:
    """A JSON list of plain texts -> list; null where there is none or it is empty."""
    bare = value.str.replace_all(r'^\[\s*"?|"?\s*\]$', "").str.replace_all(r'"?\s*,\s*"?', ",")
    return nw.when(bare != "").then(bare.str.split(",")).cast(TEXTS)


def _parsed(kind: str, text: nw.Expr) -> nw.Expr:
    match kind:
        case "time":
            return instant(text)
        case "day":
            return text.str.slice(0, 10).str.to_date(format="%Y-%m-%d").cast(DAY)
        case "number":
            return text.cast(NUMBER)
        case "count":
            return text.cast(NUMBER).cast(COUNT)
        case "flag":
            return text.str.to_lowercase().is_in(["true", "1"]).cast(FLAG)
        case _:
            return text


@dataclass(frozen=True, slots=True)
class Stream:
    """One raw stream as transforms reads it: field names by type, space-separated; `!` marks what a row can't do without.

    Attributes
    ----------
    source : the CRM's name of the object, for the mapping document and for messages.
    key : the fields that identify a row.
    as_written : times whose own text is wanted too, as `<field>_text`: it orders what happened within one second.
    """

    name: str
    source: str
    key: str = "Id"
    text: str = ""
    number: str = ""
    count: str = ""
    time: str = ""
    day: str = ""
    flag: str = ""
    list: str = ""
    as_written: str = ""

    def kinds(self) -> dict[str, str]:
        """Field -> its type, in the order of reading."""
        return {
            name.rstrip("!"): kind
            for kind in ("text", "number", "count", "time", "day", "flag", "list")
            for name in getattr(self, kind).split()
        }

    def required(self) -> tuple[str, ...]:
        marked = [n[:-1] for kind in ("text", *SHAPES) for n in getattr(self, kind).split() if n.endswith("!")]
        return (*self.key.split(), *marked)


class Reader:
    """Reads raw streams once each, and remembers what it had to reject."""

    def __init__(self, raw: Raw, keep: Keep) -> None:
        self.raw = raw
        self.keep = keep
        self.rejected: list[nw.LazyFrame] = []
        self._read: dict[str, nw.LazyFrame] = {}
        self._engine = next(iter(raw.values()))

    def __call__(self, stream: Stream, extra: tuple[str, ...] = ()) -> nw.LazyFrame:
        """The typed rows of a stream that still exist; a field or a stream that is absent reads as empty.

        `extra` names further text fields. Rows without a key or without a required value are left out; any
        other broken value reads as empty. Both are reported in `rejected_rows`.
        """
        if stream.name not in self._read:
            self._read[stream.name] = self._typed(stream, extra)
        return self._read[stream.name]

    def rejected_rows(self) -> nw.LazyFrame:
        """One row per broken value (`REJECTED`)."""
        if not self.rejected:
            return no_rows(self._engine, REJECTED.dtypes)
        return stacked(self.rejected)

    def _typed(self, stream: Stream, extra: tuple[str, ...]) -> nw.LazyFrame:
        kinds = stream.kinds() | dict.fromkeys(extra, "text")
        rows = self._present(stream, kinds)
        key = nw.concat_str([col(name) for name in stream.key.split()], separator=" ", ignore_nulls=True)
        required = stream.required()
        good: dict[str, nw.Expr] = {}
        for name, kind in kinds.items():
            if kind == "text":
                good[name] = col(name)
                continue
            shape, expected = SHAPES[kind]
            broken = ~col(name).str.contains(shape)
            good[name] = _parsed(kind, nw.when(~broken).then(col(name)))
            if name in stream.as_written.split():
                good[f"{name}_text"] = col(name)
            done = "the row was left out" if name in required else "it was read as empty"
            self._reject(stream, rows.filter(broken), key, name, f"expected {expected}; {done}")
        for name in required:
            self._reject(stream, rows.filter(col(name).is_null()), key, name, "it is empty; the row was left out")
        typed = rows.select(*(expr.alias(name) for name, expr in good.items()))
        for name in required:
            typed = typed.filter(~col(name).is_null())
        return self.keep(f"read_{stream.name}", typed)

    def _reject(self, stream: Stream, rows: nw.LazyFrame, key: nw.Expr, name: str, reason: str) -> None:
        self.rejected.append(
            rows.select(
                nw.lit(stream.name).alias("stream"),
                key.alias("key"),
                nw.lit(name).alias("column"),
                col(name).str.slice(0, 80).alias("value"),
                nw.lit(reason).alias("reason"),
            )
        )

    def _present(self, stream: Stream, kinds: dict[str, str]) -> nw.LazyFrame:
        frame = self.raw.get(stream.name)
        if frame is None:
            return no_rows(self._engine, dict.fromkeys(kinds, TEXT))
        there = frame.collect_schema().names()
        if "_deleted" in there:
            frame = frame.filter(~col("_deleted").fill_null(False))
        for gone in ("IsDeleted", "archived"):
            if gone in there and gone not in kinds:
                frame = frame.filter(~(col(gone).fill_null("false").str.to_lowercase() == "true"))
        return frame.select(*((col(n) if n in there else nothing()).cast(TEXT).alias(n) for n in kinds))


