"""Teams that figures about sellers may be shown for: at least five active sellers, and no smaller rest to work out.

Sellers of smaller teams are counted together, or with the smallest shown team where they are fewer than five, so that
no difference of two figures speaks of fewer than five people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from transforms.book import rows
from transforms.frames import col
from transforms.reports.book import Tables

SMALLEST = 5
EVERYBODY, OTHERS = "all", "others"


def teams(tables: Tables) -> dict[str, str]:
    """Active seller -> the team shown for them, "all" where no two teams can be told apart; empty for fewer than five.

    A team with others counted in is named "<team> +"; five or more without a team shown are "others".
    """
    people = {r["seller_id"]: r["team"] for r in rows(tables["sellers"].filter(col("is_active").fill_null(True)))}
    if len(people) < SMALLEST:
        return {}
    sizes = _sizes(people.values())
    large = {team: size for team, size in sizes.items() if team and size >= SMALLEST}
    rest = sum(size for team, size in sizes.items() if team not in large)
    if not large or (len(large) == 1 and rest < SMALLEST):
        return dict.fromkeys(people, EVERYBODY)
    smallest = min(sorted(large), key=lambda team: large[team])
    named = {team: f"{team} +" if 0 < rest < SMALLEST and team == smallest else team for team in large}
    others = OTHERS if rest >= SMALLEST else named[smallest]
    return {seller: named.get(team or "", others) for seller, team in people.items()}


def _sizes(named: Iterable[str | None]) -> Mapping[str | None, int]:
    sizes: dict[str | None, int] = {}
    for team in named:
        sizes[team] = sizes.get(team, 0) + 1
    return sizes
