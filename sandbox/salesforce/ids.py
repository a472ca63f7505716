"""Record ids: 15 case-sensitive characters, or 18 with a checksum that survives case-insensitive tools.

The first three characters say which object it is, the rest are base 62. Source: Object Reference for the Salesforce
Platform, Field Types › ID Field Type.
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from hashlib import blake2b

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
POD = "5g0"
_CAPITALS = str.maketrans({letter: "1" if letter.isupper() else "0" for letter in DIGITS})
_LETTERS = bytes.maketrans(b"+/", b"xY")
_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[A-Z0-5]{3})?")


def checksum(short: str) -> str:
    """The three characters that 15 become 18 with: one per five, its bits saying which of them are capitals."""
    capitals = short.translate(_CAPITALS)
    return CHECK[int(capitals[4::-1], 2)] + CHECK[int(capitals[9:4:-1], 2)] + CHECK[int(capitals[14:9:-1], 2)]


def normal(given: str) -> str | None:
    """The 18-character form of a 15- or 18-character id; None for anything that is not an id."""
    if not _SHAPE.fullmatch(given):
        return None
    short = given[:15]
    return short + checksum(short)


def of(prefix: str, company_id: str) -> str:
    """The id of a record that stands for something of the company's: always the same for the same `company_id`."""
    digest = blake2b(company_id.encode(), digest_size=7, person=prefix.encode()).digest()
    short = prefix + POD + b2a_base64(digest)[:9].translate(_LETTERS).decode()
    return short + checksum(short)


class Serials:
    """Ids given out in order, per prefix: later records have higher ids, as in a real org."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def next(self, prefix: str) -> str:
        number = self._last[prefix] = self._last.get(prefix, 0) + 1
        digits = ""
        while number:
            number, digit = divmod(number, 62)
            digits = DIGITS[digit] + digits
        short = f"{prefix}5h0{digits:0>9}"
        return short + checksum(short)
