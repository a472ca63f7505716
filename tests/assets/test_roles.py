"""Contact roles through time: what the CRM forgets, the snapshots keep."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from sandbox.server import Sandbox
from tests.assets.way import linked, provision, stored, walk

ROLES = (
    "select b.opportunity_id, b.person_id, b.role_id from buying_group b join opportunities o using (opportunity_id)"
    " where o.outcome = 'open' and b.left_at is null and b.role_id is not null order by all limit 1"
)


@pytest.fixture
def door(sandbox: Sandbox) -> requests.Session:
    """A logged-in session of somebody who works in the CRM."""
    session = requests.Session()
    grant = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}
    token = session.post(f"{sandbox.url}/services/oauth2/token", grant, timeout=60).json()["access_token"]
    session.headers["Authorization"] = f"Bearer {token}"
    return session


def test_a_role_removed_by_hand_gets_the_day_on_which_it_was_missed(
    tmp_path: Path, sandbox: Sandbox, door: requests.Session
) -> None:
    acme = linked(tmp_path, "salesforce", sandbox.url)
    provision(acme)
    walk(acme)
    with stored(acme) as store:
        role = store.query(ROLES)[0]
    record = f"{sandbox.url}/services/data/v67.0/sobjects/OpportunityContactRole/{role['role_id']}"
    assert door.delete(record, timeout=60).status_code == 204
    sandbox.world.advance(1)
    walk(acme)
    with stored(acme) as store:
        left = store.query(
            "select left_at from buying_group where opportunity_id = ? and person_id = ?",
            [role["opportunity_id"], role["person_id"]],
        )
        assert [row["left_at"] is not None for row in left] == [True]
        group = "select count(*) as n from people_readiness where opportunity_id = ? and person_id = ?"
        assert store.query(group, [role["opportunity_id"], role["person_id"]])[0]["n"] == 0
