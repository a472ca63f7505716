"""What every connection owes the records it writes to: a receipt per row, our own fields alone, tasks made once."""

from __future__ import annotations

from datetime import UTC, datetime

from connectors.protocol import Connector, NewTask, Update
from tests.contract.conftest import WANTED
from tests.contract.subjects import Subject

UNKNOWN = {"salesforce": "006000000000001AAA", "hubspot": "999999999999", "files": "nobody"}
DUE = datetime(2027, 1, 15, 9, tzinfo=UTC)


def new_task(subject: Subject, key: str) -> NewTask:
    opportunity = subject.mirror.tables[subject.opportunities][(subject.some(2)[1],)]
    owner = opportunity.get("OwnerId") or opportunity.get("hubspot_owner_id") or opportunity.get("seller_id")
    assert owner
    return NewTask(key, subject.some(2)[1], None, owner, "Call the buyer", "Because it is time.", DUE, "high")


def test_once_provisioned_nothing_is_missing_and_nothing_is_made_again(connector: Connector) -> None:
    assert list(connector.missing_schema(WANTED)) == []
    assert list(connector.provision(WANTED)) == []


def test_what_was_written_comes_back_under_our_own_column(subject: Subject, connector: Connector) -> None:
    subject.mirror.sync(connector, subject.opportunities)
    target = subject.some(3)[2]
    values = {"readiness": "45", "why": "She asked for a quote", "confidence": "high", "decision_date": "2027-02-01"}
    receipts = list(connector.push([Update("opportunity", target, values)]))
    assert [(receipt.ref, receipt.outcome) for receipt in receipts] == [(target, "written")]

    subject.mirror.sync(subject.open(), subject.opportunities)
    row = subject.mirror.tables[subject.opportunities][(target,)]
    held = {name: row[connector.native_field("opportunity", name)] for name in values}
    assert float(held.pop("readiness") or 0) == 45
    assert held == {name: value for name, value in values.items() if name != "readiness"}


def test_a_cleared_value_is_empty_in_the_crm(subject: Subject, connector: Connector) -> None:
    target = subject.some(3)[2]
    for value in ("50", None):
        list(connector.push([Update("opportunity", target, {"readiness": value})]))
    subject.mirror.sync(subject.open(), subject.opportunities)
    row = subject.mirror.tables[subject.opportunities][(target,)]
    assert row[connector.native_field("opportunity", "readiness")] is None


def test_one_row_that_is_gone_does_not_stop_the_others(subject: Subject, connector: Connector) -> None:
    ids = [*subject.some(4), UNKNOWN[subject.crm]]
    receipts = {r.ref: r for r in connector.push([Update("opportunity", id, {"readiness": "30"}) for id in ids])}
    assert set(receipts) == set(ids)
    assert {receipts[id].outcome for id in ids[:-1]} == {"written"}
    assert receipts[ids[-1]].outcome == "gone"


def test_one_bad_value_is_rejected_with_its_reason_and_the_rest_written(subject: Subject, connector: Connector) -> None:
    if subject.crm == "files":
        return
    ids = subject.some(4)
    updates = [Update("opportunity", id, {"confidence": "low"}) for id in ids[:-1]]
    updates.append(Update("opportunity", ids[-1], {"confidence": "no such choice"}))
    receipts = {receipt.ref: receipt for receipt in connector.push(updates)}
    assert {receipts[id].outcome for id in ids[:-1]} == {"written"}
    assert receipts[ids[-1]].outcome == "rejected"
    assert receipts[ids[-1]].reason


def test_a_task_is_made_once_found_by_its_deal_and_withdrawn(subject: Subject, connector: Connector) -> None:
    subject.mirror.sync(connector, subject.opportunities)
    task = new_task(subject, "silent-buyer-1")
    made = list(connector.create_tasks([task]))
    again = list(connector.create_tasks([task]))
    assert [receipt.outcome for receipt in made + again] == ["written", "written"]
    assert made[0].record_id == again[0].record_id

    assert task.opportunity_id
    found = [open for open in connector.tasks_of([task.opportunity_id]) if open.key == task.key]
    assert [(open.task_id, open.owner_id, open.is_done, open.untouched) for open in found] == [
        (made[0].record_id, task.owner_id, False, True)
    ]
    withdrawn = list(connector.delete_tasks([found[0].task_id]))
    assert [receipt.outcome for receipt in withdrawn] == ["written"]
    assert all(open.key != task.key for open in connector.tasks_of([task.opportunity_id]))
    assert [receipt.outcome for receipt in connector.delete_tasks([found[0].task_id])] == ["gone"]


def test_a_task_that_a_seller_has_finished_stays(subject: Subject, connector: Connector) -> None:
    task = new_task(subject, "slipping-date-1")
    (made,) = connector.create_tasks([task])
    assert made.record_id
    subject.finish(made.record_id)
    assert task.opportunity_id
    (found,) = [open for open in connector.tasks_of([task.opportunity_id]) if open.key == task.key]
    assert found.is_done
    assert not found.untouched
    assert [receipt.outcome for receipt in connector.delete_tasks([found.task_id])] == ["rejected"]


def test_our_own_fields_are_described_as_writable(subject: Subject, connector: Connector) -> None:
    list(connector.push([Update("opportunity", subject.some(1)[0], {"readiness": "10"})]))
    described = connector.describe("opportunity")
    assert described[connector.native_field("opportunity", "readiness")].updateable
