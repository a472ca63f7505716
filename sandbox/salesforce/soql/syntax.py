"""A SOQL query as text and as a tree.

Source: SOQL and SOSL Reference, SOQL SELECT Syntax; the wording of errors after SOAP API Developer Guide, Core Data
Types › API Fault Element › ExceptionCode.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path as File
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput, v_args
from lark.exceptions import VisitError

from sandbox.salesforce.errors import ApiError, bad_request

LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class Path:
    """A field, through its parents: `Account.Owner.Name`. `at` is where it stands in the text."""

    parts: tuple[str, ...]
    at: int

    @property
    def text(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Call:
    """A function: an aggregate, a date function, `FIELDS(ALL)`, `toLabel(…)`."""

    name: str
    arguments: tuple[Any, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Literal:
    """kind: string | number | boolean | null | date | datetime | period | currency."""

    kind: str
    value: Any
    at: int


@dataclass(frozen=True, slots=True)
class Chosen:
    what: Path | Call
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class TypeOf:
    path: Path
    whens: tuple[tuple[str, tuple[Path, ...]], ...]
    otherwise: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Children:
    query: Query


@dataclass(frozen=True, slots=True)
class Comparison:
    """`operator` is one of = != < > <= >= like in notin includes excludes; `right` a literal, several, or a query."""

    left: Path | Call
    operator: str
    right: Any


@dataclass(frozen=True, slots=True)
class AllOf:
    conditions: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    conditions: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class NoneOf:
    condition: Any


@dataclass(frozen=True, slots=True)
class Ordering:
    what: Path | Call
    descending: bool
    nulls_first: bool


@dataclass(frozen=True, slots=True)
class Query:
    text: str
    selection: tuple[Chosen | TypeOf | Children, ...]
    source: str
    source_at: int
    alias: str | None = None
    where: Any = None
    groups: tuple[Path | Call, ...] | None = None
    having: Any = None
    order: tuple[Ordering, ...] = ()
    limit: int | None = None
    offset: int = 0
    all_rows: bool = False


def malformed(message: str) -> ApiError:
    return bad_request("MALFORMED_QUERY", message)


def complaint(text: str, at: int, message: str) -> str:
    """A message under the line of the query that it is about, with a mark where it went wrong."""
    start, end = max(0, at - 40), at + 20
    piece = text[start:end].replace("\n", " ").replace("\t", " ")
    row = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    return f"\n{piece}\n{' ' * (at - start)}^\nERROR at Row:{row}:Column:{column}\n{message}"


@v_args(meta=True)
class _Tree(Transformer[Token, Any]):
    """Lark's tree into ours."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def query(self, meta: Any, parts: list[Any]) -> Query:
        known: dict[str, Any] = {}
        for part in parts:
            known |= part
        return Query(text=self.text, **known)

    def selection(self, meta: Any, items: list[Any]) -> dict[str, Any]:
        return {"selection": tuple(items)}

    def chosen(self, meta: Any, parts: list[Any]) -> Chosen:
        return Chosen(*parts)

    def children(self, meta: Any, parts: list[Any]) -> Children:
        return Children(parts[0])

    def typeof(self, meta: Any, parts: list[Any]) -> TypeOf:
        whens = tuple(part for part in parts[1:] if isinstance(part[0], str))
        rest = next((part for part in parts[1:] if not isinstance(part[0], str)), ())
        return TypeOf(parts[0], whens, rest)

    def when(self, meta: Any, parts: list[Any]) -> tuple[str, tuple[Path, ...]]:
        return str(parts[0]), tuple(parts[1:])

    def otherwise(self, meta: Any, parts: list[Any]) -> tuple[Path, ...]:
        return tuple(parts)

    def source(self, meta: Any, parts: list[Any]) -> dict[str, Any]:
        alias = next((part for part in parts[1:] if isinstance(part, str)), None)
        return {"source": str(parts[0]), "source_at": parts[0].start_pos, "alias": alias}

    def alias(self, meta: Any, parts: list[Any]) -> str:
        return str(parts[0])

    def where(self, meta: Any, parts: list[Any]) -> dict[str, Any]:
        return {"where": parts[0]}

    def group(self, meta: Any, parts: list[Any]) -> dict[str, Any]:
        return {"groups": parts[0], "having": parts[1] if len(parts) > 1 else None}

    def groups(self, meta: Any, parts: list[Any]) -> tuple[Any, ...]:
        return tuple(parts)

    def having(self, meta: Any, parts: list[Any]) -> Any:
        return parts[0]

    def order(self, meta: Any, parts: list[Any]) -> dict[str, Any]:
        return {"order": tuple(parts)}

    def order_item(self, meta: Any, parts: list[Any]) -> Ordering:
        words = [str(part).upper() for part in parts[1:]]
        return Ordering(parts[0], "DESC" in words, "LAST" not in words)

    def nulls(self, meta: Any, parts: list[Any]) -> str:
        return str(parts[0])

    def limit(self, meta: Any, parts: list[Any]) -> dict[str, Any]:
        return {"limit": int(parts[0])}

    def offset(self, meta: Any, parts: list[Any]) -> dict[str, Any]:
        return {"offset": int(parts[0])}

    def for_what(self, meta: Any, parts: list[Any]) -> dict[str, Any]:
        if parts[0].upper() not in ("UPDATE", "VIEW", "REFERENCE"):
            raise malformed(complaint(self.text, parts[0].start_pos, f"unexpected token: '{parts[0]}'"))
        return {}

    def all_rows(self, meta: Any, parts: list[Any]) -> dict[str, Any]:
        return {"all_rows": True}

    def all_of(self, meta: Any, parts: list[Any]) -> AllOf:
        return AllOf(tuple(parts))

    def any_of(self, meta: Any, parts: list[Any]) -> AnyOf:
        return AnyOf(tuple(parts))

    def none_of(self, meta: Any, parts: list[Any]) -> NoneOf:
        return NoneOf(parts[0])

    def compared(self, meta: Any, parts: list[Any]) -> Comparison:
        return Comparison(parts[0], "!=" if parts[1] == "<>" else str(parts[1]), parts[2])

    def like(self, meta: Any, parts: list[Any]) -> Comparison:
        return Comparison(parts[0], "like", parts[1])

    def within(self, meta: Any, parts: list[Any]) -> Comparison:
        return Comparison(parts[0], "in", parts[1])

    def without(self, meta: Any, parts: list[Any]) -> Comparison:
        return Comparison(parts[0], "notin", parts[1])

    def includes(self, meta: Any, parts: list[Any]) -> Comparison:
        return Comparison(parts[0], "includes", parts[1])

    def excludes(self, meta: Any, parts: list[Any]) -> Comparison:
        return Comparison(parts[0], "excludes", parts[1])

    def strings(self, meta: Any, parts: list[Token]) -> tuple[Literal, ...]:
        at = parts[0].start_pos or 0
        return tuple(Literal("string", _unquoted(one), at) for one in _STRING.findall(parts[0]))

    def listed(self, meta: Any, parts: list[Any]) -> tuple[Any, ...]:
        return tuple(parts)

    def subquery(self, meta: Any, parts: list[Any]) -> Any:
        return parts[0]

    def call(self, meta: Any, parts: list[Any]) -> Call:
        return Call(str(parts[0]), tuple(part for part in parts[1:] if part is not None), meta.start_pos)

    def path(self, meta: Any, parts: list[Any]) -> Path:
        return Path(tuple(str(part) for part in parts), meta.start_pos)

    def string(self, meta: Any, parts: list[Any]) -> Literal:
        return Literal("string", _unquoted(parts[0]), meta.start_pos)

    def datetime(self, meta: Any, parts: list[Any]) -> Literal:
        return Literal("datetime", str(parts[0]), meta.start_pos)

    def date(self, meta: Any, parts: list[Any]) -> Literal:
        return Literal("date", str(parts[0]), meta.start_pos)

    def number(self, meta: Any, parts: list[Any]) -> Literal:
        text = str(parts[0])
        return Literal("number", int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text), meta.start_pos)

    def currency(self, meta: Any, parts: list[Any]) -> Literal:
        return Literal("number", float(str(parts[0])[3:]), meta.start_pos)

    def boolean(self, meta: Any, parts: list[Any]) -> Literal:
        return Literal("boolean", str(parts[0]).lower() == "true", meta.start_pos)

    def null(self, meta: Any, parts: list[Any]) -> Literal:
        return Literal("null", None, meta.start_pos)

    def period(self, meta: Any, parts: list[Any]) -> Literal:
        return Literal("period", str(parts[0]).upper(), meta.start_pos)


_STRING = re.compile(r"'(?:[^'\\]|\\.)*'", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def _unquoted(text: str) -> str:
    """The value of a quoted string. `\\_` and `\\%` keep their backslash: LIKE takes it away."""
    inner = text[1:-1]
    if "\\" not in inner:
        return inner
    return re.sub(r"\\(.)", lambda m: m.group(0) if m.group(1) in "_%" else _ESCAPES.get(m.group(1), m.group(1)), inner)


_GRAMMAR = Lark(
    (File(__file__).parent / "grammar.lark").read_text(),
    start="query",
    parser="lalr",
    propagate_positions=True,
    maybe_placeholders=False,
)


@lru_cache(maxsize=256)
def parse(text: str) -> Query:
    """Read a query; raises MALFORMED_QUERY as the org words it."""
    if not text.strip():
        raise malformed("A query string has to be specified")
    if len(text) > LONGEST:
        raise bad_request("QUERY_TOO_COMPLICATED", f"The query string is longer than {LONGEST} characters")
    try:
        query: Query = _Tree(text).transform(_GRAMMAR.parse(text))
    except UnexpectedInput as error:
        raise malformed(_unexpected(text, error)) from None
    except VisitError as error:
        raise error.orig_exc from None
    return replace(query, alias=query.alias.lower() if query.alias else None)


def _unexpected(text: str, error: UnexpectedInput) -> str:
    at = len(text) if error.pos_in_stream is None else error.pos_in_stream
    token = getattr(error, "token", None)
    if token is not None and token.type == "$END":
        return complaint(text, len(text), "unexpected token: '<EOF>'")
    shown = str(token) if token is not None else text[at : at + 1]
    return complaint(text, at, f"unexpected token: '{shown}'")
