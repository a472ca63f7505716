"""`readiness doctor`: what is well with a connection, what isn't, and what to do about it."""

from __future__ import annotations

from dataclasses import asdict

import typer

from assets.cli.options import ConfigOption, ConnectionOption, JsonOption, chosen, read
from assets.cli.show import as_json, table


def command(connection: ConnectionOption = None, config: ConfigOption = None, json: JsonOption = False) -> None:
    """Look at a connection without changing anything: credential, streams, fields, quota, clock, what was inferred."""
    from assets.examine import examine

    is_well = True
    for one in chosen(read(config), connection):
        findings = examine(one)
        is_well = is_well and not any(finding.level == "bad" for finding in findings)
        if json:
            as_json({"connection": one.name, "findings": [asdict(finding) for finding in findings]})
            continue
        print(one.name)
        table([(f.level, f.subject, f.finding, f.remedy) for f in findings], ("", "what", "found", "remedy"))
    if not is_well:
        raise typer.Exit(1)
