"""Rewriting a store's file, so that what was deleted isn't left in its free blocks."""

from __future__ import annotations

from pathlib import Path

import duckdb


def compact(path: Path) -> None:
    """Copy all tables to a new file and put it in place of the old one; the caller holds the connection's lock."""
    fresh = path.with_name("compacting.duckdb")
    fresh.unlink(missing_ok=True)
    with duckdb.connect() as work:
        for alias, file in (("former", path), ("fresh", fresh)):
            work.execute(f"attach '{str(file).replace(chr(39), chr(39) * 2)}' as {alias}")
        work.execute("copy from database former to fresh")
    fresh.replace(path)
    path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
