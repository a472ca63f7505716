"""The two sales pipelines: their stages, the products sold in them, and why deals are lost."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.company import Stage


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Open stages in order, then won and lost; a stage's id is the pipeline's and its own."""

    id: str
    label: str
    steps: tuple[tuple[str, str, float], ...]
    quoting: int
    """The index of the stage in which a seller sends a quote."""

    @property
    def open_stages(self) -> int:
        return len(self.steps)

    def stage_id(self, index: int) -> str:
        """Of an open stage; `open_stages` stands for won, one more for lost."""
        if index < len(self.steps):
            return f"{self.id}-{self.steps[index][0]}"
        return f"{self.id}-{'won' if index == len(self.steps) else 'lost'}"

    def stages(self) -> list[Stage]:
        rows = [*((label, chance, False) for _, label, chance in self.steps), ("Closed Won", 1.0, True)]
        return [
            Stage(self.id, self.label, self.stage_id(i), label, i + 1, chance, closed, closed and chance == 1.0)
            for i, (label, chance, closed) in enumerate([*rows, ("Closed Lost", 0.0, True)])
        ]


NEW_BUSINESS = Pipeline(
    "new-business",
    "New Business",
    (
        ("qualification", "Qualification", 0.1),
        ("discovery", "Discovery", 0.25),
        ("solution", "Solution", 0.4),
        ("proposal", "Proposal", 0.6),
        ("negotiation", "Negotiation", 0.8),
    ),
    quoting=3,
)
RENEWAL = Pipeline(
    "renewal",
    "Renewal",
    (
        ("preparation", "Preparation", 0.3),
        ("review", "Review", 0.5),
        ("renewal-quote", "Renewal Quote", 0.7),
        ("verbal", "Verbal Agreement", 0.9),
    ),
    quoting=2,
)
PIPELINES = (NEW_BUSINESS, RENEWAL)

LOST_REASONS = ("Chose a competitor", "Price", "Missing functionality", "Chose a competitor", "Relationship")
NO_DECISION_REASONS = ("No budget", "No decision", "Project cancelled", "Other priorities", "No response", "Postponed")
