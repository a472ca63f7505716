"""`readiness parked`: the values that the CRM has refused, with its reasons."""

from __future__ import annotations

from assets.cli.options import ConfigOption, ConnectionOption, JsonOption, chosen, read
from assets.cli.show import as_json, table


def command(connection: ConnectionOption = None, config: ConfigOption = None, json: JsonOption = False) -> None:
    """List what the CRM refused so often that it isn't sent again until it changes."""
    from assets.warehouse import Warehouse
    from assets.warehouse.receipts import parked

    for one in chosen(read(config), connection):
        rows = []
        if one.store.exists():
            store = Warehouse(one.store)
            rows = parked(store)
            store.close()
        if json:
            as_json({"connection": one.name, "parked": rows})
            continue
        print(f"{one.name}: {len(rows):,} values parked")
        if rows:
            table([list(row.values()) for row in rows], list(rows[0]))
