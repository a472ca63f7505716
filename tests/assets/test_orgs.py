"""Companies are not alike: two currencies, two pipelines, people who left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assets.connection import Connection
from sandbox.server import serve
from tests.assets.way import SECRETS, linked, stored, walk
from tests.contract.subjects import FOLDER

EXTRA = "    currency: EUR\n    rates: {USD: 0.5}\n"
STAGES = ("renewal,asked,Asked,1,0.5,false,false", "renewal,kept,Kept,2,1,true,true")
DEALS = (
    "d-usd,a1,s1,new,talk,Dollars,1000,USD,2026-12-01,2026-02-01T10:00:00Z,,open,",
    "d-renewal,a1,s1,renewal,asked,Again,100,EUR,2026-12-01,2026-02-01T10:00:00Z,,open,",
    "d-left,a1,s2,new,talk,Hers,100,EUR,2026-12-01,2026-02-01T10:00:00Z,,open,",
)
QUERY = """
    select o.name, amount, currency, p.label, s.name as seller, s.is_active from opportunities o
    left join stages p using (pipeline_id, stage_id) left join sellers s using (seller_id)
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A company of that kind behind both CRMs."""
    folder = tmp_path_factory.mktemp("company")
    more = {"sellers": ["s2,Eve,eve@example.com,false"], "stages": list(STAGES), "opportunities": list(DEALS)}
    for table, lines in FOLDER.items():
        (folder / f"{table}.csv").write_text("\n".join([*lines, *more.get(table, [])]) + "\n", encoding="utf-8")
    with serve(load=folder, limits=False) as running, pytest.MonkeyPatch.context() as patch:
        for name, value in SECRETS.items():
            patch.setenv(name, value)
        yield running.url


@pytest.fixture(scope="module", params=["salesforce", "hubspot"])
def pulled(request: pytest.FixtureRequest, address: str, tmp_path_factory: pytest.TempPathFactory) -> Connection:
    acme = linked(tmp_path_factory.mktemp(request.param), request.param, address, extra=EXTRA)
    walk(acme, steps=2)
    return acme


def deal(connection: Connection, name: str) -> dict[str, Any]:
    with stored(connection) as store:
        (found,) = [row for row in store.query(QUERY) if row["name"] == name]
    return found


def test_a_deal_in_another_currency_is_not_taken_for_twice_its_worth(pulled: Connection) -> None:
    assert (deal(pulled, "Dollars")["amount"], deal(pulled, "Dollars")["currency"]) == (500.0, "EUR")
    assert deal(pulled, "Deal 1")["amount"] == 100.0


def test_the_deals_of_a_second_pipeline_have_that_pipelines_stages(pulled: Connection) -> None:
    assert (deal(pulled, "Again")["label"], deal(pulled, "Deal 1")["label"]) == ("Asked", "Talking")


def test_the_deals_of_somebody_who_left_keep_their_owners_name(pulled: Connection) -> None:
    left = deal(pulled, "Hers")
    assert (left["seller"], left["is_active"]) == ("Eve", False)


def test_a_pipeline_that_is_not_wanted_stays_out(address: str, tmp_path: Path) -> None:
    acme = linked(tmp_path, "hubspot", address, extra=f"{EXTRA}    pipelines: {{include: [renewal]}}\n")
    walk(acme, steps=2)
    with stored(acme) as store:
        assert [row["name"] for row in store.query("select name from opportunities")] == ["Again"]
