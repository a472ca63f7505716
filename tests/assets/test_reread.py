"""A new lexicon: messages of before are read again, in portions, and only then."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from assets import reread
from assets.connection import Connection
from assets.legs import raw
from assets.session import session
from assets.warehouse import Warehouse
from sandbox.server import Sandbox
from tests.assets.way import linked, stored, walk

MAIL = {"salesforce": ("raw_email_message", "Id", "02s000000000000AAA"), "hubspot": ("raw_emails", "id", "999999999")}
"""Table and key of mail, and an id that no mail has."""
PHRASES = "    lexicon: {pricing: [the zebra clause]}\n"


@pytest.mark.parametrize("crm", ["salesforce", pytest.param("hubspot", marks=pytest.mark.slow)])
def test_a_new_lexicon_reads_old_messages_again_in_portions_those_of_open_deals_first(
    tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, crm: str
) -> None:
    table, key, gone = MAIL[crm]
    acme = linked(tmp_path, crm, sandbox.url)
    walk(acme, steps=2)
    with stored(acme) as store:
        old, before = _versions(store), store.count(table)
        store.execute(
            f"insert into \"{table}\" by name select '{gone}' as {key}, '[\"legal\"]' as topics, false as _deleted"
        )
    changed = linked(tmp_path, crm, sandbox.url, extra=PHRASES)
    monkeypatch.setattr(reread, "PER_RUN", 40)
    read, waiting = _rereading(changed)
    assert read == 40
    assert waiting == sum(old.values()) + 1 - 40
    with stored(changed) as store:
        assert _share_of_open(store, next(iter(old)), changed) == 1.0
    monkeypatch.setattr(reread, "PER_RUN", 100_000)
    assert _rereading(changed) == (waiting, 0)
    with stored(changed) as store:
        new = _versions(store)
        assert len(new) == 1
        assert new.keys().isdisjoint(old)
        assert store.count(table) == before + 1
        kept = store.query(f"select topics from \"{table}\" where {key} = '{gone}'")
    assert kept[0]["topics"] == '["legal"]', "what the CRM shows no longer keeps what was found in it"
    calls = walk(changed, steps=1)["api_calls"]
    assert _rereading(changed) == (0, 0)
    assert walk(changed, steps=1)["api_calls"] == calls


def _rereading(acme: Connection) -> tuple[int, int]:
    """Pull once: messages read again, and those that still wait."""
    with session(acme, str(uuid4())) as opened, opened.store.scratch():
        facts = raw.work(opened)
    return tuple(sum(one.get(name, 0) for one in facts.values()) for name in ("reread", "to_reread"))  # type: ignore[return-value]


def _messages(store: Warehouse) -> list[str]:
    return [name for name in store.tables("raw_") if "lexicon" in store.columns(name)]


def _versions(store: Warehouse) -> dict[str, int]:
    """Version of the lexicon -> messages that it has read."""
    found: dict[str, int] = {}
    for table in _messages(store):
        rows: list[dict[str, Any]] = store.query(
            f'select lexicon, count(*) as n from "{table}" where not _deleted group by 1'
        )
        for row in rows:
            found[row["lexicon"]] = found.get(row["lexicon"], 0) + row["n"]
    return found


def _share_of_open(store: Warehouse, old: str, acme: Connection) -> float:
    """Which part of the messages that were read again stands on an open opportunity."""
    crm = acme.config.crm
    ids = [
        f"{table.removeprefix('raw_')}-{row['id']}" if crm == "hubspot" else row["id"]
        for table in _messages(store)
        for row in store.query(
            f"select {MAIL[crm][1]} as id from \"{table}\" where lexicon <> '{old}' and not _deleted"
        )
    ]
    is_open = {row["interaction_id"] for row in store.query(reread.OPEN)}
    return sum(id in is_open for id in ids) / len(ids)
