"""We keep below HubSpot's limits ourselves."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from connectors.hubspot.pace import Pace, Window


def test_no_window_ever_holds_more_starts_than_allowed_and_little_is_wasted() -> None:
    window = Window(20, 0.2)
    starts: list[float] = []

    def start(_: int) -> None:
        window.wait()
        starts.append(time.monotonic())

    began = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(start, range(100)))
    starts.sort()
    assert all(starts[place + 20] - starts[place] > 0.19 for place in range(80))
    assert time.monotonic() - began < 1.6


def test_without_a_known_limit_nobody_waits() -> None:
    pace = Pace()
    began = time.monotonic()
    for _ in range(500):
        pace.wait("/crm/v3/objects/deals")
    assert time.monotonic() - began < 1


def test_the_limit_is_what_the_answers_say_less_what_others_spend() -> None:
    pace = Pace()
    pace.learn({"X-HubSpot-RateLimit-Max": "20", "X-HubSpot-RateLimit-Remaining": "5"})
    began = time.monotonic()
    for _ in range(3):
        pace.wait("/crm/v3/objects/deals")
    assert time.monotonic() - began < 1
    pace.learn({"X-HubSpot-RateLimit-Daily": "1000", "X-HubSpot-RateLimit-Daily-Remaining": "400"})
    assert (pace.daily_used, pace.daily_limit) == (600, 1000)


def test_searches_go_five_a_second() -> None:
    pace = Pace()
    began = time.monotonic()
    for _ in range(6):
        pace.wait("/crm/v3/objects/deals/search")
    assert time.monotonic() - began > 1
