"""The open book in memory: every open opportunity and lead with its people, acts, reasons, quotes and promises.

The tables are narrowed by the engine; what is left of the open book fits in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import narwhals as nw

from readiness.schema import TIME
from transforms.cadence import patience
from transforms.facts import Act, Deal, Member, Reason
from transforms.frames import col

RECENT = timedelta(days=180)

Tables = Mapping[str, nw.LazyFrame]


def deals(tables: Tables, scores: Tables, as_of: datetime) -> list[Deal]:
    """The open book at `as_of`: every opportunity and lead that the core has scored, in order of id.

    Parameters
    ----------
    tables : canonical tables, signals and members, and `leads.LEADS` where it has been made.
    scores : people_readiness, opportunity_readiness, explanations and forecast.
    """
    book = {deal.opportunity_id: deal for deal in _scored(tables, scores, as_of)}
    if book:
        _add_members(book, tables, scores)
        _add_acts(book, tables, scores, as_of)
        _add_patience(book)
        _add_reasons(book, scores)
        _add_paper(book, tables, scores, as_of)
        _add_departures(book, tables, scores)
    return [book[key] for key in sorted(book)]


def rows(frame: nw.LazyFrame) -> list[dict[str, Any]]:
    return frame.collect("polars").rows(named=True)


def _of_book(frame: nw.LazyFrame, scores: Tables) -> nw.LazyFrame:
    """Its rows that are about what has been scored."""
    scored = scores["opportunity_readiness"].select("opportunity_id")
    return frame.join(scored, on="opportunity_id", how="semi")


def _scored(tables: Tables, scores: Tables, as_of: datetime) -> Iterator[Deal]:
    known = {r["opportunity_id"]: r for r in rows(tables["opportunities"].filter(col("outcome") == "open"))}
    accounts = {r["account_id"]: r["name"] for r in rows(tables["accounts"].select("account_id", "name"))}
    stages = {(r["pipeline_id"], r["stage_id"]): r["label"] for r in rows(tables["stages"])}
    far = _stage_shares(tables)
    since = _stages_since(tables, scores, as_of)
    leads = {f"lead:{r['person_id']}": r for r in rows(tables["people"].filter(col("kind") == "lead"))}
    states = {r["person_id"]: r for r in rows(tables["leads"])} if "leads" in tables else {}
    forecasts = {r["opportunity_id"]: r for r in rows(scores["forecast"])}
    for score in rows(scores["opportunity_readiness"]):
        key = score["opportunity_id"]
        if key in known:
            r = known[key]
            stage = stages.get((r["pipeline_id"], r["stage_id"]), r["stage_id"] or "")
            account = accounts.get(r["account_id"]) or ""
            yield Deal(
                key, r["name"] or "", account, r["seller_id"], stage, r["amount"], r["close_date"], r["created_at"],
                since.get(key, r["created_at"]), score, forecasts.get(key, {}),
                stage_share=far.get((r["pipeline_id"], r["stage_id"]), 0.0),
            )  # fmt: skip
        elif key in leads:
            r = leads[key]
            yield Deal(
                key, r["name"] or "", "", r.get("seller_id"), r["lifecycle"] or "", None, None, r["created_at"],
                r["created_at"], score, {}, lead=states.get(r["person_id"], {}),
            )  # fmt: skip


def _stage_shares(tables: Tables) -> dict[tuple[str, str], float]:
    """(pipeline, open stage) -> how far along its pipeline it stands: 0 the first open stage, 1 the last."""
    pipelines: dict[str, list[str]] = {}
    for r in rows(tables["stages"].filter(~col("is_closed")).sort("pipeline_id", "position", "stage_id")):
        pipelines.setdefault(r["pipeline_id"], []).append(r["stage_id"])
    return {
        (pipeline, stage): n / max(1, len(stages) - 1)
        for pipeline, stages in pipelines.items()
        for n, stage in enumerate(stages)
    }


def _stages_since(tables: Tables, scores: Tables, as_of: datetime) -> dict[str, datetime]:
    """When each opportunity's stage was last changed."""
    moved = (
        _of_book(tables["changes"], scores)
        .filter((col("field") == "stage") & (col("changed_at") <= nw.lit(as_of).cast(TIME)))
        .group_by("opportunity_id")
        .agg(since=col("changed_at").max())
    )
    return {r["opportunity_id"]: r["since"] for r in rows(moved)}


def _add_members(book: Mapping[str, Deal], tables: Tables, scores: Tables) -> None:
    people = {r["person_id"]: r for r in rows(tables["people"].select("person_id", "name", "opted_out"))}
    roles = {
        (r["opportunity_id"], r["person_id"]): r["role_id"]
        for r in rows(_of_book(tables["buying_group"], scores).filter(col("left_at").is_null()))
    }
    seen = {(r["opportunity_id"], r["person_id"]): r for r in rows(_of_book(tables["members"], scores))}
    for r in rows(scores["people_readiness"]):
        deal = book.get(r["opportunity_id"])
        if deal is None:
            continue
        pair = (r["opportunity_id"], r["person_id"])
        person = people.get(r["person_id"], {})
        chances = [r[f"p_{k}"] for k in range(7)]
        deal.members.append(
            Member(
                person_id=r["person_id"],
                name=person.get("name") or "",
                seat=r["seat"],
                role_id=roles.get(pair),
                opted_out=bool(person.get("opted_out")),
                phase=int(r["phase"]),
                passed=[sum(chances[m:]) for m in range(1, 7)],
                readiness=r["readiness"],
                confidence=r["confidence"],
                state=r["state"],
                last_inbound_at=r["last_inbound_at"],
                seen_through={f: seen.get(pair, {}).get(f"obs_{f}", 1.0) for f in ("mail", "call", "meeting", "web")},
            )
        )
    for deal in book.values():
        deal.members.sort(key=lambda m: m.person_id)


def _add_acts(book: Mapping[str, Deal], tables: Tables, scores: Tables, as_of: datetime) -> None:
    since = nw.lit(as_of - RECENT).cast(TIME)
    recent = tables["interactions"].filter(
        (col("occurred_at") > since) & (col("occurred_at") <= nw.lit(as_of).cast(TIME))
    )
    chosen = (
        "interaction_id", "opportunity_id", "person_id", "seller_id", "channel", "direction", "outcome", "topics",
        "occurred_at",
    )  # fmt: skip
    leads = tables["people"].filter(col("kind") == "lead").select("person_id")
    of_deals = rows(_of_book(recent, scores).select(*chosen))
    of_leads = rows(recent.filter(col("opportunity_id").is_null()).join(leads, on="person_id").select(*chosen))
    for r in (*of_deals, *of_leads):
        deal = book.get(r["opportunity_id"] or f"lead:{r['person_id']}")
        if deal is not None:
            deal.acts.append(
                Act(
                    r["interaction_id"],
                    r["person_id"],
                    r["seller_id"],
                    r["channel"],
                    r["direction"],
                    r["outcome"],
                    _topics(tuple(r["topics"] or ())),
                    r["occurred_at"],
                )
            )
    for deal in book.values():
        deal.acts.sort(key=lambda act: (act.at, act.interaction_id, act.person_id or ""))


def _add_patience(book: Mapping[str, Deal]) -> None:
    for key, days in patience(book.values()).items():
        book[key].patience = days


@cache
def _topics(named: tuple[str, ...]) -> frozenset[str]:
    """One set for the many acts that say the same."""
    return frozenset(named)


def _add_reasons(book: Mapping[str, Deal], scores: Tables) -> None:
    summed = (
        scores["explanations"]
        .filter(col("kind") != "prior")
        .group_by("opportunity_id", "person_id", "kind")
        .agg(term=col("term").sum(), at=col("occurred_at").max(), count=nw.len())
    )
    for r in rows(summed):
        deal = book.get(r["opportunity_id"])
        if deal is not None:
            deal.reasons.append(Reason(r["person_id"], r["kind"], float(r["term"]), int(r["count"]), r["at"]))


def _by_deal(book: Mapping[str, Deal], found: Iterable[dict[str, Any]]) -> Iterator[tuple[Deal, dict[str, Any]]]:
    for r in found:
        deal = book.get(r["opportunity_id"])
        if deal is not None:
            yield deal, r


def _add_paper(book: Mapping[str, Deal], tables: Tables, scores: Tables, as_of: datetime) -> None:
    """Quotes, promises, planned work and moved close dates, in time order."""
    for deal, r in _by_deal(book, rows(_of_book(tables["quotes"], scores).sort("created_at", "quote_id"))):
        deal.quotes.append(r)
    for deal, r in _by_deal(book, rows(_of_book(tables["promises"], scores).sort("due_at", "promise_id"))):
        deal.promises.append(r)
    for deal, r in _by_deal(book, rows(_of_book(tables["tasks"], scores).sort("due_at", "task_id"))):
        deal.tasks.append(r)
    moved = _of_book(tables["changes"], scores).filter(
        (col("field") == "close_date")
        & ~col("old_value").is_null()
        & (col("new_value") > col("old_value"))
        & (col("changed_at") <= nw.lit(as_of).cast(TIME))
    )
    for deal, r in _by_deal(book, rows(moved.sort("changed_at", "new_value"))):
        deal.pushes.append((r["changed_at"], r["old_value"], r["new_value"]))


def _add_departures(book: Mapping[str, Deal], tables: Tables, scores: Tables) -> None:
    """Who left each group: person_id, name, seat, when."""
    names = tables["people"].select("person_id", "name")
    gone = (
        _of_book(tables["buying_group"], scores)
        .filter(~col("left_at").is_null())
        .join(names, on="person_id", how="left")
    )
    for deal, r in _by_deal(book, rows(gone.sort("left_at", "person_id"))):
        if deal.member(r["person_id"]) is None:
            deal.left.append((r["person_id"], r["name"] or "", r["seat"], r["left_at"]))
