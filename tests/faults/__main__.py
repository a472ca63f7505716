"""`python -m tests.faults [salesforce|hubspot] [WORD]`: play the cells, and print the matrix of fault × CRM × step."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from sandbox.server import serve
from tests.assets.way import SECRETS
from tests.faults.cells import STEPS, Cell, cells
from tests.faults.play import play
from tests.faults.scene import Scene, quickly


def main(crms: list[str], word: str) -> int:
    """Exit code 0 when every cell is green."""
    os.environ.update(SECRETS)
    red = 0
    for crm in crms:
        found: dict[Cell, list[str]] = {}
        with serve(opportunities=12, limits=False) as sandbox, tempfile.TemporaryDirectory() as folder, quickly():
            scene = Scene(crm, sandbox, Path(folder))
            for cell in (cell for cell in cells(crm) if word in cell.name):
                found[cell] = play(cell, scene)
                print(f"{cell.name}: {'RED' if found[cell] else 'ok'}", file=sys.stderr, flush=True)
                for problem in found[cell]:
                    print(f"{cell.name}: {problem}", file=sys.stderr, flush=True)
        print(table(crm, found))
        red += sum(bool(problems) for problems in found.values())
    return 1 if red else 0


def table(crm: str, found: dict[Cell, list[str]]) -> str:
    """One line per fault, one column per step; `ok`, `RED`, or nothing where the fault can't strike."""
    steps, faults = list(STEPS[crm]), list(dict.fromkeys(cell.fault for cell in found))
    marks = {(cell.fault, cell.step): "RED" if problems else "ok" for cell, problems in found.items()}
    widths = [max(len(step), 3) for step in steps]
    lines = [f"{crm:32}" + "  ".join(step.ljust(width) for step, width in zip(steps, widths, strict=True))]
    for fault in faults:
        row = (marks.get((fault, step), "").ljust(width) for step, width in zip(steps, widths, strict=True))
        lines.append(f"{fault:32}" + "  ".join(row))
    green = sum(not problems for problems in found.values())
    return "\n".join([*lines, f"{green} of {len(found)} cells are green", ""])


if __name__ == "__main__":
    given = sys.argv[1:]
    named = [crm for crm in STEPS if crm in given]
    sys.exit(main(named or list(STEPS), next((word for word in given if word not in STEPS), "")))
