"""The mapping page says what the code does."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness.schema import CANONICAL
from transforms import hubspot, salesforce
from transforms.mapping import MAPPINGS, page

ROOT = Path(__file__).parents[2]


def test_the_page_is_up_to_date():
    assert (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8") == page(), "run: python -m transforms.mapping"


@pytest.mark.parametrize("crm", list(MAPPINGS))
def test_every_canonical_column_has_a_source_or_says_why_not(crm):
    assert {mapped.table.name for mapped in MAPPINGS[crm]} == {table.name for table in CANONICAL}
    for mapped in MAPPINGS[crm]:
        for origin in mapped.origins:
            assert origin.source != "–" or origin.lossy, f"{crm} {mapped.table.name}.{origin.column}"


@pytest.mark.parametrize(("crm", "streams"), [("Salesforce", salesforce.streams), ("HubSpot", hubspot.streams)])
def test_every_source_is_a_field_that_is_read(crm, streams):
    read = {stream.source: {*stream.kinds(), "topics"} for stream in streams.STREAMS}
    own = {"BR_Seller_View__c", "BR_Phase__c", "br_seller_view", "br_phase"}
    for mapped in MAPPINGS[crm]:
        for origin in mapped.origins:
            thing, _, field = origin.source.partition(".")
            if thing == "–":
                continue
            assert thing in read, origin.source
            assert not field or field in read[thing] or field in own, origin.source
