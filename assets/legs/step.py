"""How a leg becomes assets: one step that makes several tables, with its checks, its counts and what it cost."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import dagster as dg

from assets.config.texts import longest_gap
from assets.connection import Connection
from assets.errors import ReadinessError
from assets.session import Session
from assets.warehouse.verdicts import Verdict, record
from connectors.errors import ConnectorError
from readiness.schema import Table
from transforms.errors import BadTable

KNOWN = (ReadinessError, ConnectorError, BadTable)
"""What a user can mend or wait for: told in its own words, without a traceback."""

log = logging.getLogger("readiness.leg")

Facts = Mapping[str, Mapping[str, Any]]
"""Table name -> what to show of it in the run's metadata. Counts only, never a name or a value of a record."""


@dataclass(frozen=True, slots=True)
class Produced:
    """One table of a leg: what it holds, its columns where the contract has them, and the tables it is made from."""

    name: str
    about: str
    deps: tuple[str, ...] = ()
    table: Table | None = None
    is_fresh: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """A check on one table of the leg. `judge` gives whether it passed, and a sentence with what it found."""

    name: str
    table: str
    about: str
    judge: Callable[[Session], tuple[bool, str]]
    blocking: bool = False


@dataclass(frozen=True, slots=True)
class Leg:
    """One stretch of the way: its name, the tables it makes, and the work that makes them.

    In Dagster's graph it is a group within the connection's own, that folds to one box.
    """

    name: str
    version: str
    kind: str
    tables: Sequence[Produced]
    work: Callable[[Session], Facts]
    checks: Sequence[Check] = field(default_factory=tuple)


def resource_key(connection: Connection) -> str:
    """The Dagster resource that holds the connection's session."""
    return f"{connection.name}_session"


def asset_of(connection: Connection, leg: Leg) -> dg.AssetsDefinition:
    """The leg as one Dagster step of this connection."""

    @dg.multi_asset(
        name=f"{connection.name}__{leg.name}",
        specs=[_spec(connection, leg, table) for table in leg.tables],
        check_specs=[_check_spec(connection, check) for check in leg.checks],
        required_resource_keys={resource_key(connection)},
        pool=connection.name,
    )
    def _step(context: dg.AssetExecutionContext) -> Iterator[Any]:
        session: Session = getattr(context.resources, resource_key(connection))
        try:
            started, calls = time.monotonic(), session.calls
            session.store.choose_engine()
            with session.store.scratch():
                facts = leg.work(session)
                verdicts = [_judged(check, session) for check in leg.checks]
            record(session.run, verdicts)
            cost = {"seconds": round(time.monotonic() - started, 2), **_calls(session, session.calls - calls)}
            log.info("%s: %s done in %s s", connection.name, leg.name, cost["seconds"])
        except KNOWN as fault:
            session.fault = fault
            raise dg.Failure(str(fault), allow_retries=False) from fault
        for table in leg.tables:
            metadata = {**facts.get(table.name, {}), **cost}
            yield dg.MaterializeResult(asset_key=[connection.name, table.name], metadata=metadata)
        for verdict in verdicts:
            yield dg.AssetCheckResult(
                asset_key=[connection.name, verdict.table],
                check_name=verdict.name,
                passed=verdict.passed,
                severity=dg.AssetCheckSeverity.ERROR if verdict.blocking else dg.AssetCheckSeverity.WARN,
                description=verdict.detail,
            )

    return _step


def _spec(connection: Connection, leg: Leg, table: Produced) -> dg.AssetSpec:
    window = 2 * longest_gap(connection.config.schedule) + timedelta(hours=1)
    return dg.AssetSpec(
        key=[connection.name, table.name],
        group_name=f"{connection.name}/{leg.name}",
        description=table.about,
        deps=[dg.AssetKey([connection.name, dep]) for dep in table.deps],
        kinds={leg.kind},
        owners=["team:revops"],
        code_version=leg.version,
        metadata=_columns(table),
        freshness_policy=dg.FreshnessPolicy.time_window(fail_window=window) if table.is_fresh else None,
    )


def _columns(table: Produced) -> dict[str, Any]:
    if table.table is None:
        return {}
    columns = [
        dg.TableColumn(name=column.name, type=str(column.dtype), description=column.about)
        for column in table.table.columns
    ]
    return {"dagster/column_schema": dg.TableSchema(columns=columns)}


def _check_spec(connection: Connection, check: Check) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        name=check.name, asset=[connection.name, check.table], description=check.about, blocking=check.blocking
    )


def _judged(check: Check, session: Session) -> Verdict:
    passed, detail = check.judge(session)
    return Verdict(check.name, check.table, passed, check.blocking, detail)


def _calls(session: Session, spent: int) -> dict[str, Any]:
    """What the step asked of the CRM, and the share of its daily quota that is now used by everybody."""
    if not spent:
        return {"api_calls": 0}
    session.run.tally(api_calls=spent)
    limits = session.connector.limits()
    if not limits.daily_limit or limits.daily_used is None:
        return {"api_calls": spent}
    return {
        "api_calls": spent,
        "quota_share": round(spent / limits.daily_limit, 6),
        "quota_used": round(limits.daily_used / limits.daily_limit, 4),
    }
