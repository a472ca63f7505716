"""A store in memory that applies pages as the warehouse does, to see what a connector's pages amount to."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from connectors.protocol import Connector, Page, Row, Stream

Key = tuple[str | None, ...]


class Mirror:
    """What has been pulled from one connection, and where each stream stands."""

    def __init__(self, since: datetime | None = None) -> None:
        self.tables: dict[str, dict[Key, Row]] = {}
        self.cursors: dict[str, str] = {}
        self._snapshots: dict[str, dict[Key, Row]] = {}
        self._since = since

    def sync(self, connector: Connector, *names: str) -> Counter[str]:
        """Pull the named streams (all by default) from where they stand; rows that came, by stream."""
        came: Counter[str] = Counter()
        for stream in connector.streams():
            if not names or stream.name in names:
                for page in connector.pull(stream, self.cursors.get(stream.name), self._since):
                    came[page.stream.name] += len(page.rows)
                    self.apply(stream, page)
        return came

    def apply(self, asked: Stream, page: Page) -> None:
        """Store one page and its cursor, which belongs to the stream that was asked for."""
        table = self.tables.setdefault(page.stream.name, {})
        dropped = set(page.replaced)
        if dropped:
            for key in [key for key, row in table.items() if tuple(row[name] for name in page.scope) in dropped]:
                del table[key]
        rows = {tuple(row[name] for name in page.stream.key): row for row in page.rows}
        if page.snapshot:
            whole = self._snapshots.setdefault(page.stream.name, {})
            whole.update(rows)
            whole.update({key: table[key] for key in page.present if key in table})
            if page.last:
                self.tables[page.stream.name] = self._snapshots.pop(page.stream.name)
        else:
            table.update(rows)
        for gone in page.deleted:
            self.tables[page.stream.name].pop(gone, None)
        if page.cursor is not None:
            self.cursors[asked.name] = page.cursor

    def ids(self, stream: str) -> set[str | None]:
        """First key column of all rows of a stream."""
        return {key[0] for key in self.tables.get(stream, {})}
