"""`readiness sandbox`: one process, one port, loopback only, with the company's Salesforce org and HubSpot portal."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import uvicorn

from sandbox import refusals
from sandbox.app import Door
from sandbox.control import ControlPlane
from sandbox.page import Site
from sandbox.transport import Protocol
from sandbox.world import Company, World

HOST = "127.0.0.1"


class Sandbox:
    """A running sandbox, as tests hold it.

    Attributes
    ----------
    url : its address, such as http://127.0.0.1:8181.
    world : the clock, the faults, the stats, the limits and the company behind it.
    """

    def __init__(self, url: str, world: World) -> None:
        self.url = url
        self.world = world

    @property
    def company(self) -> Company:
        return self.world.company

    @property
    def salesforce(self) -> Any:
        """The Salesforce org (`sandbox.salesforce.org.Org`)."""
        return self.world.crm(refusals.SALESFORCE)

    @property
    def hubspot(self) -> Any:
        """The HubSpot portal (`sandbox.hubspot.portal.Portal`)."""
        return self.world.crm(refusals.HUBSPOT)


@contextmanager
def serve(
    opportunities: int = 200,
    seed: int = 7,
    as_of: datetime | date | None = None,
    load: Path | str | None = None,
    latency_ms: float = 0,
    limits: bool = True,
    port: int = 0,
    regime: str = "informative",
    density: float = 1.0,
) -> Iterator[Sandbox]:
    """Run a sandbox in a thread for as long as the context lasts; `port` 0 takes a free one.

    Parameters
    ----------
    as_of : the instant at which the market stands; today at 09:00 UTC if left out; not used with `load`.
    load : a folder of canonical tables to serve instead of the market.
    latency_ms : how long every call waits before it is answered.
    regime : "informative", or "uninformative": outcomes then have nothing to do with how ready the buyers are.
    density : how many times the usual number of interactions there are.
    """
    with running(
        World(_company(opportunities, seed, as_of, load, regime, density), limits=limits), latency_ms, port
    ) as it:
        yield it


@contextmanager
def running(world: World, latency_ms: float = 0, port: int = 0) -> Iterator[Sandbox]:
    """Run a sandbox of this world in a thread for as long as the context lasts."""
    listening = _listen(port)
    server = _server(world, latency_ms)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.005)
        yield Sandbox(f"http://{HOST}:{listening.getsockname()[1]}", world)
    finally:
        server.should_exit = server.force_exit = True
        thread.join(timeout=10)
        listening.close()


def main(
    port: int = 8181,
    opportunities: int = 2000,
    seed: int = 7,
    as_of: datetime | date | None = None,
    load: Path | str | None = None,
    latency_ms: float = 0,
    limits: bool = True,
) -> int:
    """Run a sandbox until Ctrl-C; returns the exit code: 1 if the port is taken or the folder can't be read."""
    try:
        listening = _listen(port)
        world = World(_company(opportunities, seed, as_of, load), limits=limits)
    except (OSError, ValueError) as error:
        print(_reason(error, port), file=sys.stderr)
        return 1
    url = f"http://{HOST}:{port}"
    print(
        f"Sandbox ready: {url}/ (records), Salesforce at {url}/services (client id and secret: sandbox), "
        f"HubSpot at {url}/crm (token: pat-sandbox)",
        flush=True,
    )
    try:
        _server(world, latency_ms).run(sockets=[listening])
    except KeyboardInterrupt:
        pass
    finally:
        listening.close()
    return 0


def _company(
    opportunities: int,
    seed: int,
    as_of: datetime | date | None,
    load: Path | str | None,
    regime: str = "informative",
    density: float = 1.0,
) -> Company:
    if load is not None:
        from sandbox.load import Folder

        return Folder(Path(load))
    from sandbox.market import Market

    return Market(opportunities, seed, _instant(as_of), regime=regime, density=density)


def _instant(as_of: datetime | date | None) -> datetime:
    """A day means 09:00 UTC of it."""
    if isinstance(as_of, datetime):
        return as_of.astimezone(UTC) if as_of.tzinfo else as_of.replace(tzinfo=UTC)
    day = as_of or datetime.now(UTC).date()
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen(2048)
    except OSError:
        listening.close()
        raise
    return listening


def _server(world: World, latency_ms: float) -> uvicorn.Server:
    config = uvicorn.Config(
        Door(world, [*ControlPlane(world).routes(), *Site(world).routes()], latency_ms),
        http=Protocol,
        ws="none",
        lifespan="off",
        proxy_headers=False,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)


def _reason(error: OSError | ValueError, port: int) -> str:
    if isinstance(error, OSError) and error.filename is None:
        return f"Can't listen on {HOST}:{port}: {error.strerror}. Choose another --port, or stop what runs there."
    return f"Can't start the sandbox: {error}"
