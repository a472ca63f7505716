"""The two sales pipelines: their stages, the products sold in them, and why deals are lost."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.company import Stage


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Open stages in order with the CRM's own chance, then the names of won and lost; a stage's name is its id."""

    id: str
    label: str
    steps: tuple[tuple[str, float], ...]
    won: str
    lost: str
    quoting: int
    """The index of the stage in which a seller sends a quote."""

    @property
    def open_stages(self) -> int:
        return len(self.steps)

    def stage_id(self, index: int) -> str:
        """Of an open stage; `open_stages` stands for won, one more for lost."""
        return (*(name for name, _ in self.steps), self.won, self.lost)[index]

    def stages(self) -> list[Stage]:
        return [
            Stage(self.id, self.label, name, name, i + 1, chance, i >= self.open_stages, i == self.open_stages)
            for i, (name, chance) in enumerate([*self.steps, (self.won, 1.0), (self.lost, 0.0)])
        ]


NEW_BUSINESS = Pipeline(
    "new-business",
    "New Business",
    (
        ("Qualification", 0.1),
        ("Discovery", 0.25),
        ("Solution", 0.4),
        ("Proposal", 0.6),
        ("Negotiation", 0.8),
    ),
    won="Closed Won",
    lost="Closed Lost",
    quoting=3,
)
RENEWAL = Pipeline(
    "renewal",
    "Renewal",
    (
        ("Preparation", 0.3),
        ("Review", 0.5),
        ("Renewal Quote", 0.7),
        ("Verbal Agreement", 0.9),
    ),
    won="Renewed",
    lost="Not Renewed",
    quoting=2,
)
PIPELINES = (NEW_BUSINESS, RENEWAL)

LOST_REASONS = ("Chose a competitor", "Price", "Missing functionality", "Chose a competitor", "Relationship")
NO_DECISION_REASONS = ("No budget", "No decision", "Project cancelled", "Other priorities", "No response", "Postponed")
