"""The demo's stage: a sandbox with a market in it, and a config that connects to both of its CRMs."""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

from assets.config import Config, load
from assets.connection import Connection, connections
from sandbox.server import serve

FOLDER = Path("demo")
OPPORTUNITIES, SEED, PORT = 200, 7, 8181
SECRETS = {"DEMO_CLIENT_ID": "sandbox", "DEMO_CLIENT_SECRET": "sandbox", "DEMO_TOKEN": "pat-sandbox"}
"""What the sandbox takes; the config names them as it would name real ones."""

CONFIG = """\
# Written by the demo at each start.
data_dir: .
connections:
  voorbeeld_salesforce:
    crm: salesforce
    url: {url}
    auth: {{client_credentials: {{id: {{env: DEMO_CLIENT_ID}}, secret: {{env: DEMO_CLIENT_SECRET}}}}}}
    mode: on
    language: nl
    country: NL
    schedule: "0 6 * * *"
  example_hubspot:
    crm: hubspot
    url: {url}
    auth: {{private_app: {{token: {{env: DEMO_TOKEN}}}}}}
    mode: on
    language: en
    country: GB
    schedule: "0 6 * * *"
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """A running sandbox and the config that leads to it."""

    url: str
    path: Path
    config: Config

    @property
    def connections(self) -> list[Connection]:
        return connections(self.config)

    def advance(self, days: int) -> None:
        """Let the market live on: buyers act, sellers push stages."""
        body = json.dumps({"days": days}).encode()
        urlopen(Request(f"{self.url}/__sandbox/advance", body, method="POST"), timeout=60).close()  # noqa: S310


@contextmanager
def set_up(folder: Path = FOLDER, opportunities: int = OPPORTUNITIES) -> Iterator[Stage]:
    """Run a sandbox, and write the config. The stores of an earlier demo knew another sandbox, so they go."""
    os.environ.update(SECRETS)
    with serve(opportunities, SEED, port=PORT if _is_free(PORT) else 0) as sandbox:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "readiness.yaml"
        path.write_text(CONFIG.format(url=sandbox.url), encoding="utf-8")
        stage = Stage(sandbox.url, path, load(path))
        for connection in stage.connections:
            shutil.rmtree(connection.folder, ignore_errors=True)
        yield stage


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
