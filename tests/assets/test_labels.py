"""What a seller says of a buyer's phase reaches the model as it was said, with what stood beside it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from assets.connection import Connection
from assets.label_history import remembered
from assets.session import session
from connectors.protocol import Update
from readiness.schema import LABELS
from sandbox.server import Sandbox
from tests.assets.way import connect_to, linked, provision, stored, walk
from tests.readiness.fit.markets import day as at
from transforms.labels import MIDDLE_OF_BAND

GIVEN = "select opportunity_id, phase, shown_phase, given_at from labels order by given_at"
SHOWN = "select record_id, after from receipts where field = 'phase' and object = 'opportunity' and outcome = 'written'"


def say(connection: Connection, deal: str, phase: str) -> None:
    """As the seller's hands would."""
    with connect_to(connection) as connector:
        native = connector.native_field("opportunity", "seller_view")
        (receipt,) = connector.push([Update("opportunity", deal, {native: phase})])
        assert receipt.outcome == "written"


def after_run(acme: Connection, at: datetime, *said: tuple[str, int, int | None, datetime]) -> list[dict[str, Any]]:
    """What is remembered after a run at that instant in which the CRM said these labels; our write follows it."""
    rows = [dict(zip(("opportunity_id", "phase", "shown_phase", "given_at"), label, strict=True)) for label in said]
    with session(acme, str(uuid4())) as opened:
        opened.run.fix(at)
        with opened.store.scratch():
            found = remembered(opened, opened.store.frame(rows, LABELS.dtypes)).collect().rows(named=True)
        changes = [("opportunity", "d1", "phase", None, "ready", "written", None)]
        opened.store.insert("receipts", [(opened.run.run_id, opened.run.seq, *change, at) for change in changes])
    return sorted(found, key=lambda row: (row["given_at"], row["opportunity_id"]))


def test_a_label_that_merely_stands_is_not_given_again(tmp_path: Path) -> None:
    acme = linked(tmp_path, "salesforce", "http://127.0.0.1:1")
    first = after_run(acme, at(1), ("d1", 3, None, at(0.5)))
    assert [(row["phase"], row["shown_phase"], row["given_at"]) for row in first] == [(3, None, at(0.5))]
    assert after_run(acme, at(5), ("d1", 3, None, at(4))) == first
    later = after_run(acme, at(9), ("d1", 4, None, at(8)), ("d2", 1, 3, at(7)), ("d3", 1, None, at(10)))
    assert [(row["opportunity_id"], row["phase"], row["shown_phase"]) for row in later] == [
        ("d1", 3, None),  # nothing had been shown yet
        ("d2", 1, 3),  # what the CRM itself held beside it
        ("d1", 4, 5),  # what we had written by then
    ]


@pytest.mark.slow
@pytest.mark.parametrize("crm", ["hubspot", "salesforce"])
def test_a_label_keeps_its_day_and_what_stood_beside_it(tmp_path: Path, sandbox: Sandbox, crm: str) -> None:
    acme = linked(tmp_path, crm, sandbox.url)
    provision(acme)
    walk(acme)
    with stored(acme) as store:
        shown = {row["record_id"]: row["after"] for row in store.query(SHOWN)}
    deal = next(key for key, band in shown.items() if band in MIDDLE_OF_BAND)
    sandbox.world.advance(1)
    say(acme, deal, "liking")
    walk(acme)
    with stored(acme) as store:
        (first,) = store.query(GIVEN)
    assert (first["opportunity_id"], first["phase"]) == (deal, 3)
    assert first["shown_phase"] == MIDDLE_OF_BAND[shown[deal]]
    sandbox.world.advance(6)
    say(acme, deal, "preference")
    walk(acme)
    sandbox.world.advance(1)
    walk(acme)
    with stored(acme) as store:
        labels = store.query(GIVEN)
    assert [row["phase"] for row in labels] == [3, 4]
    assert labels[0] == first
