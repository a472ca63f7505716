"""One bad row never takes its batch with it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from connectors import batches
from connectors.batches import chunks, isolated, unlocked
from connectors.errors import TryLater
from connectors.paging import paged
from connectors.protocol import Receipt, Update
from connectors.recovery import Refusal
from connectors.text import alike


def refused(row: int, why: Refusal) -> Receipt:
    return Receipt(str(row), "rejected", None, why.code)


@pytest.mark.parametrize("bad", [{7}, {0, 99}, set(range(0, 100, 9)), set()])
def test_bad_rows_are_found_by_halving_and_all_others_written(bad: set[int]) -> None:
    sent: list[int] = []

    def send(rows: Sequence[int]) -> list[Receipt]:
        if bad & set(rows):
            raise Refusal(409, "CONFLICT")
        sent.extend(rows)
        return [Receipt(str(row), "written") for row in rows]

    receipts = list(isolated(range(100), send, refused))
    assert sorted(int(receipt.ref) for receipt in receipts) == list(range(100))
    assert {int(receipt.ref) for receipt in receipts if receipt.outcome == "rejected"} == bad
    assert sorted(sent) == sorted(set(range(100)) - bad)


def test_a_refusal_that_no_row_is_to_blame_for_is_not_hunted_for() -> None:
    calls = []

    def send(rows: Sequence[int]) -> list[Receipt]:
        calls.append(len(rows))
        raise Refusal(None, "CONNECTION")

    receipts = list(isolated(range(100), send, refused))
    assert calls == [100]
    assert len(receipts) == 100


def test_locked_rows_are_sent_again_and_given_up_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "LOCK_PAUSE_S", 0.0)
    sent: list[list[str]] = []

    def send(rows: list[str]) -> list[Receipt]:
        sent.append(rows)
        locked = {"always"} if len(sent) > 1 else {"always", "once"}
        return [Receipt(row, "retry" if row in locked else "written") for row in rows]

    receipts = {receipt.ref: receipt.outcome for receipt in unlocked(["free", "once", "always"], str, send)}
    assert receipts == {"free": "written", "once": "written", "always": "retry"}
    assert sent == [["free", "once", "always"], ["once", "always"], ["always"]]


def test_chunks_are_full_but_for_the_last() -> None:
    assert list(chunks(range(5), 2)) == [[0, 1], [2, 3], [4]]


def test_pages_come_in_order_while_the_next_one_is_fetched() -> None:
    tokens = {"a": "b", "b": "c", "c": None}
    assert list(paged(lambda token: (token.upper(), tokens[token]), "a")) == [("A", "b"), ("B", "c"), ("C", None)]


def test_an_api_that_leads_in_a_circle_is_left() -> None:
    tokens = {"a": "b", "b": "a"}
    with pytest.raises(TryLater):
        list(paged(lambda token: (token, tokens[token]), "a"))


def test_a_page_that_fails_raises_where_it_stood() -> None:
    def fetch(token: str) -> tuple[str, str | None]:
        if token == "b":
            raise TryLater("no")
        return token, "b"

    pages = paged(fetch, "a")
    assert next(pages) == ("a", "b")
    with pytest.raises(TryLater):
        next(pages)


def test_a_batch_whose_answer_is_lost_is_read_before_anything_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "LOST_PAUSE_S", 0.0)
    updates = [Update("opportunity", str(number), {"why": "x"}) for number in range(5)]
    sent: list[list[str]] = []

    def send(rows: Sequence[Update]) -> list[Receipt]:
        sent.append([row.record_id for row in rows])
        if len(sent) == 1:
            lost = Refusal(None, "CONNECTION")
            lost.final = True
            raise lost
        return [Receipt(row.record_id, "written") for row in rows]

    receipts = batches.once(updates, send, lambda rows: {"0", "1", "2"})
    assert sent == [["0", "1", "2", "3", "4"], ["3", "4"]]
    assert sorted((receipt.ref, receipt.outcome) for receipt in receipts) == [(str(n), "written") for n in range(5)]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("45", "45.0", True),
        (45.0, "45", True),
        (None, "", True),
        ("2026-11-21T09:00:00.000+0000", "2026-11-21T10:00:00+01:00", True),
        ("a\r\nb", "a\nb", True),
        ("45", "46", False),
        ("she asked", None, False),
        (True, "no", False),
    ],
)
def test_values_are_alike_whichever_way_a_crm_writes_them(one: object, other: object, same: bool) -> None:
    assert alike(one, other) is same
