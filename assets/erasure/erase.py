"""Taking people out of the store, and marking the texts in the CRM that still name them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from assets.erasure.person import Person, gone
from assets.erasure.places import IDS, places
from assets.session import Session
from assets.warehouse import Warehouse
from assets.warehouse.intents import ERASED as TASK_ERASED
from assets.warehouse.made import forget
from assets.warehouse.raw import table_of

MARK = "(erased)"
"""Stands here for a text in the CRM that names somebody who was erased, until the CRM holds another one: it differs
from whatever should stand there, so the next write replaces it."""
WORDS_IN_A_PATTERN = 300

TASKS = {"salesforce": ("task", "BR_Key__c"), "hubspot": ("tasks", "br_key"), "files": ("tasks", "br_key")}


def erase_gone(session: Session) -> int:
    """Erase those whom the CRM has erased since the last run; how many."""
    crm = session.connection.config.crm
    people = gone(session.store, crm)
    if people:
        erase(session.store, crm, people)
    return len(people)


def erase(store: Warehouse, crm: str, people: Sequence[Person]) -> int:
    """Take these people out of every table, all or nothing; how many rows were touched.

    Their tasks lose their key and wait, as `erased`, for their words in the CRM to be taken away.
    """
    with store.transaction(), named(store, people):
        touched = _tasks_without_their_name(store, crm)
        for place in places(store, crm, MARK):
            touched += store.query(f'select count(*) as n from "{place.table}" where {place.condition}')[0]["n"]
            if place.columns:
                values = ", ".join(f'"{column}" = {place.to}' for column in place.columns)
                store.execute(f'update "{place.table}" set {values} where {place.condition}')
            else:
                store.execute(f'delete from "{place.table}" where {place.condition}')
        forget(store)
    return touched


@contextmanager
def named(store: Warehouse, people: Sequence[Person]) -> Iterator[None]:
    """The temporary table and the functions that the conditions of the places speak of."""
    words = sorted({word for person in people for word in person.words})
    store.execute("create or replace temp table persons (id varchar)")
    store.insert("persons", [(person.person_id,) for person in people])
    patterns = list(_patterns(words)) or ["$^"]
    named_there = " or ".join(f"regexp_matches(text, '{pattern}', 'i')" for pattern in patterns)
    left = "text"
    for pattern in patterns:
        left = f"regexp_replace({left}, '{pattern}', '', 'gi')"
    store.execute(f"create or replace temp macro names_them(text) as ({named_there})")
    store.execute(f"create or replace temp macro without_them(text) as nullif(trim({left}), '')")
    try:
        yield
    finally:
        store.execute("drop table persons")


def _patterns(words: Sequence[str]) -> Iterator[str]:
    """Regular expressions that find any of the words, some hundred in each, as SQL texts."""
    for start in range(0, len(words), WORDS_IN_A_PATTERN):
        together = "|".join(re.escape(word) for word in words[start : start + WORDS_IN_A_PATTERN])
        yield together.replace("'", "''")


def _tasks_without_their_name(store: Warehouse, crm: str) -> int:
    theirs = f"person_id in {IDS} or exists (select 1 from persons where list_contains(string_split(key, ':')[3:], id))"
    store.execute(
        "create or replace temp table renamed as select key as old, kind || ':' ||"
        " coalesce(if(starts_with(opportunity_id, 'lead:'), null, opportunity_id), 'lead')"
        f" || ':erased-' || left(uuid()::varchar, 8) as new from task_intents where {theirs}"
    )
    stream, key = TASKS[crm]
    if key in store.columns(table_of(stream)):
        store.execute(f'update "{table_of(stream)}" t set "{key}" = r.new from renamed r where t."{key}" = r.old')
    store.execute("delete from task_intents where key in (select old from renamed) and task_id is null")
    store.execute(
        "update task_intents i set key = r.new, person_id = null, reason = null, state = ?,"
        " opportunity_id = if(starts_with(opportunity_id, 'lead:'), null, opportunity_id) from renamed r"
        " where i.key = r.old",
        [TASK_ERASED],
    )
    return store.count("renamed")
