"""The tables that hold state, as ordered steps: a store of an older version is brought up to date when it is opened.

A step is never changed once released; a new need is a new step at the end.
"""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from assets.errors import Refused

STEPS: tuple[tuple[str, ...], ...] = (
    (
        "create table meta (key varchar, value varchar)",
        "create table runs (seq bigint, run_id varchar, as_of timestamptz, started_at timestamptz)",
        "create table tallies (seq bigint, name varchar, value bigint)",
        "create table cursors (stream varchar, cursor varchar, seq bigint)",
        "create table verdicts (name varchar, table_name varchar, passed boolean, blocking boolean, detail varchar,"
        " seq bigint)",
        "create table volumes (table_name varchar, rows bigint, passed boolean, seq bigint)",
        "create table receipts (run_id varchar, seq bigint, object varchar, record_id varchar, field varchar,"
        " before varchar, after varchar, outcome varchar, reason varchar, sent_at timestamptz)",
        "create table parked (object varchar, record_id varchar, field varchar, value varchar, reason varchar,"
        " attempts bigint, seq bigint, refused_at timestamptz)",
        "create table task_intents (key varchar, kind varchar, opportunity_id varchar, person_id varchar,"
        " owner_id varchar, state varchar, task_id varchar, reason varchar, answer varchar, opened_at timestamptz,"
        " closed_at timestamptz, run_id varchar)",
    ),
    (
        "create table labels_given (opportunity_id varchar, person_id varchar, phase bigint, shown_phase bigint,"
        " given_at timestamptz)",
    ),
    ("create table made (what varchar, as_of timestamptz, made_by varchar)",),
)


def migrate(connection: DuckDBPyConnection, name: str) -> None:
    """Take the steps that this store hasn't taken yet, each in a transaction with its version.

    Raises
    ------
    Refused : the store was made by a newer version of the product.
    """
    connection.execute("create table if not exists schema_version (version bigint)")
    taken = connection.execute("select coalesce(max(version), 0) from schema_version").fetchall()[0][0]
    if taken > len(STEPS):
        raise Refused(
            f"{name}: the store has version {taken}, this program knows {len(STEPS)}. Install the newer program again."
        )
    for version, statements in enumerate(STEPS[taken:], start=taken + 1):
        connection.begin()
        try:
            for statement in statements:
                connection.execute(statement)
            connection.execute("insert into schema_version values (?)", [version])
        except BaseException:
            connection.rollback()
            raise
        connection.commit()
