"""What buyers talk about, by where they stand: each topic has a bump somewhere along the way."""

from __future__ import annotations

import math
from bisect import bisect
from random import Random

NEUTRAL = ""
BUMPS: dict[str, tuple[float, float, float]] = {
    # topic: where along 0-6 it peaks, how wide, how high
    NEUTRAL: (2.5, 9.0, 0.95),
    "status_quo": (0.1, 1.1, 0.50),
    "delay": (1.0, 2.0, 0.20),
    "need": (1.9, 1.2, 0.55),
    "question": (2.6, 1.4, 0.95),
    "objection": (2.9, 1.2, 0.30),
    "demo": (2.4, 1.0, 0.16),
    "trial": (3.3, 1.1, 0.12),
    "pricing": (3.7, 1.1, 0.50),
    "quote_request": (4.3, 0.8, 0.26),
    "reference_request": (4.4, 0.8, 0.16),
    "introduction": (3.6, 1.5, 0.10),
    "promise": (3.8, 2.4, 0.22),
    "legal": (5.2, 0.8, 0.34),
    "procurement": (5.3, 0.9, 0.34),
    "redline": (5.6, 0.6, 0.16),
    "returned_document": (5.6, 0.8, 0.14),
    "signed_document": (6.5, 0.5, 0.10),
    "complaint": (2.0, 9.0, 0.015),
    "out_of_office": (2.0, 9.0, 0.02),
}
SEAT_LEANS = {
    "procurement": {"pricing": 1.8, "procurement": 3.0, "legal": 1.6, "need": 0.4},
    "technical": {"question": 1.8, "pricing": 0.3, "quote_request": 0.3, "legal": 0.7, "procurement": 0.3},
    "user": {"need": 1.5, "quote_request": 0.3, "legal": 0.2, "procurement": 0.2, "pricing": 0.5},
    "decider": {"signed_document": 2.0, "pricing": 1.2},
    "champion": {"introduction": 1.8, "quote_request": 1.4},
    "unknown": {},
}
LOWEST, STEP, STEPS = -1.5, 0.1, 96
ALONE = {"out_of_office", "opt_out"}
PAPERS = {"redline", "signed_document", "returned_document"}


def _weights(seat: str, position: float) -> list[float]:
    leans = SEAT_LEANS[seat]
    return [
        height * leans.get(topic, 1.0) * math.exp(-(((position - peak) / width) ** 2))
        for topic, (peak, width, height) in BUMPS.items()
    ]


def _running(weights: list[float]) -> list[float]:
    total, sums = 0.0, []
    for weight in weights:
        total += weight
        sums.append(total)
    return sums


NAMES = tuple(BUMPS)
TABLE = {seat: [_running(_weights(seat, LOWEST + STEP * i)) for i in range(STEPS)] for seat in SEAT_LEANS}


def spoken_of(dice: Random, seat: str, position: float) -> list[str]:
    """The topics of one act of somebody in this seat who stands there: none, one or two, in order of mention."""
    sums = TABLE[seat][min(STEPS - 1, max(0, int((position - LOWEST) / STEP)))]
    found = [NAMES[bisect(sums, dice.random() * sums[-1])] for _ in range(1 + (dice.random() < 0.35))]
    topics = [topic for topic in dict.fromkeys(found) if topic != NEUTRAL]
    alone = [topic for topic in topics if topic in ALONE]
    return alone[:1] or topics
