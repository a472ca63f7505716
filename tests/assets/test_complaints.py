"""What users of other integrations suffered, told by them in their trackers, and what happens here instead.

The numbers are those of the list of complaints that connectors and their tests are held against.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from assets.budget import Spent
from assets.connection import Connection
from assets.warehouse.receipts import ATTEMPTS, parked
from sandbox.faults import parse
from sandbox.server import Sandbox, serve
from tests.assets.way import SECRETS, connect_to, linked, provision, stored, walk

CAP = 1
DAY = date(2026, 11, 21)
"""The market's day: on it the cap holds something back."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Connection, Sandbox]]:
    """A HubSpot portal that has had its first run, at most one task per owner a day."""
    with serve(opportunities=25, as_of=DAY, limits=False) as running, pytest.MonkeyPatch.context() as patch:
        for name, value in SECRETS.items():
            patch.setenv(name, value)
        extra = f"    alerts: {{per_owner_per_day: {CAP}}}\n"
        acme = linked(tmp_path_factory.mktemp("written"), "hubspot", running.url, extra=extra)
        provision(acme)
        walk(acme)
        yield acme, running


def test_8_nobody_reads_a_stage_id_where_a_stage_has_a_name(written: tuple[Connection, Sandbox]) -> None:
    acme, _ = written
    with stored(acme) as store:
        stages = store.query("select stage_id, label from stages")
        texts = store.query("select value from fields where field not in ('updated_at') and value is not null")
        tasks = store.query("select subject, body from task_plan")
    ids = [row["stage_id"] for row in stages if row["stage_id"] != row["label"]]
    words = "\n".join([row["value"] for row in texts] + [f"{row['subject']} {row['body']}" for row in tasks])
    assert len(ids) > 3
    assert [one for one in ids if re.search(rf"\b{re.escape(one)}\b", words)] == []
    assert any(row["label"] in words for row in stages)


def test_12_the_quota_is_never_exhausted_for_everybody_else(tmp_path: Path) -> None:
    with serve(opportunities=5) as busy:
        acme = linked(tmp_path, "hubspot", busy.url, extra="    daily_calls: 50%\n")
        provision(acme)
        limit = 625_000
        busy.world.limits.leave(limit // 20 + 10, "hubspot")
        with pytest.raises(Spent, match="used up"):
            walk(acme)
        with connect_to(acme) as connector:
            connector.identity()
            limits = connector.limits()
        assert limits.daily_limit == limit
        assert limits.daily_limit - (limits.daily_used or 0) > 0.049 * limit, "others can still call"


@pytest.mark.slow
def test_20_a_validation_rule_costs_its_own_record_alone_and_says_so(tmp_path: Path, sandbox: Sandbox) -> None:
    acme = linked(tmp_path, "salesforce", sandbox.url)
    provision(acme)
    walk(acme, steps=6)
    with stored(acme) as store:
        deal = store.query("select record_id from plan where object = 'opportunity' and field = 'why' limit 1")[0]
    rule = {"code": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "Close date lies in the past"}
    fault = {"kind": "partial_failure", "match": {"object": "Opportunity", "id": deal["record_id"]}, "times": None}
    sandbox.world.faults.add(parse({**fault, **rule}))
    first = walk(acme)
    assert first["rows_rejected"] == 1
    assert first["rows_written"] > 10
    for _ in range(ATTEMPTS - 1):
        walk(acme)
    with stored(acme) as store:
        shown = parked(store)
    assert {row["record_id"] for row in shown} == {deal["record_id"]}
    assert {row["reason"] for row in shown} == {"FIELD_CUSTOM_VALIDATION_EXCEPTION: Close date lies in the past"}
    assert walk(acme)["rows_rejected"] == 0, "it is not sent again and again"


@pytest.mark.slow
def test_20_a_flow_that_saves_the_record_after_us_starts_no_loop(written: tuple[Connection, Sandbox]) -> None:
    acme, sandbox = written
    with stored(acme) as store:
        deals = [row["record_id"] for row in store.query("select distinct record_id from receipts limit 20")]
    state = sandbox.hubspot.state
    table = state.tables["deals"]
    for round_ in range(2):
        for deal in deals:
            record = table.records.get(int(deal))
            if record is not None:
                record.updated = state.now()
                table.touched(record)
        again = walk(acme)
        assert (again["rows_written"], again["tasks_opened"]) == (0, 0), f"round {round_}"


def test_21_every_score_says_why_and_since_when(written: tuple[Connection, Sandbox]) -> None:
    acme, _ = written
    with stored(acme) as store:
        scored = store.query(
            "select record_id, max(value) filter (where field = 'why') as why,"
            " max(value) filter (where field = 'updated_at') as updated_at"
            " from fields where object = 'opportunity' group by record_id"
            " having max(value) filter (where field = 'readiness') is not null"
        )
    assert scored
    assert [row["record_id"] for row in scored if not row["why"] or not row["updated_at"]] == []
    dated = [row for row in scored if re.search(r"\d", row["why"])]
    assert len(dated) > len(scored) / 2


def test_21_nobody_is_buried_under_alerts(written: tuple[Connection, Sandbox]) -> None:
    acme, _ = written
    with stored(acme) as store:
        opened = store.query("select owner_id from task_intents where state = 'open'")
        alerts = store.count("alerts")
    a_day = Counter(row["owner_id"] for row in opened)
    assert a_day
    assert max(a_day.values()) <= CAP
    assert alerts > len(opened)
