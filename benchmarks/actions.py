"""Next best actions beside what the sellers did, judged against what the buyers really thought.

    python -m benchmarks.actions [opportunities] [seed]

An act fits when the phase in which its person truly is lies among those of its kind (`transforms/rules/kinds.yaml`).
Ours are those advised on the open deals now; the sellers' are what they did of their own accord in the last 90 days.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from benchmarks.market import World, scored_at, world
from transforms.actions import aimed_at, chosen
from transforms.book import deals
from transforms.fit import kinds

SEEN = timedelta(days=90)


@dataclass(frozen=True)
class Figures:
    """Acts and the share of them that fits: advised ones, those that ask something of the buyer, and the sellers'."""

    advised: int
    advised_fit: float
    asking: int
    asking_fit: float
    done: int
    done_fit: float
    rules: Counter[str]


def measured(here: World) -> Figures:
    """What we advise on the open deals, and what the sellers did."""
    truth = {(one["opportunity_id"], one["person_id"]): one["phase"] for one in here.truth["people"]}
    tables, scores = scored_at(here, here.as_of)
    advised: list[tuple[str, bool]] = []
    rules: Counter[str] = Counter()
    for deal in deals(tables, scores, here.as_of):
        rule = chosen(deal, here.as_of)
        person = aimed_at(deal, here.as_of)
        if rule is None or deal.is_lead or (deal.opportunity_id, person) not in truth:
            continue
        rules[rule.rule] += 1
        advised.append((rule.kind, kinds()[rule.kind].suits(truth[deal.opportunity_id, str(person)])))
    done = [one for one in here.truth["actions"] if one.at > here.as_of - SEEN]
    asking = [fits for kind, fits in advised if kinds()[kind].pushes]
    return Figures(
        len(advised),
        _share(fits for _, fits in advised),
        len(asking),
        _share(asking),
        len(done),
        _share(kinds()[one.purpose].suits(one.phase) for one in done),
        rules,
    )


def _share(fits: Iterable[bool]) -> float:
    listed = list(fits)
    return sum(listed) / max(1, len(listed))


def main(arguments: Iterable[str]) -> None:
    """Print the figures."""
    given = [int(argument) for argument in arguments]
    one = measured(world(*(given or [600])))
    print(f"advised  {one.advised:5,}, fitting the person's phase {one.advised_fit:.0%}")
    print(f"  of which ask something of the buyer {one.asking:,}, fitting {one.asking_fit:.0%}")
    print(f"sellers  {one.done:5,}, fitting {one.done_fit:.0%}")
    print("; ".join(f"{rule} {count}" for rule, count in one.rules.most_common()))


if __name__ == "__main__":
    main(sys.argv[1:])
