"""A sweep that is resumed with a hyperparameter that is new, and the value that its trials had before."""

import json

import pytest

import sweeps
from sweeps.events import JobsAsked, SearchBegun
from sweeps.face import resume_sweep
from sweeps.space import Space
from sweeps.store import LOG, LogReader
from sweeps.sweep.progress import Silent
from tests import trainables

OLD = {"rate": {"log": [1e-3, 1]}, "kind": {"choice": ["a", "b"]}}
MOMENTUM = {"uniform": [0, 0.99], "before": 0.9}
SWEEP = {"space": OLD, "trials": 8, "epochs": 9, "finalists": {"top": 2, "seeds": 2}}
EVERY = pytest.mark.parametrize("scheduler", ["coarse_to_fine", "asha", "random", "optuna:tpe"])


def loss(config, epoch):
    return abs(config["rate"] - 0.1) + abs(config.get("momentum", 0.9) - 0.5) + 1 / epoch


def train(config, run):
    for epoch in range(run.start, run.epochs):
        yield {"val_loss": loss(config, epoch + 1)}


def needs(config, run):
    """The trainable as it is later: it does not know of times without momentum."""
    assert config["kind"] == "b" or "momentum" in config
    yield from train(config, run)


class Hints(Silent):
    def __init__(self):
        self.texts = []

    def hint(self, text):
        self.texts.append(text)


@pytest.fixture
def done(tmp_path):
    return sweeps.run(train, **SWEEP, out=tmp_path / "run", serial=True, progress=False)


def resumed(path, *overrides, train=train, **keys):
    """With the hints it gave on earlier trials."""
    hints = Hints()
    options = {"train": train, "serial": True, "observer": hints, "changed_code": True}
    result = resume_sweep(path, overrides=overrides, keys=keys, **options)
    return result, [text for text in hints.texts if "before" in text]


def observed(result):
    """What the last scheduler was given."""
    return LogReader(result.path / LOG).last(SearchBegun).observed


@EVERY
def test_earlier_trials_are_known_with_the_value_that_they_had(tmp_path, scheduler):
    done = sweeps.run(train, **SWEEP, scheduler=scheduler, out=tmp_path / "run", serial=True, progress=False)
    before, count = done.trials, len(done.trials)
    result, hints = resumed(done.path, f"space.momentum={json.dumps(MOMENTUM)}", "trials=12")
    assert not hints
    assert result.trials.config[:count].tolist() == before.config.tolist(), "as trained"
    assert result.trials["config.momentum"][:count].isna().all()
    assert result.trials["config.momentum"][count:].notna().all()
    space = Space({**OLD, "momentum": MOMENTUM})
    assert [seen.config.get("momentum") for seen in observed(result)] == [0.9] * count
    assert all(space.own(seen.config) for seen in observed(result))
    assert "before: 0.9" in (result.path / "spec.yaml").read_text()


def test_trials_that_go_on_have_it(tmp_path):
    """What was in training, what waits, and finalists are trained on with the value."""
    dies = trainables.interrupted_at(train, 7)
    with pytest.raises(KeyboardInterrupt):
        sweeps.run(dies, **SWEEP, scheduler="asha", out=tmp_path / "run", serial=True, progress=False)
    before = sweeps.load(tmp_path / "run").trials
    space = {**OLD, "momentum": MOMENTUM}
    result, _ = resumed(tmp_path / "run", train=needs, space=space)
    assert "failed" not in set(result.trials.status)
    assert result.trials.config[: len(before)].tolist() == before.config.tolist()
    jobs = [job for event in LogReader(result.path / LOG).every(JobsAsked) for job in event.jobs]
    assert any(job.trial < len(before) and job.config.get("momentum") == 0.9 for job in jobs)
    again, _ = resumed(tmp_path / "run", train=needs)
    assert again.trials.equals(result.trials)
    events = list(LogReader(result.path / LOG).every(SearchBegun))
    assert [event.why for event in events] == ["start", "changed: space"], "it came out as before"


def test_no_config_is_tried_twice(tmp_path):
    space = {"kind": {"choice": ["a", "b"]}, "rate": 0.1}
    options = {**SWEEP, "space": space, "finalists": False}
    sweeps.run(train, **options, out=tmp_path / "run", serial=True, progress=False)
    more = {**space, "momentum": {"choice": [0.5, 0.9], "before": 0.9}}
    result, _ = resumed(tmp_path / "run", space=more)
    assert len(result.trials) == 4
    assert sorted(result.trials["config.momentum"].dropna()) == [0.5, 0.5]


def test_without_a_value_a_hint_says_how_to_give_one(done):
    result, hints = resumed(done.path, "space.momentum={uniform: [0, 0.99]}", "trials=10")
    (hint,) = hints
    assert "8 trials trained without it" in hint
    assert "--set space.momentum.before=…" in hint
    assert all("momentum" not in seen.config for seen in observed(result))
    later, hints = resumed(done.path, "space.momentum.before=0.9")
    assert not hints
    assert {seen.config["momentum"] for seen in observed(later)[:12]} == {0.9}


def test_a_fixed_value_may_be_new_too(done):
    _, hints = resumed(done.path, "space.l2=0.5", "trials=9")
    (hint,) = hints
    assert "--set 'space.l2={fixed: 0.5, before: …}'" in hint
    result, hints = resumed(done.path, "space.l2={fixed: 0.5, before: 0.5}", "trials=10")
    assert not hints
    assert {seen.config["l2"] for seen in observed(result)} == {0.5}


def test_a_value_outside_of_the_range_is_said(done):
    _, hints = resumed(done.path, "space.momentum={uniform: [0, 0.5], before: 0.9}", "trials=9")
    (hint,) = hints
    assert hint.startswith("space.momentum.before: 0.9 is no value of")


def test_where_the_condition_does_not_hold_there_was_none(done):
    form = {**MOMENTUM, "when": {"kind": "a"}}
    result, hints = resumed(done.path, train=needs, space={**OLD, "momentum": form}, trials=10)
    assert not hints
    for seen in observed(result):
        assert seen.config.get("momentum") == (0.9 if seen.config["kind"] == "a" else None)


def test_configs_of_an_earlier_sweep_to_start_with_have_it(done, tmp_path):
    space = {**OLD, "momentum": MOMENTUM}
    given = {"from": str(done.path), "top": 2, "values": True}
    options = {**SWEEP, "space": space, "start_with": given, "serial": True, "progress": False}
    result = sweeps.run(train, **options, out=tmp_path / "new")
    assert result.trials["config.momentum"][:2].tolist() == [0.9, 0.9]


def test_in_python_a_distribution_says_it(done):
    space = {**OLD, "momentum": sweeps.Uniform(0, 0.99, before=0.9)}
    result = sweeps.resume(done.path, train=train, space=space, trials=9, serial=True, progress=False)
    assert {seen.config["momentum"] for seen in observed(result)} == {0.9}
    none = {**OLD, "clip": sweeps.Choice([None, 1.0], before=None), "momentum": space["momentum"]}
    result = sweeps.resume(done.path, train=train, space=none, trials=10, serial=True, progress=False)
    assert all(seen.config["clip"] is None for seen in observed(result))


@pytest.mark.parametrize("before", [{"a": 1}, float("nan"), 2**70])
def test_a_value_that_no_table_holds_is_refused(before):
    with pytest.raises(sweeps.BadInput, match=r"stored|compared|64 bits") as caught:
        Space({"momentum": {"uniform": [0, 1], "before": before}})
    assert caught.value.place == "space.momentum.before"


def test_it_is_written_and_read_back():
    form = {"m": {"log": [0.1, 1], "when": {"k": [1]}, "before": None}, "k": {"choice": [1, 2], "before": 1}}
    form |= {"f": {"fixed": 3, "before": 4}}
    assert Space(form).to_yaml() == form
    assert Space(Space(form).to_yaml()).to_yaml() == form
