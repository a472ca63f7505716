"""drt-core, a reverse ETL: a table in SQLite, a project around it, and `drt run`.

Its HubSpot destination writes contacts by their e-mail, as its own template does; its Salesforce one is a bulk load by
record id. Its pause between two looks at a job is set to a second.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

CONTACTS: Mapping[str, Mapping[str, Any]] = {
    "hubspot": {
        "type": "hubspot",
        "object_type": "contacts",
        "id_property": "email",
        "properties_template": '{"email": "{{ row.email }}", "br_why": "{{ row.why }}"}',
        "auth": {"type": "bearer", "token_env": "HUBSPOT_TOKEN"},
    },
    "salesforce": {
        "type": "salesforce_bulk",
        "instance_url_env": "SANDBOX_URL",
        "object_name": "Contact",
        "operation": "update",
        "poll_interval_seconds": 1,
        **{f"{name}_env": "SF_CLIENT_ID" for name in ("client_id", "client_secret", "username", "password")},
    },
}
COLUMNS = {"hubspot": "email, why", "salesforce": 'id as "Id", why as "BR_Why__c"'}


def write(crm: str) -> Callable[[Path, Path], Sequence[str]]:
    """The command that writes what `rows.json` in its folder says: id, email and why of contacts."""

    def command(tools: Path, folder: Path) -> Sequence[str]:
        rows = json.loads((folder / "rows.json").read_text())
        database = folder / "rows.db"
        with sqlite3.connect(database) as made:
            made.execute("create table if not exists rows (id, email, why)")
            made.execute("delete from rows")
            made.executemany("insert into rows values (?, ?, ?)", [(r["id"], r["email"], r["why"]) for r in rows])
        made.close()
        sync = {
            "name": "why",
            "model": f"select {COLUMNS[crm]} from rows",
            "destination": CONTACTS[crm],
            "sync": {"mode": "full", "batch_size": 10_000},
        }
        _put(folder / "drt_project.yml", {"name": "bench", "version": "0.1", "profile": "local"})
        _put(folder / "syncs" / "why.yml", sync)
        _put(folder / ".drt" / "profiles.yml", {"local": {"type": "sqlite", "database": str(database)}})
        return ["sh", "-c", f"cd {folder} && HOME={folder} {tools / 'drt'} run"]

    return command


def _put(path: Path, content: Mapping[str, Any]) -> None:
    """JSON is YAML."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content))
