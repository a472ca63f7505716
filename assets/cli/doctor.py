"""`readiness doctor`: what is well with a connection, what isn't, and what to do about it."""

from __future__ import annotations

import sys
from dataclasses import asdict

import typer

from assets.cli.options import ConfigOption, ConnectionOption, JsonOption, chosen, read
from assets.cli.show import as_json


def command(connection: ConnectionOption = None, config: ConfigOption = None, json: JsonOption = False) -> None:
    """Look at a connection without changing anything: what stands in the way, what was inferred, what the CRM captures.

    The exit code is 1 when something keeps the connection from doing its work; notes alone leave it 0.
    """
    from assets.examine import examine

    to_mend: list[str] = []
    for one in chosen(read(config), connection):
        findings = examine(one)
        to_mend += [
            f"{one.name}, {finding.subject}: {finding.finding}" for finding in findings if finding.level == "bad"
        ]
        if json:
            as_json({"connection": one.name, "findings": [asdict(finding) for finding in findings]})
            continue
        print(one.name)
        for finding in findings:
            print(f"  {finding.level:5} {finding.subject:18} {finding.finding}")
            if finding.remedy and finding.level != "ok":
                print(f"{'':26}→ {finding.remedy}")
    for line in to_mend:
        print(line, file=sys.stderr)
    if to_mend:
        raise typer.Exit(1)
