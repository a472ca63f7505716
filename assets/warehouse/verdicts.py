"""What the checks found, stored beside the data they judged: whoever writes to the CRM reads it here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assets.errors import Refused
from assets.warehouse.runs import Run
from assets.warehouse.store import Warehouse


@dataclass(frozen=True, slots=True)
class Verdict:
    """A check's finding about one table. A failed blocking one keeps every later write from happening."""

    name: str
    table: str
    passed: bool
    blocking: bool
    detail: str


def record(run: Run, verdicts: Sequence[Verdict]) -> None:
    """Put these verdicts in place of the earlier ones of the same checks."""
    with run.store.transaction():
        for verdict in verdicts:
            run.store.execute("delete from verdicts where name = ? and table_name = ?", [verdict.name, verdict.table])
        rows = [(v.name, v.table, v.passed, v.blocking, v.detail, run.seq) for v in verdicts]
        run.store.insert("verdicts", rows)


def failed(store: Warehouse) -> list[Verdict]:
    """The blocking checks whose last verdict is a failure."""
    rows = store.query(
        "select name, table_name, passed, blocking, detail from verdicts where blocking and not passed"
        " order by table_name, name"
    )
    return [Verdict(r["name"], r["table_name"], r["passed"], r["blocking"], r["detail"]) for r in rows]


def refuse_failed(store: Warehouse) -> None:
    """Let nobody write past a failed blocking check.

    Raises
    ------
    Refused : at least one stands; the message has what each found.
    """
    findings = "; ".join(f"{verdict.table}, {verdict.name}: {verdict.detail}" for verdict in failed(store))
    if findings:
        raise Refused(f"{store.name}: nothing was written, because checks failed: {findings}")
