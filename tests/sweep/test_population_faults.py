"""Faults that others' population based training has had, tried on ours: Ray's issues by their numbers."""

import pytest

import sweeps
from sweeps.errors import BadInput

SPACE = {"rate": {"log": [1e-2, 0.4]}}
KEYS = {
    "space": SPACE,
    "epochs": 12,
    "scheduler": "pbt:3",
    "finalists": False,
    "serial": True,
    "progress": False,
}


def diary(config, run):
    """Keeps the rate of each epoch that its weights have seen."""
    past = run.restore() or []
    for _ in range(run.start, run.epochs):
        past = [*past, config["rate"]]
        run.save(past)
        yield {"val_loss": -sum(past)}


def never_saves(config, run):
    for epoch in range(run.start, run.epochs):
        yield {"val_loss": config["rate"] / (epoch + 1)}


def never_restores(config, run):
    for epoch in range(run.epochs):
        run.save(float(epoch))
        yield {"val_loss": config["rate"] / (epoch + 1)}


def breaks(config, run):
    """Its large rates raise at the eighth epoch."""
    past = run.restore() or []
    for epoch in range(run.start, run.epochs):
        if config["rate"] > 0.2 and epoch == 7:
            raise RuntimeError("out of memory")
        past = [*past, config["rate"]]
        run.save(past)
        yield {"val_loss": -sum(past)}


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    return sweeps.run(diary, trials=16, out=tmp_path_factory.mktemp("faults") / "s", **KEYS)


def test_the_weights_are_those_of_the_schedule(swept):
    """#28196: the donor's config was trained on with the member's own weights; #8102: with another's."""
    seen = 0
    for trial in swept.trials["trial"].tolist():
        state, schedule = swept.checkpoint(trial), sweeps.schedule_of(swept, trial)
        rates = [[s for s in schedule if s.epoch <= epoch][-1].config["rate"] for epoch in range(12)]
        assert state is None or state == rates[: len(state)]
        seen += state is not None and len(schedule) > 1
    assert seen


def test_nobody_is_an_equal_copy_of_another(swept):
    """At an end of a range explore may stay there, and two that go on from one checkpoint may draw alike."""
    begun = swept.trials[swept.trials["parent"].notna()]
    assert len(begun) > 5
    assert not begun.duplicated(["parent", "parent_epoch", "config.rate"]).any()
    rates = swept.trials.set_index("trial")["config.rate"]
    assert (begun["config.rate"].to_numpy() != rates[begun["parent"]].to_numpy()).all()


@pytest.mark.parametrize(
    ("train", "why"),
    [(never_saves, "saved nothing at epoch 3"), (never_restores, r"did not call run\.restore")],
)
def test_a_trainable_that_cannot_go_on_is_refused(tmp_path, train, why):
    """All exploits trained from scratch, and a warning was all that was said (transformers #10247)."""
    with pytest.raises(BadInput, match=rf"{why}(.|\n)*saved = run\.restore"):
        sweeps.run(train, trials=4, out=tmp_path / "s", **KEYS)


def test_members_that_raise_are_replaced(tmp_path):
    """#40787: the population went on with those that were left."""
    result = sweeps.run(breaks, trials=8, out=tmp_path / "s", **KEYS)
    status = result.trials["status"].value_counts()
    assert status["failed"] >= 2
    assert status["completed"] >= 7


def test_a_child_is_not_reproduced_by_its_last_config_alone(swept):
    child = int(swept.trials["parent"].notna().idxmax())
    with pytest.raises(BadInput, match=rf"one config(.|\n)*caviar replay DIR --trial {child}"):
        sweeps.reproduce(swept.path, child, train=diary, progress=False)
