"""Which records are associated with which, and under which labels.

Links are kept both ways as lists of ids; only those that carry more than the plain type have an entry of labels.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sandbox.hubspot.association_types import AssociationType, AssociationTypes, Key, Pair


class Graph:
    """The associations of the portal."""

    def __init__(self, types: AssociationTypes) -> None:
        self.types = types
        self._links: dict[Pair, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        self._labels: dict[Pair, dict[tuple[int, int], tuple[Key, ...]]] = {}

    def between(self, pair: Pair, id: int) -> Sequence[int]:
        """Ids of the records of the second type that one of the first type is associated with, oldest first."""
        links = self._links.get(pair)
        return links.get(id, ()) if links else ()

    def kinds(self, pair: Pair, start: int, end: int) -> tuple[AssociationType, ...]:
        """All types under which two associated records are, the labelled ones first."""
        return (*self._labelled(pair, start, end), self.types.plain[pair])

    def linked(self, pair: Pair, start: int, end: int) -> bool:
        there, back = self.between(pair, start), self.between(pair[::-1], end)
        return end in there if len(there) <= len(back) else start in back

    def link(self, pair: Pair, start: int, end: int, kind: AssociationType | None = None) -> bool:
        """Associate two records, under a label if one is given; True when they were not associated before."""
        new = not self.linked(pair, start, end)
        if new:
            self.link_new(pair, start, end)
        if kind is not None and kind is not self.types.plain[pair]:
            self.label(pair, start, end, kind)
        return new

    def link_new(self, pair: Pair, start: int, end: int) -> None:
        """Associate two records known not to be associated yet."""
        there, back = self._links[pair], self._links[pair[::-1]]
        there[start].append(end)
        if there is not back or start != end:
            back[end].append(start)

    def label(self, pair: Pair, start: int, end: int, kind: AssociationType) -> None:
        """Put a label on an association; a record has one primary, which moves."""
        if kind is self.types.primary.get(pair):
            for other in self.between(pair, start):
                if other != end:
                    self.unlabel(pair, start, other, kind)
        self._label(pair, start, end, kind)
        self._label(pair[::-1], end, start, self.types.inverse(pair, kind))

    def unlabel(self, pair: Pair, start: int, end: int, kind: AssociationType) -> None:
        """Take one label off; the association stays."""
        self._unlabel(pair, start, end, kind.key)
        self._unlabel(pair[::-1], end, start, (kind.category, kind.inverse))

    def unlink(self, pair: Pair, start: int, end: int) -> bool:
        """End an association with all its labels; False when there was none."""
        if not self.linked(pair, start, end):
            return False
        for way, one, other in ((pair, start, end), (pair[::-1], end, start)):
            if other in self.between(way, one):
                self._links[way][one].remove(other)
            self._labels.get(way, {}).pop((one, other), None)
        return True

    def forget(self, plural: str, id: int) -> None:
        """End all associations of a record."""
        for pair in [pair for pair in self._links if pair[0] == plural]:
            for other in list(self.between(pair, id)):
                self.unlink(pair, id, other)

    def move(self, plural: str, loser: int, winner: int) -> None:
        """Hand all associations of a merged record over to the one that it went into."""
        for pair in [pair for pair in self._links if pair[0] == plural]:
            for other in list(self.between(pair, loser)):
                labels = self._labelled(pair, loser, other)
                self.unlink(pair, loser, other)
                if other == winner:
                    continue
                self.link(pair, winner, other)
                for kind in labels:
                    if kind is not self.types.primary.get(pair):
                        self.label(pair, winner, other, kind)

    def drop_label(self, pair: Pair, kind: AssociationType) -> None:
        """Take a label that is no more off all associations."""
        for start, end in list(self._labels.get(pair, {})):
            self.unlabel(pair, start, end, kind)

    def _labelled(self, pair: Pair, start: int, end: int) -> list[AssociationType]:
        keys = self._labels.get(pair, {}).get((start, end), ())
        return [kind for key in keys if (kind := self.types.find(pair, *key))]

    def _label(self, pair: Pair, start: int, end: int, kind: AssociationType) -> None:
        labels = self._labels.setdefault(pair, {})
        held = labels.get((start, end), ())
        if kind.key not in held:
            labels[(start, end)] = (*held, kind.key)

    def _unlabel(self, pair: Pair, start: int, end: int, key: Key) -> None:
        labels = self._labels.get(pair, {})
        held = labels.get((start, end), ())
        if key not in held:
            return
        if left := tuple(other for other in held if other != key):
            labels[(start, end)] = left
        else:
            del labels[(start, end)]
