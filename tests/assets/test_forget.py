"""Somebody erased in the CRM is erased here: rows, history, receipts, and the texts that we wrote about others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from assets.connection import Connection
from assets.erasure.erase import erase
from assets.erasure.forget import export, forget
from assets.erasure.person import gone
from assets.errors import Refused
from assets.warehouse import Warehouse
from sandbox.server import Sandbox, serve
from tests.assets.conftest import Told
from tests.assets.way import DAY, connect_to, linked, provision, stored, walk

CRMS = pytest.mark.parametrize("crm", [pytest.param("salesforce", marks=pytest.mark.slow), "hubspot"])
NAMED = (
    "select p.person_id, p.name, p.email from people p join buying_group b using (person_id)"
    " join opportunities o using (opportunity_id)"
    " where o.outcome = 'open' and p.email is not null and exists (select 1 from receipts r where"
    " r.object = 'opportunity' and r.record_id = o.opportunity_id and contains(r.after, p.name))"
    " and (select count(*) from people q where q.name = p.name) = 1 order by p.person_id limit 1"
)


@pytest.fixture
def small() -> Iterator[Sandbox]:
    with serve(opportunities=15, as_of=DAY, limits=False) as running:
        yield running


def written(tmp_path: Path, sandbox: Sandbox, crm: str) -> tuple[Connection, dict[str, str]]:
    """A connection that has written its fields, and somebody whom they name."""
    acme = linked(tmp_path, crm, sandbox.url)
    provision(acme)
    walk(acme)
    with stored(acme) as store:
        return acme, store.query(NAMED)[0]


def erase_in_crm(connection: Connection, person_id: str) -> None:
    with connect_to(connection) as connector:
        door = connector._door  # type: ignore[attr-defined]
        if connection.config.crm == "salesforce":
            door.json("DELETE", f"sobjects/Contact/{person_id}")
        else:
            door.json("DELETE", f"/crm/v3/objects/contacts/{person_id}")


def traces(store: Warehouse, person: dict[str, str]) -> list[str]:
    """Every column of every table in which the person's id, name or address stands."""
    found = []
    for row in store.query(
        "select table_name as t, column_name as c, data_type as d from duckdb_columns() where not internal"
        " and data_type in ('VARCHAR', 'VARCHAR[]') order by all"
    ):
        for word in person.values():
            sql = f'select count(*) as n from "{row["t"]}" where contains("{row["c"]}"::varchar, ?)'
            if store.query(sql, [word])[0]["n"]:
                found.append(f"{row['t']}.{row['c']}: {word}")
    return found


def texts_in_crm(connection: Connection, sandbox: Sandbox) -> str:
    """All that stands in our fields on deals, and in tasks of ours, in one text."""
    if connection.config.crm == "hubspot":
        state = sandbox.hubspot.state
        deals, tasks = state.tables["deals"], state.tables["tasks"]
        ours = [held.name for held in state.properties["deals"] if held.name.startswith("br_")]
        words = [deals.value(record, name) for record in deals.live() for name in ours]
        named = [record for record in tasks.live() if tasks.value(record, "br_key")]
        words += [tasks.value(r, name) for r in named for name in ("hs_task_subject", "hs_task_body", "br_key")]
        return "\n".join(str(word) for word in words)
    words = []
    for name in ("Opportunity", "Task"):
        table = sandbox.salesforce.store[name]
        fields = table.sobject.fields.values()
        rows = [row for row in table.rows.values() if not table.is_deleted(row)]
        if name == "Task":
            rows = [row for row in rows if row[table.sobject.at("BR_Key__c")]]
        shown = [f for f in fields if f.name[:3] == "BR_" or (name == "Task" and f.name in ("Subject", "Description"))]
        words += [row[field.at] for row in rows for field in shown]
    return "\n".join(str(word) for word in words)


@CRMS
def test_who_was_erased_in_the_crm_leaves_no_trace_after_the_next_run(tmp_path: Path, small: Sandbox, crm: str) -> None:
    acme, person = written(tmp_path, small, crm)
    assert person["name"] in texts_in_crm(acme, small)
    with stored(acme) as store:
        assert len(traces(store, person)) > 5
    erase_in_crm(acme, person["person_id"])
    small.world.advance(1)
    walk(acme)
    with stored(acme) as store:
        assert traces(store, person) == []
        assert store.query("select count(*) as n from receipts")[0]["n"] > 50
    assert person["name"] not in texts_in_crm(acme, small)
    walk(acme)
    settled = walk(acme)
    assert (settled["rows_written"], settled["tasks_opened"]) == (0, 0)
    with stored(acme) as store:
        assert traces(store, person) == []


@pytest.mark.slow
def test_forget_by_address_clears_store_and_crm_and_leaves_the_others(
    tmp_path: Path, small: Sandbox, told: Told
) -> None:
    acme, person = written(tmp_path, small, "hubspot")
    with stored(acme) as store:
        others = store.count("raw_contacts")
    code, said, _ = told("forget", person["email"].upper(), "--json")
    done = json.loads(said)
    assert code == 0
    assert done["records"] == 1
    assert done["texts_cleared"] > 0
    assert person["name"] not in texts_in_crm(acme, small)
    with stored(acme) as store:
        assert traces(store, person) == []
        assert store.count("raw_contacts") == others - 1
    assert person["name"].encode() not in acme.store.read_bytes(), "not even in free blocks of the file"
    code, _, error = told("forget", person["email"])
    assert code == 3
    assert "nobody with the id or e-mail address" in error


@pytest.mark.slow
def test_an_export_has_everything_that_is_held_of_one_person_and_nothing_of_another(
    tmp_path: Path, small: Sandbox, told: Told
) -> None:
    acme, person = written(tmp_path, small, "salesforce")
    code, said, _ = told("export", person["person_id"])
    found = json.loads(said)
    assert code == 0
    assert found["person"] == [{"id": person["person_id"], "name": person["name"], "email": person["email"]}]
    assert {"raw_contact", "people", "buying_group", "interactions", "receipts", "people_readiness"} <= set(
        found["tables"]
    )
    assert all(row["person_id"] == person["person_id"] for row in found["tables"]["people"])
    assert len(found["tables"]["people"]) == 1
    forget(acme, person["person_id"])
    assert told("export", person["person_id"])[0] == 3


@pytest.mark.slow
def test_a_sync_in_observe_erases_here_and_writes_nothing_there(tmp_path: Path, small: Sandbox) -> None:
    acme, person = written(tmp_path, small, "hubspot")
    watching = linked(tmp_path, "hubspot", small.url, mode="observe")
    erase_in_crm(acme, person["person_id"])
    small.world.advance(1)
    walk(watching)
    with stored(acme) as store:
        assert traces(store, person) == []
    assert person["name"] in texts_in_crm(acme, small)
    walk(acme)
    assert person["name"] not in texts_in_crm(acme, small), "as soon as it may write again"


@pytest.mark.slow
def test_of_two_people_of_one_name_the_one_who_is_left_keeps_it(tmp_path: Path, small: Sandbox) -> None:
    acme, person = written(tmp_path, small, "hubspot")
    with stored(acme) as store:
        store.execute("create temp table twin as select * from raw_contacts where id = ?", [person["person_id"]])
        store.execute("update twin set id = '1', email = 'twin@elsewhere.example', _deleted = true")
        store.execute("insert into raw_contacts select * from twin")
        before = traces(store, person)
    walk(acme, steps=1)
    with stored(acme) as store:
        assert set(before) <= set(traces(store, person))
        assert traces(store, {"email": "twin@elsewhere.example"}) == []


def test_thousands_can_be_erased_at_once(tmp_path: Path) -> None:
    acme = linked(tmp_path, "hubspot", "http://127.0.0.1:9")
    with stored(acme) as store:
        named = "'Eva' as firstname, 'O''Neil (' || i || ')' as lastname, 'e' || i || '@x.example' as email"
        store.execute(
            f"create table raw_contacts as select i::varchar as id, {named}, true as _deleted from range(3000) r(i)"
        )
        store.execute(
            "insert into receipts select 'first', 1, 'opportunity', i::varchar, 'why', null,"
            " 'Eva O''Neil (' || i || ') asked for a quote', 'written', null, now() from range(6000) r(i)"
        )
        assert erase(store, "hubspot", gone(store, "hubspot")) == 6000
        assert store.query("select count(*) as n from receipts where after <> '(erased)'")[0]["n"] == 3000


def test_an_export_of_nobody_says_so(tmp_path: Path) -> None:
    acme = linked(tmp_path, "hubspot", "http://127.0.0.1:9")
    with pytest.raises(Refused, match="nothing has been pulled yet"):
        export(acme, "x@y.example")
