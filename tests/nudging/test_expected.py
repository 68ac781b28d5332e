"""What the surrogate of an adopted trial's sweep expects near its config."""

import math

import pytest

import sweeps
from sweeps.nudging.expected import expected_near
from sweeps.space import Config

SPACE = {
    "rate": {"log": [1e-5, 1]},
    "batch_size": {"choice": [16, 32, 64], "ordered": True},
    "kind": ["a", "b"],
    "seen": 3,
}
BEST: Config = {"rate": 1e-3, "batch_size": 32, "kind": "a", "seen": 3}


def bowl(config, run):
    """Best at a rate of 1e-3 and a batch size of 32, whatever the kind."""
    reached = run.restore() or 0
    away = math.log10(config["rate"] / 1e-3) ** 2 + math.log2(config["batch_size"] / 32) ** 2 / 10
    for epoch in range(reached + 1, run.epochs + 1):
        run.save(epoch)
        yield {"val_loss": 0.1 + away / 10 + 1 / epoch}


def swept(out, trials):
    keys = {"trials": trials, "epochs": 4, "finalists": False, "progress": False, "serial": True}
    return sweeps.run(bowl, space=SPACE, metric="val_loss", out=out, scheduler="random", **keys)


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    return swept(tmp_path_factory.mktemp("bowl") / "s", 60)


def anything(values):
    return True


def test_a_better_config_near_is_found_with_what_it_is_worth(sweep):
    found = expected_near(sweep, {**BEST, "rate": 0.1}, anything)
    assert set(found.values) <= {"rate", "batch_size"}  # a kind has no neighbours
    assert 0.1 * 10 ** (-5 * 0.15) <= found.values["rate"] * 1.05 < 0.1
    assert found.there < found.here
    assert found.here == pytest.approx(0.1 + 0.4 + 0.25, rel=0.1)
    assert found.sure > 0.8
    assert found.words("s", "val_loss").startswith("the surrogate of 60 trials of s expects a val_loss of 0.")


def test_at_the_best_it_does_not_know_enough(sweep):
    found = expected_near(sweep, BEST, anything)
    assert found.values == {}
    assert "does not know enough" in found.words("s", "val_loss")


def test_what_cannot_be_nudged_stays(sweep):
    found = expected_near(sweep, {**BEST, "rate": 0.1}, lambda values: "batch_size" not in values)
    assert set(found.values) == {"rate"}
    assert expected_near(sweep, BEST, lambda values: False) is None


def test_it_is_asked_of_what_the_sweep_knows_alone(sweep, tmp_path):
    assert expected_near(sweep, {**BEST, "rate": 7.0}, anything) is None  # outside
    assert expected_near(swept(tmp_path / "few", 8), BEST, anything) is None


def test_it_is_among_the_suggestions_of_an_adopted_trial(sweep, tmp_path):
    worst = int(sweep.trials.loc[sweep.trials["objective"].idxmax(), "trial"])
    sweeps.adopt(sweep.path, worst, train=bowl, epochs=6, out=tmp_path / "p", progress=False)
    said = [each for each in sweeps.suggest(tmp_path / "p") if each.reason.startswith("the surrogate of")]
    assert [each.values for each in said if "rate" in each.values]
    assert "rate=" in said[0].command(tmp_path / "p")
