"""Precision and recall per topic and language on sentences of many trades (`tests/transforms/sentences.yaml`).

    python -m benchmarks.topics

`known` sentences were used to widen the lexicon. The others have changed nothing in it: `unseen` ones are worded
plainly, but whoever wrote them widened the lexicon an hour later, so they flatter; `oblique` ones were written
afterwards and say things without the usual words. A company's own mail lies between those two. Each sentence is
labelled with one topic: whatever else is found in it counts as wrong, also where a reader might agree (a question
about the contract that is found as question and legal).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from transforms.annotate import annotator

SENTENCES = Path(__file__).parents[1] / "tests" / "transforms" / "sentences.yaml"
NONE = "none"
TOPICS = (
    "question", "need", "pricing", "quote_request", "reference_request", "legal", "procurement", "delay", "objection",
    "status_quo", "introduction", "promise", "complaint",
)  # fmt: skip


@dataclass
class Counted:
    """Topics found rightly, found wrongly and missed; a share is 1 where there was nothing to find."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)

    def precision(self, topics: Sequence[str] = TOPICS) -> float:
        return _share(self.right, self.wrong, topics)

    def recall(self, topics: Sequence[str] = TOPICS) -> float:
        return _share(self.right, self.missed, topics)


def _share(right: Counter[str], other: Counter[str], topics: Sequence[str]) -> float:
    hits, rest = (sum(counts[topic] for topic in topics) for counts in (right, other))
    return hits / (hits + rest) if hits + rest else 1.0


def counted(sentences: Mapping[str, Sequence[str]]) -> Counted:
    """What is found in sentences given per topic, `none` for those without any."""
    annotate, result = annotator(), Counted()
    for topic, texts in sentences.items():
        there = {topic} - {NONE}
        for text in texts:
            found = set(json.loads(annotate("", text)["topics"] or "[]")) & set(TOPICS)
            result.right.update(found & there)
            result.wrong.update(found - there)
            result.missed.update(there - found)
    return result


def labelled() -> dict[str, dict[str, dict[str, list[str]]]]:
    """The sentences: known or unseen -> language -> topic -> texts."""
    found: dict[str, dict[str, dict[str, list[str]]]] = yaml.safe_load(SENTENCES.read_text(encoding="utf-8"))
    return found


def main() -> None:
    """Print the table."""
    print(
        f"{'precision/recall':20}" + "".join(f"{f'{part} {lang}':>14}" for part in labelled() for lang in ("en", "nl"))
    )
    columns = [counted(labelled()[part][lang]) for part in labelled() for lang in ("en", "nl")]
    for name, topics in [*((topic, (topic,)) for topic in TOPICS), ("all", TOPICS)]:
        shares = (f"{one.precision(topics):.0%}/{one.recall(topics):.0%}" for one in columns)
        print(f"{name:20}" + "".join(f"{share:>14}" for share in shares))


if __name__ == "__main__":
    main()
