"""Where each canonical column comes from: declarations that both build the tables and write `docs/mapping.md`."""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw

from readiness.schema import Table


@dataclass(frozen=True, slots=True)
class Origin:
    """One canonical column: the expression that makes it, the CRM's object and field, and what gets lost."""

    column: str
    expr: nw.Expr
    source: str
    lossy: str = ""


@dataclass(frozen=True, slots=True)
class Mapped:
    """One canonical table of one CRM, column by column."""

    table: Table
    origins: tuple[Origin, ...]
    rows: str = ""

    def __post_init__(self) -> None:
        if tuple(o.column for o in self.origins) != self.table.names:
            raise ValueError(f"{self.table.name}: the mapping must name the columns {', '.join(self.table.names)}")

    def of(self, frame: nw.LazyFrame) -> nw.LazyFrame:
        """The table, from a frame that has the columns which the expressions read."""
        dtypes = self.table.dtypes
        return frame.select(*(o.expr.cast(dtypes[o.column]).alias(o.column) for o in self.origins))


def origin(column: str, source: str, expr: nw.Expr | None = None, lossy: str = "") -> Origin:
    """A canonical column; without an expression it is the field named last in `source` ("Account.Name")."""
    return Origin(column, nw.col(source.rpartition(".")[2]) if expr is None else expr, source, lossy)


def absent(column: str, why: str) -> Origin:
    """A canonical column that this CRM can't fill."""
    return Origin(column, nw.lit(None), "–", why)
