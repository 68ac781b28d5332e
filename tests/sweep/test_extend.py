"""Sweeps whose ranges may grow: the option, and values that lie outside of what the user wrote."""

import pytest

import sweeps
from sweeps.errors import BadInput
from sweeps.results import summarize
from sweeps.screen.summary import print_summary
from sweeps.spec import as_spec
from sweeps.sweep import make_plan
from tests import trainables

X = {"x": sweeps.Uniform(0, 1)}
ALL = {
    "x": {"uniform": [0, 1]},
    "rate": {"log": [1e-3, 1e-1]},
    "beta": {"reverse_log": [0.99, 0.9999]},
    "units": {"log_int": [16, 64], "step": 8},
    "keep": {"uniform": [0, 1], "step": 0.5},
    "kind": {"choice": ["a", "b"]},
    "depth": {"int": [1, 3], "when": {"kind": "a"}},
}


class Wide(sweeps.RandomSearch):
    """Made for the space that it is given, and draws from one with every range wider."""

    def __init__(self, space, **limits):
        super().__init__(space, **limits)
        self.wide = space
        for name in space.searched:
            for end in ("low", "high"):
                self.wide = self.wide.grown(name, end) or self.wide

    def _config(self, trial):
        return self.wide.config(self._sampler.draw(trial))


def test_values_outside_the_spec_are_stored_read_and_shown(run, capsys):
    space = sweeps.Space(ALL)
    scheduler = Wide(space, trials=20, epochs=1)
    result = run(trainables.parabola, space=space, trials=20, scheduler=scheduler, finalists=True)
    config = result.trials.filter(like="config.").rename(columns=lambda name: name.removeprefix("config."))
    for name in ("x", "rate", "beta", "units", "keep", "depth"):
        first, wide = space.distributions[name], scheduler.wide.distributions[name]
        assert ((config[name] < first.low) | (config[name] > first.high)).any(), name
        assert config[name].dropna().between(wide.low, wide.high).all(), name
    assert config.dtypes.astype(str).to_dict() == {
        "x": "float64",
        "rate": "float64",
        "beta": "float64",
        "units": "int64",
        "keep": "float64",
        "kind": "str",
        "depth": "Int64",
    }
    assert result.spec["space"] == space.to_yaml()
    print_summary(summarize(result), every_round=True)
    assert f"trial {result.best.trial}" in capsys.readouterr().out


@pytest.mark.parametrize("deterministic", [False, True])
def test_the_option_is_kept_with_the_sweep(run, deterministic):
    result = run(
        trainables.decay, space=X | {"rate": 0.1}, trials=20, extend=True, deterministic=deterministic
    )
    assert result.spec["extend"] is True
    assert len(result.trials) == 20


def test_it_is_off_by_default(run):
    assert run(trainables.parabola, space=X, trials=2).spec["extend"] is False


@pytest.mark.parametrize("name", ["random", "sobol", "asha", "optuna", "optuna:gp"])
def test_other_schedulers_say_which_one_can(name):
    with pytest.raises(BadInput, match=f"scheduler: {name} can do") as caught:
        make_plan(as_spec({"space": X, "extend": True, "scheduler": name}), trainables.parabola, None)
    assert caught.value.place == "extend"
    assert "coarse_to_fine" in caught.value.fix


def test_a_scheduler_nobody_knows_is_named_first():
    with pytest.raises(BadInput, match="is not a scheduler"):
        make_plan(as_spec({"space": X, "extend": True, "scheduler": "coarse"}), trainables.parabola, None)


def test_a_scheduler_object_was_made_with_it_or_without():
    spec = as_spec({"space": X, "extend": True, "trials": 3, "epochs": 1})
    scheduler = sweeps.CoarseToFine(sweeps.Space(X), trials=3, epochs=1, extend=lambda config: True)
    with pytest.raises(BadInput, match="made already") as caught:
        make_plan(spec, trainables.parabola, None, scheduler)
    assert caught.value.place == "extend"
    without = spec.model_copy(update={"extend": False})
    assert make_plan(without, trainables.parabola, None, scheduler)


@pytest.mark.parametrize("value", ["maybe", 1, None, "true"])
def test_it_is_true_or_false(value):
    with pytest.raises(BadInput) as caught:
        as_spec({"space": X, "extend": value})
    assert caught.value.place == "extend"
    assert caught.value.fix == "write extend: true or extend: false"
