"""`make transcript`: runs the admin's commands against the sandbox and writes what they said to docs/transcript.md."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from assets.config import load
from assets.connect import connect
from assets.connection import connections
from assets.demo.stage import SECRETS, SEED
from assets.quiet import end_quietly
from assets.warehouse import Warehouse
from connectors.protocol import Update
from sandbox.server import serve

PAGE = Path("docs") / "transcript.md"
AS_OF = datetime(2026, 11, 2, 9, tzinfo=UTC)
OPPORTUNITIES = 60
HEAD, TAIL = 14, 6
"""Lines that are shown of a long answer, from its beginning and its end."""

CONFIG = """\
data_dir: .
connections:
  acme:
    crm: salesforce
    url: {url}
    auth: {{client_credentials: {{id: {{env: DEMO_CLIENT_ID}}, secret: {{env: DEMO_CLIENT_SECRET}}}}}}
    mode: {mode}
    country: NL
  globex:
    crm: hubspot
    url: {url}
    auth: {{private_app: {{token: {{env: DEMO_TOKEN}}}}}}
    mode: {mode}
    country: GB
"""
INTRODUCTION = """\
# What the admin's commands say

Taken from a run against the sandbox, by `make transcript`: a Salesforce org (`acme`) and a HubSpot portal (`globex`)
with one simulated market of {opportunities} opportunities in both. `…` stands for lines that were left out.
"""
COUNTS = "select record_id, after from receipts where object = 'opportunity' and field = 'next_action' limit 1"


class Transcript:
    """The commands of one folder, run one after the other."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder, self._url = folder, url
        self.parts = [INTRODUCTION.format(opportunities=OPPORTUNITIES)]
        self.mode("observe")

    def mode(self, mode: str) -> None:
        (self._folder / "readiness.yaml").write_text(CONFIG.format(url=self._url, mode=mode), encoding="utf-8")

    def say(self, text: str) -> None:
        self.parts.append(f"\n{text}\n")

    def run(self, *arguments: str, shown: bool = True) -> str:
        """What the command printed on stdout; its exit code is shown where it isn't 0."""
        command = [sys.executable, "-c", "from assets.cli import main; main()", *arguments]
        done = subprocess.run(command, cwd=self._folder, capture_output=True, text=True, check=False)  # noqa: S603
        if shown:
            lines = done.stdout.replace(self._url, "https://crm.example").rstrip().split("\n")
            if done.returncode:
                lines.append(f"(exit code {done.returncode})")
            if len(lines) > HEAD + TAIL:
                left_out = f"  … {len(lines) - HEAD - TAIL} lines"
                lines = [*lines[:HEAD], left_out, *lines[-TAIL:]]
            shortened = "\n".join(line if len(line) <= 160 else f"{line[:159]}…" for line in lines)
            self.parts.append(f"\n```console\n$ readiness {' '.join(arguments)}\n{shortened}\n```\n")
        return done.stdout

    def edit(self, name: str) -> None:
        """A seller rewrites what we wrote on one deal."""
        connection = next(one for one in connections(load(self._folder / "readiness.yaml")) if one.name == name)
        store = Warehouse(connection.store)
        deal = store.query(COUNTS)[0]["record_id"]
        store.close()
        connector = connect(connection)
        list(connector.push([Update("opportunity", deal, {"next_action": "Call Eva about the crane first."})]))
        connector.close()


def main() -> None:
    """Write the page."""
    end_quietly()
    os.environ.update(SECRETS)
    with serve(OPPORTUNITIES, SEED, AS_OF) as sandbox, TemporaryDirectory() as folder:
        told = Transcript(Path(folder), sandbox.url)
        told.say("## Before anything is written\n\nThe connection is in mode `observe`. What keeps it from more?")
        told.run("sync", "--connection", "acme", shown=False)
        told.run("doctor", "--connection", "acme")
        told.say(
            "## Making the fields\n\nFirst what would be done, then doing it; a second time there is nothing to do."
        )
        told.run("provision", "--connection", "acme", "--dry-run")
        told.run("provision", "--connection", "acme")
        told.run("provision", "--connection", "acme")
        told.run("provision", "--connection", "globex")
        told.say("## What a run would write\n\nField by field, against what the CRM holds at this moment.")
        told.mode("on")
        told.run("plan", "--connection", "acme")
        told.say("## Writing, and taking it back\n\nBetween the run and its undo a seller rewrites one field.")
        run_id = json.loads(told.run("sync", "--connection", "acme", "--json"))["run_id"]
        told.edit("acme")
        told.run("undo", run_id, "--connection", "acme")
        told.run("undo", run_id, "--connection", "acme")
        told.say("## A healthy connection")
        told.run("doctor", "--connection", "globex")
        told.say("## Safekeeping, and removing it all again")
        told.run("parked", "--connection", "acme")
        told.run("provision", "--connection", "acme", "--destroy", "--dry-run")
    PAGE.write_text("".join(told.parts), encoding="utf-8")
    print(f"{PAGE} is written")


if __name__ == "__main__":
    main()
