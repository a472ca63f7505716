"""`python -m assets.demo`: both CRMs enriched, and what changed some days later; with `ui`, Dagster stays up."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from assets.connect import connect
from assets.demo.show import changes, deals
from assets.demo.stage import FOLDER, Stage, set_up
from assets.fields import fields_of
from assets.instance import home
from assets.quiet import end_quietly
from assets.reports.files import folder
from assets.run import run

DAYS = 5
UI_PORT = 3000


def main() -> None:
    """Play the demo; with the argument `ui`, serve Dagster on loopback until Ctrl-C."""
    end_quietly()
    started = time.monotonic()
    is_ui = sys.argv[1:] == ["ui"]
    with set_up() as stage:
        print(f"Sandbox with a market of its own at {stage.url}/ (Salesforce and HubSpot)", flush=True)
        ui = _dagster(stage) if is_ui else None
        try:
            _play(stage)
            print(f"\nDone in {time.monotonic() - started:.0f} s. The stores are in {FOLDER}/.", flush=True)
            if ui is not None:
                print(f"Dagster: http://127.0.0.1:{UI_PORT}/ and the sellers' view: {stage.url}/ (Ctrl-C stops both)")
                ui.wait()
        except KeyboardInterrupt:
            print("Stopped.")
        finally:
            if ui is not None:
                ui.terminate()
                ui.wait(timeout=30)


def _play(stage: Stage) -> None:
    _provision(stage)
    for connection in stage.connections:
        _sync(stage, connection.name)
        deals(connection)
    print(f"\n{DAYS} days later: buyers have acted, sellers have pushed on", flush=True)
    stage.advance(DAYS)
    for connection in stage.connections:
        _sync(stage, connection.name)
        changes(connection)
        run(stage.config, connection, what="reports")
        print(f"\n  for the manager and RevOps: {folder(connection)}/*.html")


def _provision(stage: Stage) -> None:
    for connection in stage.connections:
        connector = connect(connection, to_provision=True)
        try:
            done = connector.provision(fields_of(connection))
        finally:
            connector.close()
        print(f"{connection.name}: {len(done)} fields and rights made", flush=True)


def _sync(stage: Stage, name: str) -> None:
    connection = next(one for one in stage.connections if one.name == name)
    summary = run(stage.config, connection)
    print(
        f"\n{name} ({connection.config.language}), as of {summary['as_of']}: {summary['rows_pulled']:,} rows pulled, "
        f"{summary['rows_written']:,} records written, {summary['tasks_opened']} tasks opened, "
        f"{summary['tasks_closed']} withdrawn, {summary['api_calls']} calls, {summary['seconds']:.0f} s",
        flush=True,
    )


def _dagster(stage: Stage) -> subprocess.Popen[bytes]:
    """Dagster's webserver and daemon on the demo's instance, on loopback."""
    environment = {
        **os.environ,
        "DAGSTER_HOME": str(home(stage.config)),
        "READINESS_CONFIG": str(stage.path.resolve()),
    }
    command = ["dagster", "dev", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(UI_PORT)]
    program = Path(sys.executable).with_name(command[0])
    return subprocess.Popen([str(program), *command[1:]], env=environment)  # noqa: S603


if __name__ == "__main__":
    main()
