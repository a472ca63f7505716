"""The report files of a connection: what a person opens, prints, carries on a phone, or loads into a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from uuid import uuid4

import pytest

from assets.connection import Connection
from assets.definitions import definitions
from assets.erasure.forget import forget
from assets.errors import Refused
from assets.legs import reports, standing
from assets.reports.files import folder
from assets.session import session
from tests.assets.conftest import Told
from tests.assets.logs import export
from tests.assets.way import SECRETS, linked, stored, walk
from tests.transforms.report_book import AS_OF, HOSTILE, book

PAGES = ("coaching.html", "scorecard.html", "postmortems.html")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--allow-file-access-from-files",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--enable-logging=stderr",
    "--virtual-time-budget=5000",
    "--dump-dom",
)


def made(folder: Path, language: str) -> Connection:
    """A connection whose book has been scored and reported on."""
    acme = linked(folder, "files", str(export(folder / "export", book())), "observe", f"    language: {language}\n")
    walk(acme, AS_OF, steps=5)
    report(acme)
    return acme


def report(acme: Connection) -> None:
    with session(acme, str(uuid4())) as opened, opened.store.scratch():
        opened.store.choose_engine()
        standing.work(opened)
        reports.work(opened)


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SECRETS.items():
            patch.setenv(name, value)
        yield made(tmp_path_factory.mktemp("acme"), "nl")


def page(acme: Connection, name: str) -> str:
    return (folder(acme) / name).read_text(encoding="utf-8")


class Seen(HTMLParser):
    """Which tags a page has, what they point to, and what it says."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.pointers: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.pointers += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "action")]
        assert not [name for name, _ in attrs if name.startswith("on")], "no event handlers"

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("name", PAGES)
def test_a_page_stands_by_itself_and_is_light(acme: Connection, name: str) -> None:
    html = page(acme, name)
    seen = Seen(html)
    assert len(html.encode()) < 1_000_000
    assert not {"script", "iframe", "link", "img", "object"} & set(seen.tags)
    assert all(pointer.startswith("#") for pointer in seen.pointers)
    assert "default-src 'none'" in html
    assert '<meta name="viewport"' in html
    assert "@media print" in html


@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_read_out(acme: Connection, name: str) -> None:
    html = page(acme, name)
    assert '<html lang="nl">' in html
    assert len(re.findall("<h1>", html)) == 1
    charts = re.findall(r"<svg[^>]*>", html)
    assert charts
    assert all(re.search(r'role="img" aria-label="[^"]{30,}"', chart) for chart in charts)
    assert "<th>" not in re.sub("<th scope=", "<TH scope=", html)


def test_hostile_text_of_the_crm_is_shown_escaped_and_whole(acme: Connection) -> None:
    html = page(acme, "coaching.html")
    names = [re.sub(r"<[^>]*>", "", found) for found in re.findall(r"<h3><bdi>(.*?)</bdi>", html)]
    shown = {unescape(name) for name in names}
    visible = {text.replace("\x07", " ").replace("\x1b", " ") for text in HOSTILE if len(text) < 1000}
    assert shown <= visible | {HOSTILE[-1][:999] + "…"}
    assert len(shown) > 5
    assert "49" not in shown, "no template of the CRM's is filled in"


def test_a_spreadsheet_gets_no_formula_and_the_whole_text(acme: Connection) -> None:
    content = (folder(acme) / "coaching.csv").read_bytes()
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    names = {row["deal"] for row in rows}
    assert "'" + HOSTILE[1] in names
    assert "'" + HOSTILE[6] in names
    assert HOSTILE[7] in names
    cells = [cell for row in rows for cell in row.values() if cell]
    assert not [cell for cell in cells if cell[0] in "=+@\t\r" or (cell[0] == "-" and not _is_number(cell))]


def _is_number(cell: str) -> bool:
    return bool(re.fullmatch(r"-?\d+(\.\d+)?", cell))


def test_the_cards_of_closed_deals_say_what_stood_out_in_dutch(acme: Connection) -> None:
    html = page(acme, "postmortems.html")
    assert html.count('<article class="card"') == 40
    assert "Wat opviel" in html
    assert "Beloften van ons die te laat of niet kwamen: 1." in unescape(html)


def test_amounts_and_dates_are_in_the_connections_own_locale(tmp_path: Path, acme: Connection) -> None:
    assert "€\xa012.000" in page(acme, "coaching.html") or "€ 12.000" in page(acme, "coaching.html")
    english = page(made(tmp_path, "en"), "coaching.html")
    assert "€ 12,000" in english
    assert "1 Mar 2026" in english


def test_no_page_or_table_gives_a_figure_of_one_seller(acme: Connection) -> None:
    for name in ("scorecard.html", "scorecard.csv"):
        assert "Seller " not in page(acme, name)


def test_the_tables_are_kept_and_a_second_report_says_the_same(acme: Connection) -> None:
    before = {name: page(acme, name) for name in (*PAGES, "scorecard.csv")}
    report(acme)
    assert {name: page(acme, name) for name in before} == before
    with stored(acme) as store:
        assert store.count("coaching") >= 2
        assert store.count("postmortems") == 40
        assert store.query("select count(distinct said_at) as n from forecasts_said")[0]["n"] == 1


def test_when_somebody_is_forgotten_the_reports_are_taken_away_until_they_are_made_again(tmp_path: Path) -> None:
    acme = made(tmp_path, "en")
    assert folder(acme).exists()
    forget(acme, "o0@o0.example")
    assert not folder(acme).exists()
    with stored(acme) as store:
        assert not store.has("coaching")


def test_before_anything_is_scored_the_remedy_is_named(tmp_path: Path) -> None:
    acme = linked(tmp_path, "files", str(export(tmp_path / "export", book())), "observe")
    walk(acme, AS_OF, steps=2)
    with pytest.raises(Refused, match=r"nothing has been scored yet\. Run `readiness sync` first"):
        report(acme)


@pytest.mark.slow
def test_the_command_makes_them_in_dagster_and_a_single_card_by_id(tmp_path: Path, told: Told) -> None:
    acme = made(tmp_path, "en")
    code, printed, _ = told("report", "--connection", "acme", "--json")
    assert code == 0
    assert all(Path(path).exists() for path in json.loads(printed)["files"])
    code, printed, _ = told("report", "--connection", "acme", "--deal", "c4")
    assert code == 0
    assert page(acme, "postmortem-c4.html").count("<article") == 1
    code, _, said = told("report", "--connection", "acme", "--deal", "o1")
    assert (code, said.strip()) == (3, "acme: no deal o1 was closed in the last two years.")
    code, _, _ = told("report", "--connection", "acme", "--compare", "2025-12-01")
    assert code == 0
    assert "Before and after 1 Dec 2025" in page(acme, "scorecard.html")


def test_reports_have_a_job_of_their_own_so_that_one_that_fails_keeps_nothing_from_being_written(
    tmp_path: Path,
) -> None:
    acme = linked(tmp_path, "files", str(export(tmp_path / "export", book())), "on")
    jobs = definitions(acme.whole)
    way = {key.path[-1] for key in jobs.resolve_job_def("acme_sync").asset_layer.executable_asset_keys}
    beside = {key.path[-1] for key in jobs.resolve_job_def("acme_reports").asset_layer.executable_asset_keys}
    assert beside == {*standing.NAMES, "coaching", "scorecard", "postmortems"}
    assert not way & beside
    assert "receipts" in way


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here to open the pages with")
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [390, 1100])
def test_a_browser_shows_the_page_without_a_complaint_and_without_scrolling_sideways(
    acme: Connection, tmp_path: Path, name: str, width: int
) -> None:
    frame = tmp_path / "frame.html"
    frame.write_text(
        f'<iframe id="f" src="{(folder(acme) / name).as_uri()}" width="{width}" height="800"></iframe><script>'
        "f.onload = () => { const page = f.contentDocument.documentElement;"
        " document.title = `wide ${page.scrollWidth} of ${page.clientWidth}`; }</script>",
        encoding="utf-8",
    )
    assert CHROMIUM is not None
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--window-size=1300,1000", frame.as_uri()]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    wide = re.search(r"<title>wide (\d+) of (\d+)</title>", shown.stdout)
    assert wide, shown.stdout[:500]
    assert int(wide[1]) <= int(wide[2])
    assert "CONSOLE" not in shown.stderr
    assert "ERR_" not in shown.stderr
