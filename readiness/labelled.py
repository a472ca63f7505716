"""Labels that sellers gave, with what was known of the people they speak of when they gave them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import narwhals as nw
import numpy as np
import pyarrow as pa

from readiness.engine import Keep, in_place
from readiness.evidence import gathered, watchable
from readiness.group import DECIDER, LEAD
from readiness.kinds import Floats, Ints, Kinds
from readiness.model import Model
from readiness.slices import sliced
from readiness.sums import sums
from readiness.watch import watch

SELLER_SHARE = 0.1
"""No seller's labels weigh more than this share of all, or than `SELLER_FLOOR` labels."""
SELLER_FLOOR = 5.0


@dataclass(frozen=True, slots=True)
class Labelled:
    """Labels with the people they speak of, as arrays.

    Attributes
    ----------
    phase, shown : of shape (n_labels,); shown is -1 where nothing was. weight : of shape (n_labels,).
    deal, team : codes, of shape (n_labels,). people : of shape (n_rows, 2 * top + 2), acts, said_1 …, due_0 …
    label, seat_weight : of shape (n_rows,): which label a row belongs to, and the weight of its seat.
    chair : of shape (n_labels,): the weight of an empty decider's chair.
    """

    phase: Ints
    shown: Ints
    weight: Floats
    deal: Ints
    team: Ints
    sellers: int
    people: Floats
    label: Ints
    seat_weight: Floats
    chair: Floats


def labelled(tables: Mapping[str, nw.LazyFrame], model: Model, as_of: datetime, keep: Keep = in_place) -> Labelled:
    """The labels given by `as_of`, each with what was known of its people when it was given."""
    given = tables["labels"].filter(nw.col("given_at") <= as_of, nw.col("phase") >= 0, nw.col("phase") <= model.top)
    deals = tables["opportunities"].select("opportunity_id", "seller_id")
    given = given.join(deals, on="opportunity_id", how="left")
    sellers = tables["sellers"]
    team = nw.col("team") if "team" in sellers.collect_schema().names() else nw.lit(None, dtype=nw.String)
    given = keep("labels_given", given.join(sellers.select("seller_id", team=team), on="seller_id", how="left"))
    landmarks = keep("label_moments", given.select("opportunity_id", as_of=nw.col("given_at")).unique())
    stood, acts = gathered(tables["signals"], tables["members"], landmarks, model, keep)
    columns = pa.schema([(name, pa.float64()) for name in _names(model)])
    found = nw.concat([*sliced(watchable(stood), acts, partial(_sums, model=model), columns)])
    people = stood.join(found, on="place").collect(backend="polars").to_native().to_dicts()
    rows = given.collect(backend="polars").to_native().sort("opportunity_id", "given_at", "person_id").to_dicts()
    return _arrays(rows, people, model)


def _names(model: Model) -> list[str]:
    return ["acts", *(f"said_{k}" for k in range(1, model.top + 1)), *(f"due_{k}" for k in range(model.top + 1))]


def _sums(people: pa.Table, acts: pa.Table, model: Model) -> pa.Table:
    """What the formula is made of, now and without the bound."""
    kinds = Kinds.of(model)
    seen = watch(people, acts, kinds)
    now = sums(seen, seen.silence, kinds)
    return pa.table([now.acts, *now.said, *now.due], _names(model))


def _arrays(labels: list[dict[str, Any]], people: list[dict[str, Any]], model: Model) -> Labelled:
    groups: dict[tuple[Any, Any], list[dict[str, Any]]] = {}
    for person in people:
        groups.setdefault((person["opportunity_id"], person["as_of"]), []).append(person)
    kept, members = [], []
    for label in labels:
        group = groups.get((label["opportunity_id"], label["given_at"]), [])
        meant = [one for one in group if label["person_id"] in (None, one["person_id"])]
        if meant:
            kept.append(label)
            members.append(meant)
    names = _names(model)
    flat = [person for group in members for person in group]
    whole = [label["person_id"] is None and not label["opportunity_id"].startswith(LEAD) for label in kept]
    empty = [w and all(one["seat"] != DECIDER for one in group) for w, group in zip(whole, members, strict=True)]
    sellers = _codes([label["seller_id"] for label in kept])
    deals = _codes([label["opportunity_id"] for label in kept])
    return Labelled(
        phase=np.array([label["phase"] for label in kept], dtype=np.int64),
        shown=np.array(
            [-1 if label["shown_phase"] is None else label["shown_phase"] for label in kept], dtype=np.int64
        ),
        weight=_weights(sellers, deals),
        deal=deals,
        team=_codes([label["team"] for label in kept]),
        sellers=len(set(sellers.tolist())),
        people=np.array([[person[name] for name in names] for person in flat]).reshape(len(flat), len(names)),
        label=np.repeat(np.arange(len(kept)), [len(group) for group in members]),
        seat_weight=np.array([model.seats[person["seat"]] for person in flat]),
        chair=np.where(empty, model.seats.get(DECIDER, model.seats["unknown"]), 0.0),
    )


def _codes(values: list[Any]) -> Ints:
    known = {value: code for code, value in enumerate(sorted({str(value) for value in values}))}
    return np.array([known[str(value)] for value in values], dtype=np.int64)


def _weights(sellers: Ints, deals: Ints) -> Floats:
    """One per deal, shared by its labels; then no seller above the cap."""
    weight = 1.0 / np.bincount(deals)[deals] if len(deals) else np.zeros(0)
    cap = max(SELLER_FLOOR, SELLER_SHARE * weight.sum())
    sums = np.bincount(sellers, weights=weight)
    return np.asarray(weight * np.minimum(1.0, cap / sums)[sellers] if len(deals) else weight)
