"""`sweeps.run` with other schedulers than its own, by name and as objects."""

import pytest

import sweeps
from sweeps.errors import BadInput
from tests import trainables

RATE = {"rate": sweeps.LogUniform(1e-3, 10)}
X = {"x": sweeps.Uniform(0, 1)}


def test_a_scheduler_object_may_be_handed_in(serial):
    space = sweeps.Space(X)
    scheduler = sweeps.RandomSearch(space, trials=7, epochs=1)
    assert len(serial(trainables.parabola, space=space, trials=7, scheduler=scheduler).trials) == 7


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"trials": 8}, "scheduler.trials"),
        ({"epochs": 5}, "scheduler.epochs"),
        ({"mode": "max"}, "scheduler.mode"),
        ({"seed": 1}, "scheduler.seed"),
        ({"space": sweeps.Space({"x": sweeps.Uniform(0, 2)})}, "scheduler.space.x"),
        ({"space": sweeps.Space({**X, "y": sweeps.Uniform(0, 1)})}, "scheduler.space.y"),
    ],
)
def test_a_scheduler_made_for_another_sweep_is_refused(serial, tmp_path, options, place):
    scheduler = sweeps.RandomSearch(**{"space": sweeps.Space(X), "trials": 7, "epochs": 9, **options})
    with pytest.raises(BadInput, match="made for, and the sweep has") as caught:
        serial(trainables.decay, space=X, trials=7, epochs=9, scheduler=scheduler)
    assert caught.value.place == place
    assert not (tmp_path / "run").exists()


def test_a_scheduler_is_for_one_sweep(serial, tmp_path):
    scheduler = sweeps.RandomSearch(sweeps.Space(X), trials=7, epochs=1)
    serial(trainables.parabola, space=X, trials=7, scheduler=scheduler, out=tmp_path / "first")
    with pytest.raises(BadInput, match="has finished already"):
        serial(trainables.parabola, space=X, trials=7, scheduler=scheduler)


def test_a_scheduler_that_says_nothing_of_a_sweep_is_taken_as_it_is(serial):
    class Own:
        """Has the four members and, under two names, something else."""

        trials, epochs = (), "many"

        def __init__(self):
            inner = sweeps.RandomSearch(sweeps.Space(X), trials=3, epochs=1)
            self.ask, self.tell, self._inner = inner.ask, inner.tell, inner

        finished = property(lambda self: self._inner.finished)
        rounds = property(lambda self: self._inner.rounds)

    assert len(serial(trainables.parabola, space=X, trials=7, scheduler=Own()).trials) == 3


@pytest.mark.parametrize("scheduler", ["sobol", "asha", "optuna"])
def test_other_schedulers_by_name(serial, scheduler):
    if scheduler == "optuna":
        pytest.importorskip("optuna")
    result = serial(
        trainables.decay,
        space={"rate": sweeps.LogUniform(1e-3, 10)},
        trials=20,
        epochs=16,
        scheduler=scheduler,
    )
    assert len(result.trials) == 20
    assert result.trials["epochs"].max() == 16
    assert result.spec["scheduler"] == scheduler
