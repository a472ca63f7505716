"""Text of the CRM that bites: it stays data all the way, and appears escaped wherever it is shown."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from uuid import uuid4

import pytest
import requests

from assets.connection import Connection
from assets.legs import reports, standing
from assets.reports.files import folder
from assets.session import session
from sandbox.server import Sandbox, serve
from tests.assets.way import SECRETS, connect_to, linked, provision, stored, walk

SCRIPT, FORMULA = "<script>alert('deal')</script>", '=HYPERLINK("http://evil.example")'
FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
NAME = f'{FORMULA} {SCRIPT} "><img src=x onerror=alert(1)> {{{{7*7}}}} \u202eright to left {FAMILY} \x1b[31m %s {{0}}'
LONG = 1_000
NOTE = f"{SCRIPT} We would like a quote. {{{{7*7}}}} " + f"A <b>very</b> long note {FAMILY}. " * LONG


@dataclass
class Bitten:
    """A portal in which an open deal and its buyer have names that bite, with as long a note as it takes."""

    sandbox: Sandbox
    acme: Connection
    deal: str

    @property
    def record(self) -> str:
        return requests.get(f"{self.sandbox.url}/hubspot/{self.deal}", timeout=60).text

    def texts(self) -> list[str]:
        """Our fields of the deal, and the tasks of ours on it as the CRM has them."""
        with stored(self.acme) as store:
            sql = "select value from fields where record_id = ? and value is not null"
            fields = [row["value"] for row in store.query(sql, [self.deal])]
            planned = store.query("select subject, body from alerts where opportunity_id = ?", [self.deal])
        with connect_to(self.acme) as crm:
            assert list(crm.tasks_of([self.deal]))
        return [*fields, *(row["subject"] for row in planned), *(row["body"] for row in planned)]


@pytest.fixture(scope="module")
def bitten(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bitten]:
    with pytest.MonkeyPatch.context() as patch, serve(opportunities=20, limits=False) as sandbox:
        for name, value in SECRETS.items():
            patch.setenv(name, value)
        acme = linked(tmp_path_factory.mktemp("acme"), "hubspot", sandbox.url)
        provision(acme)
        _bite_all(sandbox.url)
        walk(acme)
        with stored(acme) as store:
            chosen = store.query("select min(opportunity_id) as deal from task_plan where opportunity_id is not null")
        with session(acme, str(uuid4())) as opened, opened.store.scratch():
            opened.store.choose_engine()
            standing.work(opened)
            reports.work(opened)
        yield Bitten(sandbox, acme, chosen[0]["deal"])


def _bite_all(url: str) -> None:
    """Rename every open deal and its people."""
    crm = requests.Session()
    crm.headers["Authorization"] = f"Bearer {SECRETS['HUBSPOT_TOKEN']}"
    asked = {"properties": "hs_is_closed", "associations": "contacts", "limit": "100"}
    for deal in crm.get(f"{url}/crm/v3/objects/deals", params=asked, timeout=60).json()["results"]:
        if deal["properties"]["hs_is_closed"] != "true":
            people = {link["id"] for link in deal.get("associations", {}).get("contacts", {}).get("results", ())}
            _bite(crm, url, deal["id"], people)


def _bite(crm: requests.Session, url: str, deal: str, people: set[str]) -> None:
    person = {"firstname": SCRIPT, "lastname": f"{{{{7*7}}}}\u202e{FAMILY}"}
    renamed = [("deals", deal, {"dealname": NAME}), *(("contacts", one, person) for one in people)]
    for kind, record, values in renamed:
        answer = crm.patch(f"{url}/crm/v3/objects/{kind}/{record}", json={"properties": values}, timeout=60)
        assert answer.status_code == 200, answer.text
    link = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 214}
    note = {
        "properties": {"hs_timestamp": "2026-11-20T10:00:00.000Z", "hs_note_body": NOTE},
        "associations": [{"to": {"id": deal}, "types": [link]}],
    }
    answer = crm.post(f"{url}/crm/v3/objects/notes", json=note, timeout=60)
    assert answer.status_code == 201, answer.text[:300]


def test_names_come_clean_into_fields_and_tasks_and_no_body_comes_at_all(bitten: Bitten) -> None:
    texts = bitten.texts()
    assert any(SCRIPT in text for text in texts), "the name itself is data, and stays"
    for text in texts:
        assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", text)
        assert "very" not in text
        assert "49" not in text


def test_the_record_page_shows_them_escaped_and_whole(bitten: Bitten) -> None:
    page = bitten.record
    assert "<script" not in page
    assert "<img" not in page
    heading = re.search(r"<h1>(.*?)</h1>", page, re.DOTALL)
    assert heading is not None
    assert unescape(heading[1]) == NAME
    assert unescape(page).count("<b>very</b>") >= LONG, "the note is whole"


def test_reports_show_them_escaped_and_stay_light(bitten: Bitten) -> None:
    pages = [path.read_text(encoding="utf-8") for path in sorted(folder(bitten.acme).glob("*.html"))]
    assert len(pages) == 3
    assert any("&lt;script&gt;alert(&#39;deal&#39;)" in page for page in pages)
    for page in pages:
        assert "<script" not in page
        assert "<img" not in page
        assert "\x1b" not in page
        assert len(page.encode()) < 1_000_000
    table = (folder(bitten.acme) / "coaching.csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table, newline="")))
    assert [row["deal"] for row in rows if row["opportunity_id"] == bitten.deal] == [f"'{NAME}"]


def test_nothing_of_a_body_is_kept(bitten: Bitten) -> None:
    with stored(bitten.acme) as store:
        for table in store.tables("raw_"):
            whole = f'select "{table}"::text as t from "{table}"'
            rows = store.query(f"select count(*) as n from ({whole}) where t like ?", ["%very</b> long%"])
            assert rows[0]["n"] == 0, table
