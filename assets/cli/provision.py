"""`readiness provision`: makes our fields in the CRM. The only command that changes a CRM's schema."""

from __future__ import annotations

from dataclasses import asdict

from assets.cli.options import ConfigOption, ConnectionOption, JsonOption, chosen, read
from assets.cli.show import as_json, progress, table


def command(connection: ConnectionOption = None, config: ConfigOption = None, json: JsonOption = False) -> None:
    """Make the fields that are missing, with `provision_auth` where the config has one. Doing it twice is harmless."""
    from assets.connect import connect
    from assets.fields import fields_of

    read_config = read(config)
    progress()
    for one in chosen(read_config, connection):
        connector = connect(one, to_provision=True)
        try:
            done = [asdict(change) for change in connector.provision(fields_of(one))]
        finally:
            connector.close()
        if json:
            as_json({"connection": one.name, "done": done})
            continue
        print(f"{one.name}: {len(done):,} changes made" if done else f"{one.name}: everything was there already")
        if done:
            table([list(change.values()) for change in done], list(done[0]))
