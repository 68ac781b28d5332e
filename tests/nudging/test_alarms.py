"""Alarms on curves that were made to show a trouble, or none."""

import numpy as np
import pytest

from sweeps.nudging.alarms import Curve, alarm_of
from tests.nudging.made_curves import made

TUNED, KEPT_APART = 0, 1  # seeds; nothing was tuned on the second


def rung(curve):
    """The alarms at each epoch, as a person would have heard them."""
    told = [alarm_of(Curve.of(curve.rows[:epochs], {"l2": 0.0})) for epochs in range(1, len(curve.rows) + 1)]
    return [alarm for alarm in told if alarm is not None]


def test_troubles_are_found_in_time_and_healthy_curves_are_left_alone():
    """At least 18 of the 20 troubles, and at most one false alarm among 20 healthy curves."""
    found = false = 0
    for curve in [*made(TUNED), *made(KEPT_APART)]:
        alarms = rung(curve)
        if curve.kind is None:
            false += bool(alarms)
        else:
            found += any(alarm.kind == curve.kind and alarm.epoch <= curve.by for alarm in alarms)
    assert found >= 18
    assert false <= 1


def test_divergence_is_told_before_the_loss_is_no_number():
    curve = next(each for each in made(KEPT_APART) if each.kind == "divergence")
    first = rung(curve)[0]
    assert np.isfinite(curve.rows[first.epoch - 1]["train_loss"])
    assert first.nudge == {"learning_rate": "/3"}
    assert first.rollback < first.epoch


def test_an_alarm_says_what_shows_it_and_what_to_do():
    curve = next(each for each in made(KEPT_APART) if each.kind == "overfitting")
    first = next(alarm for alarm in rung(curve) if alarm.kind == "overfitting")
    assert "above its least, while the training loss falls" in first.words
    assert f"--rollback {first.rollback} learning_rate=/3 l2=0.001" in first.words


@pytest.mark.parametrize(
    ("config", "proposed"),
    [
        ({"keep_probability": 0.5}, {"keep_probability": 1.0}),
        ({"l2": 0.1}, {"l2": "/10"}),
        ({}, {"learning_rate": "*3"}),
    ],
)
def test_what_holds_a_model_back_most_is_let_go(config, proposed):
    rows = [{"train_loss": 2.0, "val_loss": 2.0 + 0.001 * epoch} for epoch in range(12)]
    assert alarm_of(Curve.of(rows, config)).nudge == proposed


@pytest.mark.parametrize("count", range(4))
def test_few_epochs_give_no_alarm(count):
    assert alarm_of(Curve.of([{"val_loss": 1.0 / (1 + k)} for k in range(count)], {})) is None
