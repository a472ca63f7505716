"""What is tried again, how long, and what an admin gets to read."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from connectors.errors import NeedsAdmin, TryLater
from connectors.recovery import (
    LONGEST_PAUSE_S,
    RECOVERY,
    Admin,
    Later,
    Reauthenticate,
    Refusal,
    Retry,
    action_for,
    explained,
    patiently,
    retry_after,
)

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "3"}, 3.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"Retry-After-Ms": "1500"}, 1.5),
        ({"Retry-After": "Sat, 21 Nov 2026 09:00:30 GMT"}, 30.0),
        ({"Retry-After": "Sat, 21 Nov 2026 08:00:00 GMT"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_a_crm_may_say_how_long_to_wait_in_seconds_milliseconds_or_by_a_date(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "INVALID_SESSION_ID", Reauthenticate),
        (403, "REQUEST_LIMIT_EXCEEDED", Later),
        (429, "DAILY", Later),
        (429, "RATE_LIMITS", Retry),
        (503, "anything", Retry),
        (None, "CONNECTION", Retry),
        (None, "TLS", Admin),
        (403, "MISSING_SCOPES", Admin),
        (418, "TEAPOT", Admin),
    ],
)
def test_status_and_code_tell_what_to_do(status: int | None, code: str, kind: type) -> None:
    assert isinstance(action_for(Refusal(status, code)), kind)


def test_what_passes_is_tried_again_until_it_passes() -> None:
    answers = iter([Refusal(503, "BUSY", retry_after=0.0), Refusal(429, "RATE_LIMITS", retry_after=0.0)])

    def call() -> str:
        refusal = next(answers, None)
        if refusal:
            raise refusal
        return "done"

    assert patiently(call) == "done"


def test_what_nobody_can_mend_by_waiting_is_tried_once() -> None:
    calls = []

    def call() -> None:
        calls.append(1)
        raise Refusal(403, "REQUEST_LIMIT_EXCEEDED")

    with pytest.raises(Refusal):
        patiently(call)
    assert len(calls) == 1


def test_a_wait_longer_than_we_allow_is_left_to_the_next_run() -> None:
    calls = []

    def call() -> None:
        calls.append(1)
        raise Refusal(429, "RATE_LIMITS", retry_after=LONGEST_PAUSE_S + 1)

    began = time.monotonic()
    with pytest.raises(Refusal):
        patiently(call)
    assert len(calls) == 1
    assert time.monotonic() - began < 1


def test_what_never_passes_is_given_up_after_a_bounded_number_of_attempts() -> None:
    calls = []

    def call() -> None:
        calls.append(1)
        raise Refusal(503, "BUSY", retry_after=0.0)

    with pytest.raises(Refusal):
        patiently(call)
    assert len(calls) == 7


def test_what_might_happen_twice_is_not_sent_again() -> None:
    calls = []

    def call() -> None:
        calls.append(1)
        lost = Refusal(None, "CONNECTION", retry_after=0.0)
        lost.final = True
        raise lost

    with pytest.raises(Refusal):
        patiently(call)
    assert len(calls) == 1


def test_every_entry_of_the_table_becomes_a_sentence_with_a_remedy_and_no_record_in_it() -> None:
    for status, code in RECOVERY:
        error = explained(Refusal(status, code, row="Jansen owes us 400 euro"), "GET query")
        assert isinstance(error, NeedsAdmin | TryLater)
        assert error.remedy
        assert "Jansen" not in str(error)
