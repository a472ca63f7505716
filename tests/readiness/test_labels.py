"""What sellers say of a buyer's phase teaches the model, within bounds."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from functools import cache

import numpy as np
import pytest

from readiness.group import group_readiness
from readiness.label_fit import ranked_score
from readiness.labelled import labelled
from readiness.labels import Lesson, learn
from readiness.model import load_prior
from readiness.people import people_readiness
from tests.readiness.books import NOW, ago, frames, random_book
from tests.readiness.engines import DuckDB, Polars, collected

PRIOR = load_prior()
TENANT = replace(
    PRIOR,
    temper=0.35,
    phases=tuple(
        replace(phase, prior=share)
        for phase, share in zip(PRIOR.phases, (0.3, 0.25, 0.2, 0.1, 0.07, 0.05, 0.03), strict=True)
    ),
)
"""A tenant whose buyers are less ready, and say less by what they do, than the expert believes."""


@cache
def book_with_labels(seed: int, shown: float = 0.0, whole_group: bool = False, agreeing: bool = False) -> dict:
    """A label for everybody (or every group), drawn from the tenant's own model; a share of them merely repeats what
    was shown."""
    rng, teller = np.random.default_rng(seed), PRIOR if agreeing else TENANT
    book = random_book(seed, deals=80)
    book["sellers"] = [{"seller_id": f"s{n}", "team": f"team {n % 2}"} for n in range(4)]
    engine = Polars()
    tables = frames(engine, book)
    landmarks = tables["opportunities"].select("opportunity_id", as_of="created_at")
    moments = {row["opportunity_id"]: row["closed_at"] or NOW for row in book["opportunities"]}
    rows = [{"opportunity_id": o, "created_at": at - timedelta(minutes=1)} for o, at in moments.items()]
    landmarks = frames(engine, {"opportunities": rows})["opportunities"].select("opportunity_id", as_of="created_at")
    people = people_readiness(tables["signals"], tables["members"], landmarks, teller, engine.keep)
    frame = group_readiness(people, landmarks, teller, engine.keep) if whole_group else people
    book["labels"] = []
    for row in collected(frame, "opportunity_id").iter_rows(named=True):
        if whole_group:
            curve = [1.0, *(row[f"c_{m}"] for m in range(1, 7)), 0.0]
            p = -np.diff(curve)
        else:
            p = np.array([row[f"p_{k}"] for k in range(7)])
        label = {"opportunity_id": row["opportunity_id"], "person_id": row.get("person_id"), "given_at": row["as_of"]}
        anchored = rng.random() < shown
        said = 5 if anchored else int(rng.choice(7, p=p / p.sum()))
        book["labels"].append(label | {"phase": said, "shown_phase": 5 if anchored else None})
    return book


@cache
def honest() -> Lesson:
    return lesson(book_with_labels(1))


def lesson(book: dict) -> Lesson:
    engine = Polars()
    return learn(frames(engine, book), PRIOR, NOW, "acme-1", engine.keep)


@pytest.mark.parametrize("whole_group", [False, True])
def test_labels_move_the_model_toward_the_tenant(whole_group):
    found = lesson(book_with_labels(1, whole_group=True)) if whole_group else honest()
    assert found.kept, found.reason
    assert found.figures["score_after"] < found.figures["score_before"]
    assert found.model.temper < PRIOR.temper
    assert found.model.prior[0] > PRIOR.prior[0]
    assert found.model.origin.parent == PRIOR.version
    assert found.model.version == "acme-1"
    assert sum(found.model.prior) == pytest.approx(1)


def test_repeating_what_was_shown_teaches_little():
    anchored = book_with_labels(1, shown=0.5)
    taken_at_its_word = anchored | {"labels": [row | {"shown_phase": None} for row in anchored["labels"]]}
    plain, noticed, naive = (found.model.prior[5] for found in (honest(), lesson(anchored), lesson(taken_at_its_word)))
    assert abs(noticed - plain) < 0.4 * abs(naive - plain)


def test_without_labels_given_blind_nothing_is_kept():
    book = dict(book_with_labels(1))
    book["labels"] = [row | {"shown_phase": row["phase"]} for row in book["labels"]]
    found = lesson(book)
    assert (found.kept, found.model) == (False, PRIOR)
    assert "where no phase was shown" in found.reason


def test_a_few_labels_teach_nothing_yet():
    book = book_with_labels(1)
    found = lesson(book | {"labels": book["labels"][:29]})
    assert (found.kept, found.model) == (False, PRIOR)
    assert found.reason == "29 labels so far; they teach from 30 on."
    assert lesson(book | {"labels": []}).figures["labels"] == 0


def test_labels_that_say_what_the_model_says_are_not_called_a_lesson():
    found = lesson(book_with_labels(2, agreeing=True))
    assert (found.kept, found.model) == (False, PRIOR)
    assert "not surely better" in found.reason


def test_no_seller_weighs_more_than_a_tenth_of_all_labels():
    book = dict(book_with_labels(1))
    book["opportunities"] = [
        row | {"seller_id": "loud" if number % 2 else f"s{number % 30}"}
        for number, row in enumerate(book["opportunities"])
    ]
    engine = Polars()
    found = labelled(frames(engine, book), PRIOR, NOW, engine.keep)
    loud = np.array([int(o) % 2 == 1 for o in _deals(found, book)])
    whole = len({row["opportunity_id"] for row in book["labels"]})
    assert found.weight[loud].sum() <= max(5.0, 0.1 * whole) + 1e-9


def _deals(found, book):
    names = sorted({row["opportunity_id"] for row in book["labels"]})
    return [names[code][1:] for code in found.deal]


def test_labels_of_nobody_we_know_or_of_no_phase_are_left_out():
    book = dict(book_with_labels(1))
    known = len(book["labels"])
    at = book["labels"][0]
    book["labels"] = [
        *book["labels"],
        at | {"phase": 9},
        at | {"phase": None},
        at | {"person_id": "stranger"},
        at | {"opportunity_id": "elsewhere"},
        at | {"given_at": NOW + timedelta(days=1)},
        at | {"given_at": ago(2000)},
    ]
    engine = Polars()
    assert len(labelled(frames(engine, book), PRIOR, NOW, engine.keep).phase) == known


def test_the_engines_read_the_same_labels():
    book = book_with_labels(1)
    one, other = (labelled(frames(engine, book), PRIOR, NOW, engine.keep) for engine in (Polars(), DuckDB()))
    for field in fields(one):
        assert getattr(one, field.name) == pytest.approx(getattr(other, field.name), abs=1e-9), field.name


def test_the_ranked_score_is_zero_for_a_sure_truth_and_grows_with_the_distance():
    sure = np.eye(7)
    scores = ranked_score(sure, np.full(7, 2))
    assert scores.tolist() == pytest.approx([abs(k - 2) / 6 for k in range(7)])
