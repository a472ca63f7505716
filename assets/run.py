"""Running a connection from the command line: the same Dagster job, in this process, in the same instance."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

import dagster as dg

from assets.config import Config
from assets.connection import Connection
from assets.definitions import definitions, job_name
from assets.errors import ReadinessError
from assets.instance import instance
from assets.resource import AS_OF_TAG
from assets.session import Session, session
from assets.warehouse.verdicts import refuse_failed

COLLECT = (100_000, 20, 20)
"""A run makes millions of small objects that hold no cycles: looking among them so often is a tenth of its time."""
STOPPED = ("DagsterExecutionInterruptedError", "KeyboardInterrupt", "InterruptException")
"""What Ctrl-C becomes: in Dagster, in Python, in the store."""
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class RunFailed(ReadinessError):
    """A step failed for a reason that no message was prepared for."""


def run(
    config: Config,
    connection: Connection,
    as_of: datetime | None = None,
    without: Sequence[str] = (),
    what: str = "sync",
) -> dict[str, Any]:
    """Run a job of the connection, but for the assets named in `without`; the summary of the run.

    Parameters
    ----------
    what : "sync", from CRM to CRM; or a job that stands beside it, see `definitions.BESIDE`.

    Raises
    ------
    ReadinessError, ConnectorError : what stopped the run.
    KeyboardInterrupt : somebody did.
    """
    run_id = str(uuid4())
    gc.freeze()
    gc.set_threshold(*COLLECT)
    with session(connection, run_id, as_of) as opened, instance(config) as recorded:
        result = _executed(config, opened, recorded, job_name(connection.name, what), without)
        if not result.success:
            if any(kind in STOPPED for kind, _ in _errors(result)):
                raise KeyboardInterrupt
            raise opened.fault or _unforeseen(opened, result)
        return opened.run.summary()


def _executed(
    config: Config, opened: Session, recorded: dg.DagsterInstance, name: str, without: Sequence[str]
) -> dg.ExecuteInProcessResult:
    job = definitions(config, opened).resolve_job_def(name)
    keys = [key for key in job.asset_layer.executable_asset_keys if key.path[-1] not in without]
    return job.execute_in_process(
        instance=recorded,
        run_id=opened.run.run_id,
        run_config=QUIET,
        asset_selection=keys if without else None,
        tags={AS_OF_TAG: opened.as_of.isoformat()} if opened.as_of else None,
        raise_on_error=False,
    )


def _unforeseen(opened: Session, result: dg.ExecuteInProcessResult) -> Exception:
    """A failed check has its words in the store; anything else is a fault of the program, told with its run."""
    try:
        refuse_failed(opened.store)
    except ReadinessError as refused:
        return refused
    said = next((message for _, message in _errors(result)), "the run failed without saying why.")
    return RunFailed(f"{opened.connection.name}: {said} Run {result.run_id} has the details in Dagster.")


def _errors(result: dg.ExecuteInProcessResult) -> Iterator[tuple[str, str]]:
    """Kind and message of each error of the run with what led to it, the root first."""
    for event in result.all_events:
        error = getattr(event.event_specific_data, "error", None)
        chain = []
        while error is not None:
            chain.append((str(error.cls_name), str(error.message).strip()))
            error = error.cause or error.context
        yield from reversed(chain)
