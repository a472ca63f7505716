"""Text to types, strictly: what is not a number, a date or an instant is never guessed at, but reported."""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw

from readiness.engine import Keep
from readiness.schema import COUNT, DAY, FLAG, NUMBER, TEXT, TEXTS, TIME, Column, Table
from transforms.frames import Raw, col, folded, no_rows, nothing, stacked

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
USUAL = r"^.{10}T.{8}(\.\d+)?(Z|\+00:?00)$"
"""Of an instant: to the second or finer, in UTC."""
CALENDAR_DAY = rf"^{_DATE}([T ].*)?$"
DECIMAL = r"^[+-]?(\d{1,30}(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?$"
WHOLE = r"^[+-]?\d{1,15}(\.0*)?$"
TRUTH = r"(?i)^(true|false|1|0)$"
LIST = r"^\[[^\[\]{}]*\]$"

BETWEEN, WITHIN = "\x1e", "\x1f"
"""Between two faults of a row, and between the parts of one: characters that no field holds."""

SHAPES: dict[str, tuple[str, str]] = {
    "time": (INSTANT, "an instant such as 2026-11-12T09:30:00Z"),
    "day": (CALENDAR_DAY, "a date such as 2026-11-12"),
    "number": (DECIMAL, "a number such as 1500.0"),
    "count": (WHOLE, "a whole number"),
    "flag": (TRUTH, "true or false"),
    "list": (LIST, 'a JSON list of texts such as ["question"]'),
}


def instant(text: nw.Expr, is_whole: nw.Expr) -> nw.Expr:
    """ISO 8601 text -> UTC instant, cut to the second; no offset means UTC, no clock midnight; null unless whole.

    What is written as both CRMs usually do is read as it stands; bringing the rest into that form costs four times as
    much.
    """
    is_usual = text.str.contains(USUAL)
    usual = nw.when(is_whole & is_usual).then(text.str.slice(0, 19)).str.to_datetime(format="%Y-%m-%dT%H:%M:%S")
    return nw.coalesce(usual.cast(TIME), _other_instant(nw.when(is_whole & ~is_usual).then(text)))


def _other_instant(text: nw.Expr) -> nw.Expr:
    minutes = nw.concat_str([text.str.slice(11, 5), nw.lit("00:00")]).str.slice(0, 5)
    seconds = nw.concat_str([text.str.slice(16, 3).str.replace_all("^[^:].*$", ""), nw.lit(":00")]).str.slice(0, 3)
    offset = nw.concat_str([text.str.slice(16).str.replace_all(r"^:\d\d|[.,]\d+|[:Z]", ""), nw.lit("00")])
    zone = offset.str.slice(0, 5).str.replace_all("^00$", "+0000")
    full = nw.concat_str([text.str.slice(0, 10), nw.lit("T"), minutes, seconds, zone])
    return full.str.to_datetime(format="%Y-%m-%dT%H:%M:%S%z").cast(TIME)


def texts(value: nw.Expr) -> nw.Expr:
    """A JSON list of plain texts -> list; null where there is none or it is empty."""
    bare = value.str.replace_all(r'^\[\s*"?|"?\s*\]$', "").str.replace_all(r'"?\s*,\s*"?', ",")
    return nw.when(bare != "").then(bare.str.split(",")).cast(TEXTS)


def parsed(kind: str, text: nw.Expr) -> nw.Expr:
    """Text as a value of its kind (a key of SHAPES, or "text"); null where it has not the shape of one."""
    if kind == "text":
        return text
    is_whole = text.str.contains(SHAPES[kind][0])
    if kind == "time":
        return instant(text, is_whole)
    good = nw.when(is_whole).then(text)
    match kind:
        case "day":
            return good.str.slice(0, 10).str.to_date(format="%Y-%m-%d").cast(DAY)
        case "number":
            return good.cast(NUMBER)
        case "count":
            return good.cast(NUMBER).cast(COUNT)
        case "flag":
            return good.str.to_lowercase().is_in(["true", "1"]).cast(FLAG)
        case _:
            return good


@dataclass(frozen=True, slots=True)
class Stream:
    """One raw stream as transforms reads it: field names by type, with spaces between.

    `!` after a name marks what a row can't do without.

    Attributes
    ----------
    source : the CRM's name of the object, for the mapping document and for messages.
    key : the fields that identify a row; it can't do without the first.
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
        return tuple(dict.fromkeys([self.key.split()[0], *marked]))


class Reader:
    """Reads raw streams once each, and remembers what it had to reject."""

    def __init__(self, raw: Raw, keep: Keep) -> None:
        self.raw = raw
        self.keep = keep
        self._rejected: list[nw.LazyFrame] = []
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
        if not self._rejected:
            return no_rows(self._engine, REJECTED.dtypes)
        parts = (
            self.keep("faults", stacked(self._rejected))
            .with_columns(fault=col("fault").str.split(BETWEEN))
            .explode("fault")
            .with_columns(part=col("fault").str.split(WITHIN))
        )
        value = col("part").list.get(1)
        return parts.select(
            "stream",
            "key",
            column=col("part").list.get(0),
            value=nw.when(value != "").then(value),
            reason=col("part").list.get(2),
        )

    def _typed(self, stream: Stream, extra: tuple[str, ...]) -> nw.LazyFrame:
        kinds = stream.kinds() | dict.fromkeys(extra, "text")
        rows = self._present(stream, kinds)
        required = stream.required()
        self._report(stream, rows, _faults(kinds, required))
        whole = [
            col(n).str.contains(SHAPES[kinds[n]][0]) if kinds[n] in SHAPES else ~col(n).is_null() for n in required
        ]
        good = [parsed(kind, col(name)).alias(name) for name, kind in kinds.items()]
        good += [col(name).alias(f"{name}_text") for name in stream.as_written.split()]
        return self.keep(f"read_{stream.name}", rows.filter(*whole).select(*good))

    def _report(self, stream: Stream, rows: nw.LazyFrame, faults: list[nw.Expr]) -> None:
        """The faults of each row as one text, found in one pass over the stream."""
        key = nw.concat_str([col(name) for name in stream.key.split()], separator=" ", ignore_nulls=True)
        found = rows.select(
            nw.lit(stream.name).alias("stream"),
            key.alias("key"),
            nw.concat_str(faults, separator=BETWEEN, ignore_nulls=True).alias("fault"),
        )
        self._rejected.append(self.keep(f"faults_{stream.name}", found.filter(col("fault") != "")))

    def _present(self, stream: Stream, kinds: dict[str, str]) -> nw.LazyFrame:
        frame = self.raw.get(stream.name)
        if frame is None:
            return no_rows(self._engine, dict.fromkeys(kinds, TEXT))
        there = frame.collect_schema().names()
        gone = [col("_deleted").fill_null(False)] if "_deleted" in there else []
        marks = [name for name in ("IsDeleted", "archived") if name in there and name not in kinds]
        gone += [folded(col(name)).fill_null("") == "true" for name in marks]
        present = frame.filter(*(~flag for flag in gone)) if gone else frame
        return present.select(*((col(n) if n in there else nothing()).cast(TEXT).alias(n) for n in kinds))


def _faults(kinds: dict[str, str], required: tuple[str, ...]) -> list[nw.Expr]:
    """For each field that can be broken, what is wrong with it as one text; null where nothing is."""
    faults = []
    for name, kind in kinds.items():
        if kind in SHAPES:
            shape, expected = SHAPES[kind]
            done = "the row was left out" if name in required else "it was read as empty"
            faults.append(_fault(name, ~col(name).str.contains(shape), f"expected {expected}; {done}"))
    return faults + [_fault(name, col(name).is_null(), "it is empty; the row was left out") for name in required]


def _fault(name: str, broken: nw.Expr, reason: str) -> nw.Expr:
    """The field, its value and the reason as one text, where it is broken."""
    value = col(name).fill_null("").str.slice(0, 80).str.replace_all(rf"[{BETWEEN}{WITHIN}]", " ")
    return nw.when(broken).then(nw.concat_str([nw.lit(name), value, nw.lit(reason)], separator=WITHIN))
