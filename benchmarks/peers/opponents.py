"""How each peer is installed and run. Versions are pinned; `make bench-sync` installs them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.peers import reverse_etl

HERE = Path(__file__).parent
BUILD = HERE.parents[1] / "build" / "peers"
LONG_AGO = "2000-01-01T00:00:00Z"
HUBSPOT = ("deals", "contacts", "companies")
SALESFORCE = ("Opportunity", "Contact", "Account")


@dataclass(frozen=True, slots=True)
class Peer:
    """One tool.

    Attributes
    ----------
    command : (its bin folder, a work folder) -> the command of one sync; called anew for each run.
    writes : it brings rows to the CRM; else it fetches them.
    """

    name: str
    crm: str
    packages: Sequence[str]
    command: Callable[[Path, Path], Sequence[str]]
    writes: bool = False

    @property
    def bin(self) -> Path:
        return BUILD / self.name.replace(" ", "-") / "bin"

    def install(self) -> None:
        """Make its environment, unless it is there."""
        if (self.bin / "installed").exists():
            return
        uv = str(Path(sys.executable).with_name("uv"))
        subprocess.run([uv, "venv", "--quiet", "--clear", str(self.bin.parent)], check=True)
        python = str(self.bin / "python")
        subprocess.run([uv, "pip", "install", "--quiet", "--python", python, *self.packages], check=True)
        (self.bin / "installed").touch()

    def environment(self, url: str) -> Mapping[str, str]:
        return {"SANDBOX_URL": url, "PYTHONPATH": str(HERE), "DLT_TELEMETRY": "false", "RUNTIME__DLTHUB_TELEMETRY": "0"}


def _singer(config: Mapping[str, Any], streams: Sequence[str]) -> Callable[[Path, Path], Sequence[str]]:
    """A tap: discovers, then syncs the selected streams from the last state it wrote."""

    def command(tools: Path, folder: Path) -> Sequence[str]:
        tap = next(tools.glob("tap-*"))
        (folder / "config.json").write_text(json.dumps(config))
        script = (
            f"set -e; cd {folder}; [ -f catalog.json ] || {tap} --config config.json --discover > found.json; "
            f"[ -f catalog.json ] || {sys.executable} {HERE / 'chosen.py'} found.json catalog.json "
            f"{' '.join(streams)}; "
            f"state=; [ -s state.json ] && state='--state state.json'; "
            f"{tap} --config config.json $CATALOG catalog.json $state > out.jsonl; "
            f'grep \'"type": *"STATE"\' out.jsonl | tail -1 | {sys.executable} -c '
            "'import json,sys; print(json.dumps(json.loads(sys.stdin.read())[\"value\"]))' > state.new; "
            "mv state.new state.json"
        )
        flag = "--properties" if "tap-salesforce" in tap.name else "--catalog"
        return ["sh", "-c", script.replace("$CATALOG", flag)]

    return command


DRT = ("drt-core==1.2.1",)
PEERS = (
    Peer(
        "meltano tap-hubspot",
        "hubspot",
        ("meltano-tap-hubspot==0.10.1", "setuptools<80"),
        _singer({"access_token": "pat-sandbox", "start_date": LONG_AGO}, HUBSPOT),
    ),
    Peer(
        "dlt rest_api",
        "hubspot",
        ("dlt[duckdb]==1.31.0",),
        lambda tools, folder: [str(tools / "python"), str(HERE / "dlt_rest.py"), str(folder)],
    ),
    Peer(
        "singer tap-salesforce",
        "salesforce",
        ("tap-salesforce==2.8.1", "setuptools<80"),
        _singer(
            {
                "refresh_token": "sandbox",
                "client_id": "sandbox",
                "client_secret": "sandbox",
                "start_date": LONG_AGO,
                "api_type": "REST",
                "select_fields_by_default": True,
            },
            SALESFORCE,
        ),
    ),
    Peer("drt-core", "hubspot", DRT, reverse_etl.write("hubspot"), writes=True),
    Peer("drt-core", "salesforce", DRT, reverse_etl.write("salesforce"), writes=True),
)
"""singer-io's own tap-hubspot is missing: it asks HubSpot's v1 API, which ends in September 2027 and which the sandbox
does not speak."""
