"""How long to train, and whether early epochs mislead: on curves whose answer is known."""

import numpy as np
import pytest

from sweeps.analysis import rungs, stop_or_go, training_length
from sweeps.analysis.rungs import spearman
from sweeps.results import load
from tests.analysis.sweeps_on_disk import write


def falling(bottom, epochs=20, speed=5.0):
    return [bottom + float(np.exp(-epoch / speed)) for epoch in range(epochs)]


def turning(bottom, at, epochs=20):
    """Falls until an epoch, and rises from there."""
    return [bottom + abs(epoch + 1 - at) / epochs for epoch in range(epochs)]


def test_curves_that_still_fall_call_for_more_epochs(tmp_path):
    found = training_length(write(tmp_path / "run", [falling(0.1 * i) for i in range(12)]))
    assert (found.verdict, found.proposed, found.late) == ("longer", 40, 10)
    assert found.words.startswith("Longer training would help: 10 of the 10 best complete trials")
    assert found.overfits == 0


def test_curves_that_turn_early_call_for_fewer(tmp_path):
    found = training_length(write(tmp_path / "run", [turning(0.1 * i, at=8) for i in range(12)]))
    assert (found.verdict, found.proposed) == ("shorter", 10)
    assert found.table["best_epoch"].tolist() == [8] * 10


def test_curves_that_turn_late_are_long_enough(tmp_path):
    found = training_length(write(tmp_path / "run", [turning(0.1 * i, at=14) for i in range(12)]))
    assert found.verdict == "enough"
    assert "20 epochs are enough" in found.words


def test_more_is_better_turned_round(tmp_path):
    curves = [[-value for value in turning(0.1 * i, at=8)] for i in range(12)]
    found = training_length(write(tmp_path / "run", curves, mode="max"))
    assert found.table["best_epoch"].tolist() == [8] * 10


def test_overfitting_is_a_validation_loss_that_rises_while_the_training_loss_falls(tmp_path):
    curves = [turning(0.1 * i, at=14) for i in range(3)]
    down, up = [falling(0.1)] * 3, [[1.0 + epoch for epoch in range(20)]] * 3
    assert training_length(write(tmp_path / "over", curves, train=down)).overfits == 3
    assert training_length(write(tmp_path / "not", curves, train=up)).overfits == 0
    turned = [[-value for value in curve] for curve in curves]
    rising = [[-value for value in curve] for curve in down]
    assert training_length(write(tmp_path / "max", turned, train=rising, mode="max")).overfits == 3
    assert "while" not in training_length(write(tmp_path / "alone", curves)).words


def test_jitter_is_seen(tmp_path):
    rng = np.random.default_rng(0)
    calm = [falling(0.1 * i) for i in range(5)]
    restless = [[value + 0.3 * rng.normal() for value in curve] for curve in calm]
    assert "jitter" in training_length(write(tmp_path / "a", restless)).words
    assert "jitter" not in training_length(write(tmp_path / "b", calm)).words


@pytest.mark.parametrize(
    ("curves", "words"),
    [
        ([], "No trial has trained to its end"),
        ([[0.5], [0.6]], "Trials train for one epoch"),
        ([falling(0.1)], "the only complete trial had its best epoch in the last tenth"),
    ],
)
def test_of_few_trials_or_epochs(tmp_path, curves, words):
    assert words in training_length(write(tmp_path / "run", curves)).words


def test_early_epochs_that_order_trials_as_the_last_do_foretell_it(tmp_path):
    curves = [falling(0.1 * i) for i in range(12)] + [falling(3 + i, epochs=5)[:5] for i in range(8)]
    found = rungs(write(tmp_path / "run", curves, epochs=20))
    row = found.table.set_index("epoch").loc[5]
    assert row["correlation"] == pytest.approx(1)
    assert (row["trials"], row["compared"], row["place"]) == (20, 12, 0)
    assert (found.epochs, found.full, found.stopped) == (12 * 20 + 8 * 5, 400, 8)
    assert found.misleading is None
    assert "instead of 400, 30 % less" in found.words


def test_early_epochs_that_order_them_the_other_way_mislead(tmp_path):
    """The slower a trial learns, the better it gets."""
    curves = [[3.0 - i / 10] * 5 + [0.1 * i] * 15 for i in range(12)] + [[9.0] * 5]
    found = rungs(write(tmp_path / "run", curves, epochs=20))
    assert found.misleading == 5
    assert found.table.set_index("epoch").loc[5, "correlation"] <= 0
    assert found.words.startswith("Early epochs mislead")


def test_it_is_said_where_none_of_the_last_trials_could_become_the_best(tmp_path):
    curves = [[1.0 + i / 100] * 9 if i < 20 else [0.9] * 3 for i in range(60)]
    assert (
        rungs(write(tmp_path / "run", curves)).late == "None of the last 40 trials was trained past epoch 3."
    )
    assert "more may be had" in stop_or_go(load(tmp_path / "run")).words
    mixed = [[1.0] * (9 if i % 9 == 0 else 3) for i in range(60)]
    assert rungs(write(tmp_path / "mixed", mixed)).late == ""


def test_an_interval_on_both_sides_says_that_it_cannot_be_told(tmp_path):
    rng = np.random.default_rng(0)
    curves = [list(rng.random(9)) for _ in range(9)]
    found = rungs(write(tmp_path / "run", curves))
    assert found.misleading is None
    assert found.words.startswith("Whether early epochs mislead cannot be told")


@pytest.mark.parametrize(
    ("curves", "says"),
    [
        ([], "at no epoch"),
        ([[0.5]], "at no epoch"),
        ([[0.5], [0.6]], "at no epoch"),
        ([[0.5] * 9], "Too few"),
    ],
)
def test_rungs_of_few_trials(tmp_path, curves, says):
    found = rungs(write(tmp_path / "run", curves))
    assert says in found.words
    assert found.saved == 0


def test_spearmans_interval_holds_what_numbers_of_that_correlation_give():
    """A Monte Carlo of pairs with ρ = 0.6: the interval of 95 % holds it 9 times in 10 at least."""
    rng, inside = np.random.default_rng(0), 0
    truth = 6 / np.pi * np.arcsin(0.6 / 2)  # Spearman's of a normal pair with Pearson's 0.6
    for _ in range(200):
        one = rng.normal(size=30)
        _, low, high = spearman(one, 0.6 * one + 0.8 * rng.normal(size=30))
        inside += low <= truth <= high
    assert inside >= 180
