"""The model's file: read strictly, written so that it reads back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import yaml

from readiness.model import ModelError, Origin, from_yaml, load_prior

PRIOR = load_prior()


def test_the_packaged_prior_has_the_seven_phases_in_both_languages():
    assert [phase.key for phase in PRIOR.phases] == [
        "unaware",
        "aware",
        "knowledge",
        "liking",
        "preference",
        "conviction",
        "commitment",
    ]
    assert {phase.label["nl"] for phase in PRIOR.phases} >= {"Onbewust", "Verkennend", "Besloten"}
    assert [PRIOR.bands[phase.band]["en"] for phase in PRIOR.phases][-1] == "ready"
    assert (PRIOR.temper, PRIOR.loquacity, PRIOR.prior_phase) == (0.7, 1.0, 3)


def test_a_fitted_model_reads_back_unchanged_from_its_file():
    origin = Origin("prior-1", date(2025, 1, 1), date(2026, 1, 1), {"labels": 120, "log_loss": 0.41, "note": "ok"})
    model = replace(PRIOR, version="acme-3", temper=0.83, origin=origin)
    assert from_yaml(model.to_yaml(), "acme-3.yaml") == model


def changed(**values):
    return yaml.safe_dump(yaml.safe_load(PRIOR.to_yaml()) | values)


SIGNAL = {"rates": [0.1] * 7, "half_life": 30, "cap": 5, "seen_in": ["web"]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "this is no model"),
        ("phases: [", "not readable as YAML"),
        (changed(tempre=0.7), "tempre: Unexpected keyword argument"),
        (changed(temper="hot"), "temper: Input should be a valid number"),
        (changed(temper=float("nan")), "temper: Input should be a finite number"),
        (changed(loquacity=0), "temper and loquacity must be above 0"),
        (changed(signals={"reply": SIGNAL | {"rates": [0.1] * 6}}), "signals › reply: 6 rates for 7 phases"),
        (changed(signals={"reply": SIGNAL | {"rates": [0.0] * 7}}), "every rate must be above 0"),
        (changed(signals={"reply": SIGNAL | {"half_life": -1}}), "half_life and cap must be above 0"),
        (changed(signals={"reply": SIGNAL | {"seen_in": ["fax"]}}), "seen_in must name one or more of mail"),
        (changed(signals={}), "signals: at least one kind is needed"),
        (changed(seats={"decider": 1.0}), '"unknown" must have one'),
        (changed(phases=[]), "at least three are needed"),
        (changed(bands={}), "no band 'not_yet'"),
        (changed(forecast={"edges": [1.0]}), "forecast"),
    ],
)
def test_a_fault_in_the_file_is_named_with_its_place(text, message):
    with pytest.raises(ModelError) as fault:
        from_yaml(text, "acme.yaml")
    assert str(fault.value).startswith("acme.yaml: ")
    assert message in str(fault.value)


def test_another_number_of_phases_is_a_model_too():
    plain = yaml.safe_load(PRIOR.to_yaml())
    plain["phases"] = [phase | {"prior": 0.25} for phase in plain["phases"][:4]]
    plain["signals"] = {kind: signal | {"rates": signal["rates"][:4]} for kind, signal in plain["signals"].items()}
    assert from_yaml(yaml.safe_dump(plain), "short.yaml").top == 3
