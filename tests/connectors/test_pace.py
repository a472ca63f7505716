"""We keep below HubSpot's limits ourselves."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor

from connectors.hubspot.pace import Pace, Window


def test_no_window_of_the_crm_holds_more_calls_than_allowed_and_little_is_wasted() -> None:
    window, drawn = Window(20, 0.2), random.Random(7)
    counted: list[float] = []

    def call(_: int) -> None:
        with window.turn():
            time.sleep(0.02 + drawn.random() / 200)
            counted.append(time.monotonic())
            time.sleep(0.002)

    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(call, range(100)))
    counted.sort()
    assert all(counted[place + 20] - counted[place] > 0.2 for place in range(80))
    assert time.monotonic() - began < 1.6


def test_without_a_known_limit_nobody_waits() -> None:
    pace = Pace()
    began = time.monotonic()
    for _ in range(500):
        with pace.turn("/crm/v3/objects/deals"):
            pass
    assert time.monotonic() - began < 1


def test_the_limit_is_what_the_answers_say_less_what_others_spend() -> None:
    pace = Pace()
    pace.learn({"X-HubSpot-RateLimit-Max": "20", "X-HubSpot-RateLimit-Remaining": "5"})
    began = time.monotonic()
    for _ in range(3):
        with pace.turn("/crm/v3/objects/deals"):
            pass
    assert time.monotonic() - began < 1
    pace.learn({"X-HubSpot-RateLimit-Daily": "1000", "X-HubSpot-RateLimit-Daily-Remaining": "400"})
    assert (pace.daily_used, pace.daily_limit) == (600, 1000)


def test_searches_go_five_a_second() -> None:
    pace = Pace()
    began = time.monotonic()
    for _ in range(6):
        with pace.turn("/crm/v3/objects/deals/search"):
            pass
    assert time.monotonic() - began > 1
