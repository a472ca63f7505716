"""Every cell of the fault matrix: nothing lost, doubled or written twice, and the admin is told."""

from __future__ import annotations

import pytest

from tests.faults.cells import STEPS, Cell, cells
from tests.faults.play import play
from tests.faults.scene import Scene

QUICK = {
    "salesforce - answer lost - write fields",
    "salesforce - restricted picklist - write tasks",
    "hubspot - reset within the body - first pull",
    "hubspot - answer lost - write tasks",
}
"""Those that the quick suite plays; `make faults` plays all."""

CELLS = [
    pytest.param(cell, id=cell.name, marks=[] if cell.name in QUICK else [pytest.mark.slow])
    for crm in STEPS
    for cell in cells(crm)
]


@pytest.mark.parametrize("cell", CELLS)
def test_after_a_fault_nothing_is_lost_doubled_or_left_unsaid(cell: Cell, scenes: dict[str, Scene]) -> None:
    assert play(cell, scenes[cell.crm]) == []
