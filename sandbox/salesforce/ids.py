"""Record ids: 15 case-sensitive characters, or 18 with a checksum that survives case-insensitive tools.

The first three characters say which object it is, the rest are base 62. Source: Object Reference for the Salesforce
Platform, Field Types › ID Field Type.
"""

from __future__ import annotations

import re
from hashlib import blake2b

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
POD = "5g0"
_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[A-Z0-5]{3})?")


def checksum(short: str) -> str:
    """The three characters that 15 become 18 with: one per five, its bits saying which of them are capitals."""
    return "".join(
        CHECK[sum(1 << bit for bit, letter in enumerate(short[at : at + 5]) if "A" <= letter <= "Z")]
        for at in (0, 5, 10)
    )


def normal(given: str) -> str | None:
    """The 18-character form of a 15- or 18-character id; None for anything that is not an id."""
    if not _SHAPE.fullmatch(given):
        return None
    short = given[:15]
    return short + checksum(short)


def base62(number: int, width: int) -> str:
    digits = ""
    for _ in range(width):
        number, digit = divmod(number, 62)
        digits = DIGITS[digit] + digits
    return digits


def of(prefix: str, company_id: str) -> str:
    """The id of a record that stands for something of the company's: always the same for the same `company_id`."""
    digest = int.from_bytes(blake2b(company_id.encode(), digest_size=8, person=prefix.encode()).digest())
    short = prefix + POD + base62(digest, 9)
    return short + checksum(short)


class Serials:
    """Ids given out in order, per prefix: later records have higher ids, as in a real org."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def next(self, prefix: str) -> str:
        number = self._last[prefix] = self._last.get(prefix, 0) + 1
        short = f"{prefix}5h0{base62(number, 9)}"
        return short + checksum(short)
