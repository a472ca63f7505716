"""Checks on the canonical tables: their shape, their keys, and whether half of them has suddenly gone."""

from __future__ import annotations

from functools import partial

from assets.legs.step import Check
from assets.session import Session
from readiness.schema import CANONICAL, Table

WATCHED = ("opportunities", "people", "interactions")


def has_its_columns(table: Table, session: Session) -> tuple[bool, str]:
    """Every column of the contract, with its type."""
    found = session.store.schema(table.name)
    wrong = [name for name, dtype in table.dtypes.items() if found.get(name) != dtype]
    return not wrong, f"missing or of another type: {', '.join(wrong)}" if wrong else "as the contract has it"


def has_single_keys(table: Table, session: Session) -> tuple[bool, str]:
    """No row without an id, no two rows with the same key."""
    columns = ", ".join(f'"{column}"' for column in table.key)
    counts = session.store.query(
        f'select count(*) filter (where "{table.key[0]}" is null) as nameless, count(*) as total,'
        f' (select count(*) from (select distinct {columns} from "{table.name}")) as single from "{table.name}"'
    )[0]
    double = counts["total"] - counts["single"]
    return not counts["nameless"] and not double, f"{counts['nameless']} rows without an id, {double} doubled"


def keeps_its_volume(table: Table, session: Session) -> tuple[bool, str]:
    """Not far fewer rows than in the last run that passed: a lost permission looks like everything being deleted."""
    store, most = session.store, session.connection.config.checks.volume_drop
    rows = store.count(table.name)
    known = store.query(
        "select rows from volumes where table_name = ? and passed order by seq desc limit 1", [table.name]
    )
    before = known[0]["rows"] if known else 0
    passed = rows >= before * (1 - most)
    store.insert("volumes", [(table.name, rows, passed, session.run.seq)])
    detail = f"{rows:,} rows, {before:,} before"
    if passed:
        return True, detail
    return False, (
        f"{detail}. Look whether the integration user still sees all records; if so many are really gone, raise "
        "checks: {volume_drop: ...} in readiness.yaml for one run"
    )


def is_readable(session: Session) -> tuple[bool, str]:
    """The share of pulled records with a value that could not be read stays under `checks: {rejected: ...}`."""
    store, most = session.store, session.connection.config.checks.rejected
    total = sum(store.count(name) for name in store.tables("raw_"))
    refused = store.query("select count(*) as n from (select distinct stream, key from rejected)")[0]["n"]
    worst = store.query(
        'select stream, "column", reason from rejected group by all order by count(*) desc, stream, "column" limit 1'
    )
    detail = f"{refused:,} of {total:,} records have a value that can't be read"
    if worst:
        detail += f"; most often {worst[0]['stream']}, {worst[0]['column']}: {worst[0]['reason']}"
    return refused <= total * most, detail


CHECKS = (
    *(
        Check(
            "schema",
            table.name,
            "Columns and types are as the contract has them.",
            partial(has_its_columns, table),
            True,
        )
        for table in CANONICAL
    ),
    *(
        Check("keys", table.name, "Every row has an id, and no key comes twice.", partial(has_single_keys, table), True)
        for table in CANONICAL
    ),
    *(
        Check("volume", table.name, "Not far fewer rows than last time.", partial(keeps_its_volume, table), True)
        for table in CANONICAL
        if table.name in WATCHED
    ),
    Check("readable", "rejected", "What the CRM gives can be read.", is_readable, True),
)
