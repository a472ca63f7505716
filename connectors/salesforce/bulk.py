"""Bulk API 2.0 queries: a job, a wait, and its results as CSV that is read as it streams in.

Source: Salesforce Bulk API 2.0 Developer Guide, "Query". Results are kept for seven days, so a job outlives a run that
was cut off: its id and locator stand in the cursor.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Generator
from dataclasses import replace
from itertools import islice
from typing import cast

import requests
from urllib3.exceptions import HTTPError

from connectors.errors import TryLater
from connectors.protocol import Page
from connectors.recovery import Refusal
from connectors.salesforce.client import SalesforceDoor
from connectors.salesforce.cursor import Cursor
from connectors.salesforce.jobs import MOST_READS, awaited
from connectors.salesforce.rows import RowMaker, page
from connectors.salesforce.streams import Source

RESULT_ROWS = 100_000
PAGE_ROWS = 2000
NO_LOCATOR = "null"


def bulk_pages(door: SalesforceDoor, source: Source, maker: RowMaker, cursor: Cursor) -> Generator[Page, None, bool]:
    """The results of the job in `cursor`, from its locator on; returns whether it could be read to its end.

    The cursor moves on with each set of results; within one it stays, so that a broken set is read again.
    """
    if awaited(door, f"jobs/query/{cursor.job}").get("state") != "JobComplete":
        return False
    while True:
        try:
            following = yield from _results(door, source, maker, cursor)
        except Refusal:
            return False
        if following is None:
            return True
        cursor = replace(cursor, locator=following)


def _results(
    door: SalesforceDoor, source: Source, maker: RowMaker, cursor: Cursor
) -> Generator[Page, None, str | None]:
    """One set of results in pages; returns the locator of the next one. A set that breaks off is asked for again."""
    params = {"maxRecords": str(RESULT_ROWS)} | ({"locator": cursor.locator} if cursor.locator else {})
    for _ in range(MOST_READS):
        try:
            with door.stream(f"jobs/query/{cursor.job}/results", params, own={400, 404}) as response:
                counted = yield from _read(response, source, maker)
                following = response.headers.get("Sforce-Locator", NO_LOCATOR)
        except (HTTPError, requests.exceptions.RequestException, OSError, csv.Error, ValueError):
            continue
        if not counted:
            continue
        if following == NO_LOCATOR:
            yield page(
                source, ([], []), str(replace(cursor, at=cursor.then, job=None, locator=None, then=None)), last=True
            )
            return None
        yield page(source, ([], []), str(replace(cursor, locator=following)))
        return following
    raise TryLater("The results of a bulk query keep breaking off.", "The next run reads them again.")


def _read(response: requests.Response, source: Source, maker: RowMaker) -> Generator[Page, None, bool]:
    """The rows of one answer in pages; returns whether as many came as the answer says it has."""
    expected = response.headers.get("Sforce-NumberOfRecords")
    response.raw.decode_content, response.raw.auto_close = True, False
    lines = csv.reader(io.TextIOWrapper(cast(io.BufferedReader, response.raw), "utf-8", newline=""))
    header = next(lines, [])
    read = 0
    while chunk := list(islice(lines, PAGE_ROWS)):
        read += len(chunk)
        yield page(source, maker.of_lines(header, chunk), None)
    return expected is None or read == int(expected)
