"""`sweeps.reproduce`: one trial again, beside what was recorded."""

import numpy as np
import pytest

import sweeps
from sweeps.errors import BadInput
from tests.trainables import decay

SWEEP = {
    "space": {"rate": sweeps.LogUniform(1e-3, 0.4)},
    "trials": 12,
    "epochs": 9,
    "finalists": {"top": 1, "seeds": 2},
}


def reproduce(path, trial, train=decay, **options):
    return sweeps.reproduce(path, trial, train=train, progress=False, **options)


def other(config, run):
    """Like `decay`, but for its fourth epoch."""
    for epoch, row in enumerate(decay(config, run)):
        yield {**row, "val_loss": row["val_loss"] * (1.01 if epoch == 3 else 1.0)}


def rounds_otherwise(config, run):
    for row in decay(config, run):
        yield {name: value * (1 + 1e-9) for name, value in row.items()}


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    return sweeps.run(
        decay, **SWEEP, out=tmp_path_factory.mktemp("swept") / "run", serial=True, progress=False
    )


def whole(result):
    """A trial of the search that has all its epochs."""
    trials = result.trials
    return int(trials[trials.repeats.isna() & (trials.epochs == 9)].trial.iloc[0])


def test_each_trial_is_equal_to_the_last_bit_and_nothing_is_written(swept):
    before = {file: file.read_bytes() for file in swept.path.rglob("*") if file.is_file()}
    for trial, epochs in zip(swept.trials.trial, swept.trials.epochs, strict=True):
        found = reproduce(swept.path, trial)
        assert found.verdict == "equal", found.difference
        assert len(found.now.rows) == epochs
    assert {file: file.read_bytes() for file in swept.path.rglob("*") if file.is_file()} == before


def test_a_trial_that_went_on_from_checkpoints_is_trained_in_one_go(swept):
    found = reproduce(swept.path, whole(swept))
    assert found.restarts
    assert found.then_metrics.equals(found.now_metrics)
    assert found.then_metrics.index.tolist() == list(range(1, 10))


def test_a_repeat_of_a_finalist_has_its_own_seed(swept):
    repeat = swept.trials[swept.trials.repeats.notna()].iloc[0]
    found = reproduce(swept.path, int(repeat.trial))
    assert (found.repeats, found.seed) == (repeat.repeats, repeat.seed)
    assert found.verdict == "equal"


def test_a_changed_trainable_must_be_confirmed_and_differs_from_its_first_other_epoch_on(swept):
    trial = whole(swept)
    with pytest.raises(BadInput, match="has changed"):
        reproduce(swept.path, trial, other)
    found = reproduce(swept.path, trial, other, changed_code=True)
    assert found.verdict == "differs"
    assert found.difference[:2] == (4, "val_loss")
    assert found.difference.now == pytest.approx(1.01 * found.difference.then)


def test_what_differs_by_rounding_is_said_to(swept):
    found = reproduce(swept.path, whole(swept), rounds_otherwise, changed_code=True)
    assert found.verdict == "rounding"
    assert found.largest == pytest.approx(1e-9, rel=0.01)


@pytest.mark.parametrize(("trial", "says"), [(99, "from 0 to 13"), (-1, "from 0 on"), (True, "from 0 on")])
def test_a_trial_that_is_none_is_refused(swept, trial, says):
    with pytest.raises(BadInput, match=says):
        reproduce(swept.path, trial)


def test_a_folder_without_a_log_is_refused(tmp_path):
    with pytest.raises(BadInput, match="holds no sweep"):
        reproduce(tmp_path, 0)


def test_a_failed_trial_fails_again(serial):
    space = {"x": sweeps.Choice([1, 2])}

    def fails(config, run):
        yield {"val_loss": config["x"]}
        if config["x"] == 2:
            raise ValueError(f"not with {run.data}")

    def at_once(config, run):
        raise ValueError("not with two")
        yield

    result = serial(fails, space=space, trials=2, epochs=3, data=["two"], scheduler="random")
    trial = int(result.trials[result.trials.status == "failed"].trial.iloc[0])
    found = reproduce(result.path, trial, fails, data=["two"])
    assert (found.verdict, found.same_end, len(found.now.rows)) == ("equal", True, 1)
    found = reproduce(result.path, trial, fails, data=["three"], changed_code=True)
    assert (found.verdict, found.difference) == ("differs", None)
    found = reproduce(result.path, trial, at_once, data=["two"], changed_code=True)
    assert len(found.now.rows) == 0


def test_a_trial_that_diverged_or_ended_by_itself_does_so_again(serial):
    def train(config, run):
        for epoch in range(run.start, config["last"]):
            yield {"val_loss": float("nan") if epoch == 3 else 1.0 / (1 + epoch)}

    result = serial(train, space={"last": sweeps.Choice([3, 9])}, trials=2, epochs=20, scheduler="random")
    assert sorted(result.trials.status) == ["completed", "infeasible"]
    for trial in (0, 1):
        assert reproduce(result.path, trial, train).verdict == "equal"


def test_a_running_sweep_is_only_read(serial, tmp_path):
    """When the third trial is asked for, the first is trained again, and the third has no epochs yet."""
    verdicts = []

    def train(config, run):
        yield {"val_loss": config["x"]}

    def hear(event):
        if isinstance(event, sweeps.events.JobReported) and event.trial == 2:
            verdicts.append(reproduce(tmp_path / "run", 0, train).verdict)
            with pytest.raises(BadInput, match="has no epochs"):
                reproduce(tmp_path / "run", 2, train)
            verdicts.append("refused")

    space = {"x": sweeps.Uniform(0, 1)}
    result = serial(train, space=space, trials=3, epochs=1, scheduler="random", callbacks=[hear])
    assert verdicts == ["equal", "refused"]
    assert result.trials.status.eq("completed").all()


def test_a_trainable_that_does_not_restore_everything_is_seen(serial):
    """Its momentum begins at nothing again in each job."""

    def train(config, run):
        saved = run.restore()
        w, speed = (10.0, 0.0) if saved is None else (float(saved["w"]), 0.0)
        for _ in range(run.start, run.epochs):
            speed = 0.5 * speed - config["rate"] * w
            w += speed
            run.save({"w": np.array(w)})
            yield {"val_loss": w * w}

    result = serial(train, **{**SWEEP, "space": {"rate": sweeps.LogUniform(1e-2, 1e-1)}})
    found = reproduce(result.path, whole(result), train)
    assert found.verdict == "differs"
    assert found.difference.epoch - 2 in found.restarts or found.difference.epoch - 1 in found.restarts


def test_a_trial_of_the_built_in_network_is_equal(serial, tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(90, 4))
    np.savez(tmp_path / "data.npz", x=x, y=(x[:, 0] > 0).astype(int))
    import trainer

    data = trainer.load_data({"path": str(tmp_path / "data.npz")})
    space = {"learning_rate": sweeps.LogUniform(1e-3, 1e-1), "hidden_units": 8, "keep_probability": 0.8}
    result = serial("mlp", space=space, data=data, trials=6, epochs=6)
    trials = result.trials
    found = sweeps.reproduce(
        result.path, int(trials.trial[trials.epochs.idxmax()]), data=data, progress=False
    )
    assert found.restarts
    assert found.verdict == "equal"
    with pytest.raises(BadInput, match="give them anew"):
        sweeps.reproduce(result.path, 0, progress=False)
