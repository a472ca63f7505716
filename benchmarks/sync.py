"""What pulling costs, beside other integrations that do the same work: deals, contacts and companies.

    python -m benchmarks.sync [deals] [latency in ms] [limits on|off] [tool …]

One sandbox per CRM and size; each tool makes a first sync, one after 1 % of the deals have been renamed, and one after
nothing has. Calls are counted by the sandbox, seconds and peak memory by the operating system; the floor is PEERS'
arithmetic: full pages, full batches, nothing asked twice. One table, one run.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from math import ceil
from pathlib import Path
from uuid import uuid4

import requests

from assets.config import load
from assets.connection import connections
from assets.pull import pull
from assets.session import session
from benchmarks.beside import Cost, cost_of, counted, sandbox
from benchmarks.peers.opponents import PEERS
from tests.contract.subjects import HubSpotSubject, SalesforceSubject

OBJECTS = {"hubspot": ("deals", "contacts", "companies"), "salesforce": ("opportunity", "contact", "account")}
SIDE = ("associations", "property_history", "owners", "deal_pipelines")
RUNS = ("first", "1 % changed", "unchanged")
Runner = Callable[[str, Path], Cost]


def main(deals: int = 10_000, latency_ms: int = 100, limits: str = "off", *tools: str) -> None:
    """Print a row per tool and run."""
    print(f"{deals:,} deals, {latency_ms} ms a call, limits {limits}")
    print("CRM         tool                   run            rows   seconds  rows/s   calls  /1,000  floor  peak MB")
    options = json.dumps({"opportunities": deals, "latency_ms": latency_ms, "limits": limits == "on", "density": 0.1})
    for crm in OBJECTS:
        with sandbox(options) as url, tempfile.TemporaryDirectory() as folder:
            requests.get(f"{url}{'/services/data' if crm == 'salesforce' else '/crm/v3/owners'}", timeout=3600)
            runners = {name: run for name, run in _runners(crm).items() if not tools or name in tools}
            sizes: Mapping[str, int] = {}
            for run in RUNS:
                changed = _rename(crm, url, deals // 100) if run == "1 % changed" else 0
                for name, runner in runners.items():
                    work = Path(folder) / name.replace(" ", "-")
                    work.mkdir(exist_ok=True)
                    counted(url)
                    cost = runner(url, work)
                    stats = counted(url)
                    sizes = sizes or _sizes(work)
                    print(_row(crm, name, run, cost, stats, _floor(crm, run, sizes, changed), sizes), flush=True)


def ours(crm: str) -> Runner:
    """Our pull of the same objects, with their histories and links, into its store."""

    def run(url: str, folder: Path) -> Cost:
        config = folder / "readiness.yaml"
        config.write_text(f"connections:\n  acme:\n    crm: {crm}\n    url: {url}\n    history: 240 months\n")
        return cost_of([sys.executable, "-m", "benchmarks.sync", "pull", str(config)], deadline_s=3600)

    return run


def pull_only(config: str, names: Collection[str], beside: Collection[str] = ()) -> None:
    """In the measured process: pull these streams (and those `beside`), and note how many rows each of them has."""
    connection = connections(load(Path(config)))[0]
    with session(connection, str(uuid4())) as opened:
        streams = [one for one in opened.connector.streams() if one.name in {*names, *beside}]
        opened.connector.streams = lambda: streams  # type: ignore[method-assign]
        opened.run.fix(opened.connector.now())
        pull(opened)
        sizes = {name: opened.store.count(f"raw_{name}") for name in names}
    (Path(config).parent / "sizes.json").write_text(json.dumps(sizes))


def _runners(crm: str) -> Mapping[str, Runner]:
    runners: dict[str, Runner] = {"ours": ours(crm)}
    for peer in PEERS:
        if peer.crm == crm:
            peer.install()
            runners[peer.name] = lambda url, folder, peer=peer: cost_of(  # type: ignore[misc]
                peer.command(peer.bin, folder), peer.environment(url), deadline_s=1800
            )
    return runners


def _rename(crm: str, url: str, count: int) -> int:
    subject = (SalesforceSubject if crm == "salesforce" else HubSpotSubject)(url)
    if crm == "salesforce":
        found = subject.call("GET", f"query?q=SELECT Id FROM Opportunity LIMIT {count}").json()["records"]
        subject.rename([record["Id"] for record in found], "Renamed")
        return len(found)
    ids: list[str] = []
    after = ""
    while len(ids) < count:
        answer = subject.call("GET", f"/crm/v3/objects/deals?limit=100{after}").json()
        ids += [record["id"] for record in answer["results"]]
        after = f"&after={answer['paging']['next']['after']}" if "paging" in answer else ""
        if not after:
            break
    subject.rename(ids[:count], "Renamed")
    return min(count, len(ids))


def _sizes(folder: Path) -> Mapping[str, int]:
    path = folder / "sizes.json"
    sizes: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
    return sizes


def _floor(crm: str, run: str, sizes: Mapping[str, int], changed: int) -> int:
    """The fewest calls in which the records, histories and links of the three objects can be had."""
    if crm == "salesforce":
        return sum(ceil((size if run == "first" else 1) / 2000) for size in sizes.values())
    if run == "first":
        page = {"deals": 50}
        return sum(ceil(size / page.get(name, 100)) for name, size in sizes.items())
    if not changed:
        return len(sizes)
    return len(sizes) - 1 + ceil(changed / 200) + ceil(changed / 50) + 2 * ceil(changed / 1000)


def _row(
    crm: str, name: str, run: str, cost: Cost, stats: Mapping[str, int], floor: int, sizes: Mapping[str, int]
) -> str:
    rows, calls = sum(sizes.values()), stats["total"]
    failed = "" if cost.code == 0 else f"  failed: {cost.said.strip().splitlines()[-1][:160] if cost.said else ''}"
    return (
        f"{crm:10}  {name:21}  {run:11}  {rows:7,}  {cost.seconds:8.1f}  {rows / cost.seconds:6,.0f}  {calls:6,}"
        f"  {1000 * calls / max(rows, 1):6.1f}  {floor:5,}  {cost.megabytes:7.0f}{failed}"
    )


if __name__ == "__main__":
    given: Sequence[str] = sys.argv[1:]
    if given[:1] == ["pull"]:
        crm = load(Path(given[1])).connections["acme"].crm
        pull_only(given[1], OBJECTS[crm], SIDE)
    else:
        main(*(int(one) for one in given[:2]), *given[2:])
