"""Contact roles removed by hand just vanish: so once a day the open opportunities' roles are read as a whole.

Source: Salesforce Object Reference, OpportunityContactRole: IsDeleted is set only when its opportunity is deleted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.paging import paged
from connectors.protocol import Page
from connectors.salesforce.client import SalesforceDoor
from connectors.salesforce.rows import RowMaker
from connectors.salesforce.streams import Source


def open_roles(door: SalesforceDoor, source: Source, maker: RowMaker) -> Iterator[Page]:
    """The roles of every open opportunity, replacing what is stored of that opportunity; none carries a cursor."""
    inner = f"SELECT {', '.join(maker.selected)} FROM OpportunityContactRoles"  # noqa: S608 - names are ours
    soql = f"SELECT Id, ({inner}) FROM Opportunity WHERE IsClosed = false"  # noqa: S608 - the same

    def fetch(url: str) -> tuple[Any, str | None]:
        answer = door.json("GET", url, None, {"q": soql} if url == "query" else None)
        return answer, answer.get("nextRecordsUrl")

    for answer, _ in paged(fetch, "query"):
        opportunities = answer["records"]
        records = [record for opportunity in opportunities for record in _children(door, opportunity)]
        rows, _deleted = maker.of_records(records)
        yield Page(
            source.stream,
            rows,
            scope=("OpportunityId",),
            replaced=[(opportunity["Id"],) for opportunity in opportunities],
        )


def _children(door: SalesforceDoor, opportunity: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    held = opportunity.get("OpportunityContactRoles")
    while held:
        yield from held["records"]
        held = door.json("GET", held["nextRecordsUrl"]) if held.get("nextRecordsUrl") else None
