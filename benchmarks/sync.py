"""What pulling and writing cost, beside other integrations that do the same work: deals, contacts and companies.

    python -m benchmarks.sync [deals] [latency in ms] [limits on|off] [tool …]

One sandbox per CRM; each tool makes a first sync, one after 1 % of the deals have been renamed, and one after nothing
has; those that write bring a text to the contacts of 2 % of the deals. Calls are counted by the sandbox, seconds and
peak memory by the operating system. One table, one run:

- fixed: calls that are the same whatever there is to do: login, identity, describe, catalogs;
- floor: the fewest calls for the rest (full pages, full batches, nothing asked twice); ratio: (calls - fixed) / floor;
- refused: calls that the CRM turned down; pace, with limits on: calls let through as a share of those permitted
  (HubSpot: 190 in any 10 seconds), over the whole ten seconds in which there was work for them: all but the last.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import requests

from benchmarks.beside import Cost, cost_of, counted, sandbox
from benchmarks.peers.opponents import PEERS
from connectors.protocol import FieldSpec
from tests.contract.mirror import Mirror
from tests.contract.subjects import HubSpotSubject, SalesforceSubject

OBJECTS = {"hubspot": ("deals", "contacts", "companies"), "salesforce": ("opportunity", "contact", "account")}
SUBJECTS = {"hubspot": HubSpotSubject, "salesforce": SalesforceSubject}
CONTACTS = {"hubspot": ("contacts", "id", "email"), "salesforce": ("contact", "Id", "Email")}
WHY = FieldSpec("person", "why", "Why", "long_text", length=2000)
FIRST, CHANGED, UNCHANGED, WRITE = "first", "1 % changed", "unchanged", "write"
RUNS = (FIRST, CHANGED, UNCHANGED, WRITE)
OF_DATA = ("/query", "/queryAll", "/objects/", "jobs/", "/associations/2", "/associations/v4", "/composite")
DESCRIBE = ("composite/batch", "/labels", "/types")
BURST = 190
Runner = Callable[[str, Path], Cost]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    crm: str
    tool: str
    run: str
    rows: int
    floor: int
    cost: Cost
    stats: Mapping[str, Any]
    limits: bool

    @property
    def fixed(self) -> int:
        calls = self.stats["calls"].items()
        described = sum(count for route, count in calls if route.endswith(DESCRIBE)) - (self.run == WRITE)
        other = (count for route, count in calls if not any(part in route for part in OF_DATA))
        return sum(other) + max(described, 0)

    def __str__(self) -> str:
        cost, calls = self.cost, self.stats["total"]
        refused = sum(count for status, count in self.stats["statuses"].items() if status in ("403", "429"))
        ratio = f"{(calls - self.fixed) / self.floor:5.2f}" if self.floor else ""
        busy = self.stats["windows"][:-1] if self.limits and self.crm == "hubspot" else []
        pace = f"{sum(busy) / len(busy) / BURST:5.1%}" if busy else ""
        said = cost.said.strip().splitlines()[-1][:120] if cost.code and cost.said.strip() else ""
        return (
            f"{self.crm:10}  {self.tool:21}  {self.run:11}  {self.rows:7,}  {cost.seconds:7.1f}"
            f"  {self.rows / cost.seconds:6,.0f}  {calls:6,}  {1000 * calls / max(self.rows, 1):6.1f}  {self.fixed:5}"
            f"  {self.floor:5,}  {ratio:5}  {refused:7}  {pace:5}  {cost.megabytes:7.0f}"
            f"{f'  failed: {said}' if cost.code else ''}"
        )


def main(deals: int = 10_000, latency_ms: int = 100, limits: str = "off", *tools: str) -> None:
    """Print a row per tool and run."""
    print(f"{deals:,} deals, {latency_ms} ms a call, limits {limits}")
    print(
        "CRM         tool                   run            rows  seconds  rows/s   calls  /1,000  fixed  floor  ratio"
        "  refused  pace   peak MB"
    )
    options = json.dumps({"opportunities": deals, "latency_ms": latency_ms, "limits": limits == "on", "density": 0.1})
    for crm in OBJECTS:
        with sandbox(options) as url, tempfile.TemporaryDirectory() as folder:
            requests.get(f"{url}{'/services/data' if crm == 'salesforce' else '/crm/v3/owners'}", timeout=3600)
            SUBJECTS[crm](url).open().provision([WHY])
            sizes: Mapping[str, int] = {}
            for run in RUNS:
                changed = _rename(crm, url, deals // 100) if run == CHANGED else 0
                rows = _rows(crm, url, deals // 50) if run == WRITE else []
                for name, runner in _runners(crm, run, tools).items():
                    work = Path(folder) / name.replace(" ", "-")
                    work.mkdir(exist_ok=True)
                    texts = [{**row, "why": f"Written by {name}"} for row in rows]
                    (work / "rows.json").write_text(json.dumps(texts))
                    counted(url)
                    cost = runner(url, work)
                    stats = counted(url)
                    sizes = sizes or _sizes(work)
                    count, floor = len(rows) or sum(sizes.values()), _floor(crm, run, sizes, changed or len(rows))
                    print(Row(crm, name, run, count, floor, cost, stats, limits == "on"), flush=True)


def _runners(crm: str, run: str, tools: Sequence[str]) -> Mapping[str, Runner]:
    """Who does this, by name: ourselves first."""
    runners: dict[str, Runner] = {"ours": ours(crm, run)}
    for peer in PEERS:
        if (peer.crm, peer.writes) == (crm, run == WRITE) and (not tools or peer.name in tools):
            peer.install()
            runners[peer.name] = lambda url, folder, peer=peer: cost_of(  # type: ignore[misc]
                peer.command(peer.bin, folder), peer.environment(url), deadline_s=1800
            )
    return {name: runner for name, runner in runners.items() if not tools or name in tools}


def ours(crm: str, run: str) -> Runner:
    """Our pull of the same objects, with their histories and links, into its store; or our write."""

    def runner(url: str, folder: Path) -> Cost:
        config = folder / "readiness.yaml"
        config.write_text(f"connections:\n  acme:\n    crm: {crm}\n    url: {url}\n    history: 240 months\n")
        what = ["write", config, folder / "rows.json"] if run == WRITE else ["pull", config, *OBJECTS[crm]]
        return cost_of([sys.executable, "-m", "benchmarks.ours", *map(str, what)], deadline_s=3600)

    return runner


def _rows(crm: str, url: str, count: int) -> list[dict[str, str | None]]:
    """The first contacts with an e-mail, as somebody who has never read the CRM finds them."""
    stream, key, email = CONTACTS[crm]
    mirror = Mirror()
    mirror.sync(SUBJECTS[crm](url).open(), stream)
    rows = [row for row in mirror.tables[stream].values() if row[email]]
    return [{"id": row[key], "email": row[email]} for row in sorted(rows, key=lambda row: str(row[key]))[:count]]


def _rename(crm: str, url: str, count: int) -> int:
    subject = SUBJECTS[crm](url)
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
    """The fewest calls in which records, histories and links of the three objects can be had, or the rows written."""
    if run == WRITE:
        return ceil(changed / (1000 if crm == "salesforce" else 100))
    if crm == "salesforce":
        return sum(ceil((size if run == FIRST else 1) / 2000) for size in sizes.values())
    if run == FIRST:
        page = {"deals": 50}
        return sum(ceil(size / page.get(name, 100)) for name, size in sizes.items())
    if not changed:
        return len(sizes)
    return len(sizes) - 1 + ceil(changed / 200) + ceil(changed / 50) + 2 * ceil(changed / 1000)


if __name__ == "__main__":
    given: Sequence[str] = sys.argv[1:]
    main(*(int(one) for one in given[:2]), *given[2:])
