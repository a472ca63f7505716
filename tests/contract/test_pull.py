"""What every connection owes the store: all rows, only what changed, nothing lost on the way."""

from __future__ import annotations

from datetime import UTC

import pytest

from connectors.protocol import Connector
from tests.contract.mirror import Mirror
from tests.contract.subjects import Subject


def test_two_runs_meet_the_same_org(subject: Subject, connector: Connector) -> None:
    first, second = connector.identity(), subject.open().identity()
    assert first == second
    assert first.crm == subject.crm
    assert first.account_id


def test_the_clock_is_the_crms_own_in_utc_to_the_second(subject: Subject, connector: Connector) -> None:
    now = connector.now()
    assert now.tzinfo == UTC
    assert now.microsecond == 0
    if subject.crm == "files":
        assert now.isoformat() == "2026-03-01T10:00:05+00:00", "the latest instant, what lies ahead left out"


def test_every_row_has_the_columns_that_its_stream_names_and_only_texts(subject: Subject, connector: Connector) -> None:
    mirror = Mirror()
    mirror.sync(connector, subject.opportunities, subject.big)
    for stream in connector.streams():
        for row in mirror.tables.get(stream.name, {}).values():
            assert {*stream.fields, *stream.optional_fields} <= set(row)
            assert all(value is None or (isinstance(value, str) and value) for value in row.values())


def test_message_texts_are_read_for_their_topics_and_never_handed_on(subject: Subject, connector: Connector) -> None:
    if subject.crm == "files":
        pytest.skip("a folder of tables holds topics, no texts")
    mirror = Mirror()
    mirror.sync(connector, subject.big)
    rows = list(mirror.tables[subject.big].values())
    assert all("topics" in row for row in rows)
    assert any(row["lexicon"] != "0+0" for row in rows)
    assert not {"Subject", "Description", "hs_email_subject", "hs_email_text", "hs_email_html"} & set(rows[0])


def test_messages_read_again_by_id_are_those_that_a_pull_brings(subject: Subject, connector: Connector) -> None:
    mirror = Mirror()
    mirror.sync(connector, subject.big)
    stream = next(stream for stream in connector.streams() if stream.name == subject.big)
    stored = dict(list(mirror.tables[subject.big].items())[:150])
    missing = "00T000000000000AAA" if subject.crm == "salesforce" else "999999999"
    pages = list(connector.reread(stream, [*(str(key[0]) for key in stored), missing]))
    assert all(page.cursor is None and not page.snapshot for page in pages)
    again = {tuple(row[name] for name in stream.key): row for page in pages for row in page.rows}
    assert again == ({} if subject.crm == "files" else stored)


def test_a_settled_run_brings_no_opportunity_again(subject: Subject, connector: Connector) -> None:
    subject.mirror.sync(connector, subject.opportunities)
    assert subject.mirror.sync(connector, subject.opportunities)[subject.opportunities] == 0


def test_after_a_change_only_the_changed_row_comes(subject: Subject, connector: Connector) -> None:
    subject.mirror.sync(connector, subject.opportunities)
    changed = subject.some(1)
    subject.rename(changed, "Renamed by a seller")
    came = subject.mirror.sync(connector, subject.opportunities)[subject.opportunities]
    row = subject.mirror.tables[subject.opportunities][(changed[0],)]
    assert row[subject.name] == "Renamed by a seller"
    assert came == (1 if subject.crm != "files" else len(subject.mirror.ids(subject.opportunities)))


def test_a_deleted_opportunity_disappears(subject: Subject, connector: Connector) -> None:
    subject.mirror.sync(connector, subject.opportunities)
    gone = sorted(id for id in subject.mirror.ids(subject.opportunities) if id)[-1]
    subject.delete(gone)
    subject.mirror.sync(connector, subject.opportunities)
    assert gone not in subject.mirror.ids(subject.opportunities)


def test_many_changes_on_one_timestamp_all_arrive_once(
    subject: Subject, connector: Connector, request: pytest.FixtureRequest
) -> None:
    subject.mirror.sync(connector, subject.opportunities)
    ids = sorted(id for id in subject.mirror.ids(subject.opportunities) if id)
    if subject.crm == "files":
        subject.rename(ids, "All at once")
    else:
        world = request.getfixturevalue("sandbox").world
        world.clock.hold()
        subject.rename(ids, "All at once")
        world.clock.release()
    came = subject.mirror.sync(connector, subject.opportunities)[subject.opportunities]
    assert came == len(ids)
    assert {row[subject.name] for row in subject.mirror.tables[subject.opportunities].values()} == {"All at once"}


def test_a_run_cut_off_after_any_page_goes_on_without_a_loss(subject: Subject, connector: Connector) -> None:
    whole = Mirror()
    whole.sync(connector, subject.big)
    stream = next(stream for stream in connector.streams() if stream.name == subject.big)
    pages = list(connector.pull(stream, None, None))
    assert len(pages) > 1
    for cut in {1, len(pages) // 2, len(pages) - 1}:
        resumed = Mirror()
        for page in pages[:cut]:
            resumed.apply(stream, page)
        resumed.sync(subject.open(), subject.big)
        assert resumed.tables[subject.big] == whole.tables[subject.big]


def test_calls_are_counted(subject: Subject) -> None:
    connector = subject.open()
    subject.mirror.sync(connector, subject.opportunities)
    limits = connector.limits()
    if subject.crm == "files":
        assert limits.calls == 0
    else:
        assert limits.calls > 0
        assert limits.daily_limit
        assert 0 < (limits.daily_used or 0) < limits.daily_limit
