"""`readiness`: one command a file; nothing heavy is imported before a command runs, so that --help is quick."""

from __future__ import annotations

import logging
import sys

import typer

from assets.cli import (
    backtest,
    backup,
    doctor,
    export,
    first_look,
    forget,
    model,
    parked,
    plan,
    provision,
    report,
    restore,
    sandbox,
    sync,
    undo,
)

app = typer.Typer(
    name="readiness",
    help="How ready each buyer is, written back to the CRM you have.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
COMMANDS = (
    *(sync, plan, provision, doctor, parked, undo),
    *(model, backtest, first_look, report),
    *(backup, restore, forget, export, sandbox),
)
STOPPED = 130
"""Exit code after Ctrl-C, as shells have it."""
for command in COMMANDS:
    app.command(command.__name__.rpartition(".")[2].replace("_", "-"))(command.command)


def main() -> None:
    """Run a command; a fault is one message on stderr, and an exit code that says of what kind."""
    from assets.errors import ReadinessError
    from assets.quiet import end_quietly
    from connectors.errors import ConnectorError
    from transforms.errors import BadTable

    end_quietly()
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)  # an interrupted pool would say so at length
    code = 0
    try:
        app()
    except (ReadinessError, ConnectorError, BadTable) as fault:
        print(f"\n{fault}" if sys.stderr.isatty() else fault, file=sys.stderr)
        code = exit_code(fault)
    except KeyboardInterrupt:
        code = STOPPED
    except SystemExit as left:  # how the parser ends, also when it was stopped before a command began
        code = left.code if isinstance(left.code, int) else int(left.code is not None)
    if code == STOPPED:
        print("Stopped. What was done is kept; run it again to go on.", file=sys.stderr)
    sys.exit(code)


def exit_code(fault: Exception) -> int:
    """1 something failed, 2 the config, 3 refused or an admin's to mend, 4 try later."""
    from connectors.errors import NeedsAdmin, TryLater
    from transforms.errors import BadTable

    if isinstance(fault, NeedsAdmin):
        return 3
    if isinstance(fault, BadTable):
        return 2
    return 4 if isinstance(fault, TryLater) else int(getattr(fault, "exit_code", 1))
