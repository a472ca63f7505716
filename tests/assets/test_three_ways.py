"""One real log read as files, and served as a Salesforce org and as a HubSpot portal: the same readiness.

What a CRM can't carry is listed here, each item checked to be a difference, so that the list stays true.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from sandbox.server import serve
from tests.assets.way import linked, stored, walk

LOG = Path(__file__).parents[3] / "shared" / "data" / "bpic2012"
AS_OF = datetime(2012, 1, 10, tzinfo=UTC)
SAMPLE = 150
SAME = 1e-6
CANNOT_CARRY = {
    "salesforce": {
        "close_date": "Salesforce demands a close date; the log has none, so the day of closing stands in for it",
        "loss_reason": "an undecided end without a reason reads as lost",
    },
    "hubspot": {
        "loss_reason": "an undecided end without a reason reads as lost",
    },
}
READINESS = """
select o.name as deal, r.* exclude (opportunity_id, least_ready_person_id, claimed_phase, phase_gap)
from opportunity_readiness r join opportunities o using (opportunity_id) order by deal
"""
PEOPLE = """
select o.name as deal, r.* exclude (opportunity_id, person_id)
from people_readiness r join opportunities o using (opportunity_id) order by deal
"""
CHANCES = """
select o.name as deal, p_win, p_lost, p_no_decision
from forecast join opportunities o using (opportunity_id) order by deal
"""
FIELDS = """
select o.name as deal, f.field, f.value
from fields f join opportunities o on o.opportunity_id = f.record_id
where f.object = 'opportunity' and f.field in ('phase', 'readiness', 'confidence', 'why', 'coverage')
order by deal, field
"""
Rows = list[dict[str, object]]


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, dict[str, Rows]]]:
    """What each of the three ways makes of the sample."""
    if not LOG.is_dir():
        pytest.skip(f"the log is not here: {LOG}")
    folder = tmp_path_factory.mktemp("three")
    export = folder / "export"
    sample(export)
    patch = pytest.MonkeyPatch()
    for name in ("SF_CLIENT_ID", "SF_CLIENT_SECRET"):
        patch.setenv(name, "sandbox")
    patch.setenv("HUBSPOT_TOKEN", "pat-sandbox")
    with serve(load=export, limits=False) as sandbox:
        found = {}
        for crm in ("files", "salesforce", "hubspot"):
            where = str(export) if crm == "files" else sandbox.url
            acme = linked(folder / crm, crm, where, "observe", "    history: 20 years\n")
            walk(acme, AS_OF)
            with stored(acme) as store:
                found[crm] = {
                    "group": store.query(READINESS),
                    "people": store.query(PEOPLE),
                    "chances": store.query(CHANCES),
                    "fields": store.query(FIELDS),
                }
                found[crm]["quotes"] = store.query("select status, count(*) as n from quotes group by all order by all")
                found[crm]["ends"] = store.query(
                    "select outcome, count(*) as n from opportunities group by all order by all"
                )
                found[crm]["dates"] = store.query("select count(close_date) as n from opportunities")
        yield found
    patch.undo()


def sample(export: Path) -> None:
    """The deals created last before `AS_OF` and all that hangs on them, as a folder of their own."""
    export.mkdir()
    deals = pq.read_table(LOG / "opportunities.parquet").sort_by("created_at")
    deals = deals.filter(pc.less(deals["created_at"], pa.scalar(AS_OF))).slice(max(0, deals.num_rows - SAMPLE))
    kept = {"opportunity_id": deals["opportunity_id"], "account_id": deals["account_id"]}
    kept["person_id"] = pq.read_table(LOG / "buying_group.parquet").filter(
        pc.is_in(pq.read_table(LOG / "buying_group.parquet")["opportunity_id"], deals["opportunity_id"])
    )["person_id"]
    for file in LOG.glob("*.parquet"):
        table = pq.read_table(file)
        by = next((column for column in kept if column in table.column_names), None)
        pq.write_table(table if by is None else table.filter(pc.is_in(table[by], kept[by])), export / file.name)


def same(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= SAME
    return one == other


@pytest.mark.parametrize(
    ("crm", "what"),
    [
        ("salesforce", "group"),
        ("salesforce", "people"),
        ("hubspot", "group"),
        ("hubspot", "people"),
        ("hubspot", "chances"),
    ],
)
def test_readiness_is_the_same_whichever_way_the_log_came(
    three: dict[str, dict[str, Rows]], crm: str, what: str
) -> None:
    expected, found = three["files"][what], three[crm][what]
    assert len(expected) > 20
    assert [row["deal"] for row in found] == [row["deal"] for row in expected]
    different = [
        (one["deal"], column, one[column], other[column])
        for one, other in zip(expected, found, strict=True)
        for column in one
        if not same(one[column], other[column])
    ]
    assert different == []


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_sellers_read_the_same_whichever_way_the_log_came(three: dict[str, dict[str, Rows]], crm: str) -> None:
    assert three[crm]["fields"] == three["files"]["fields"]


def test_what_a_crm_cannot_carry_is_what_the_list_says(three: dict[str, dict[str, Rows]]) -> None:
    files, salesforce, hubspot = three["files"], three["salesforce"], three["hubspot"]
    assert ("close_date" in CANNOT_CARRY["salesforce"]) == (salesforce["dates"] != files["dates"])
    assert ("close_date" in CANNOT_CARRY["hubspot"]) == (hubspot["dates"] != files["dates"])
    for crm in CANNOT_CARRY:
        assert three[crm]["quotes"] == files["quotes"]
        assert ("loss_reason" in CANNOT_CARRY[crm]) == (three[crm]["ends"] != files["ends"])
