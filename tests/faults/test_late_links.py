"""Links that move no record's stamp arrive all the same, at the price of some calls a day."""

from __future__ import annotations

import requests

from sandbox.server import Sandbox
from tests.assets.way import stored
from tests.faults.scene import Scene

LINKED = "select label from raw_associations where not _deleted and from_type = ? and from_id = ? and to_id = ?"


def test_a_link_added_a_week_after_the_deal_still_arrives_with_its_label_and_leaves_again(
    scenes: dict[str, Scene], sandbox: Sandbox
) -> None:
    scene = scenes["hubspot"]
    connection, wanted = scene.connection(filled=True), scene.intention()
    scene.run(connection, wanted)
    deal = wanted.opportunities[0]
    with stored(connection) as store:
        linked = {row["to_id"] for row in store.query("select to_id from raw_associations where from_id = ?", [deal])}
        contacts = [row["id"] for row in store.query("select id from raw_contacts where not _deleted order by 1")]
        email = store.query("select from_id from raw_associations where from_type = 'emails' and to_id = ?", [deal])[0]
    contact = next(one for one in contacts if one not in linked)
    labels = scene.subject.call("GET", "/crm/v4/associations/deals/contacts/labels").json()["results"]
    kind = next(one for one in labels if one["label"] == "Champion")
    types = [{"associationCategory": kind["category"], "associationTypeId": kind["typeId"]}]
    path = f"/crm/v4/objects/deals/{deal}/associations/contacts/{contact}"
    sandbox.world.clock.advance(7)
    scene.subject.call("PUT", path, types)
    scene.subject.call("DELETE", f"/crm/v4/objects/emails/{email['from_id']}/associations/deals/{deal}")
    scene.run(connection, wanted)
    with stored(connection) as store:
        assert {"label": "Champion"} in store.query(LINKED, ["deals", deal, contact])
        assert not store.query(LINKED, ["emails", email["from_id"], deal])
    scene.subject.call("DELETE", path)
    assert links_read(scene, connection, wanted) == 0, "once a day is enough"
    sandbox.world.clock.advance(1)
    assert links_read(scene, connection, wanted) == 9, "however many deals are open, up to a thousand in a run"
    with stored(connection) as store:
        assert not store.query(LINKED, ["deals", deal, contact])


def links_read(scene: Scene, connection: object, wanted: object) -> int:
    """Calls for links in one run."""
    requests.post(f"{scene.url}/__sandbox/reset-stats", timeout=30)
    scene.run(connection, wanted)  # type: ignore[arg-type]
    counted = requests.get(f"{scene.url}/__sandbox/stats", timeout=30).json()["calls"]
    return sum(count for route, count in counted.items() if "associations" in route and "/batch/read" in route)
