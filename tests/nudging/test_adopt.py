"""A trial of a sweep goes on as a panda: from which epoch, and what is there where it cannot."""

import pytest

import sweeps
from sweeps.errors import BadInput
from sweeps.events import Noticed
from sweeps.face.babysitting.adopt import adopt_trial
from sweeps.store import LogReader
from tests.nudging.test_asking import halved


def dipping(config, run):
    """Best at epoch 3 of 6."""
    for epoch in range(run.start, run.epochs):
        run.save(epoch)
        yield {"val_loss": config["rate"] + abs(epoch - 2)}


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    folder = tmp_path_factory.mktemp("adopt") / "s"
    keys = {"trials": 2, "epochs": 6, "finalists": False, "scheduler": "random", "serial": True}
    sweeps.run(dipping, space={"rate": sweeps.Uniform(0, 1)}, out=folder, progress=False, **keys)
    return folder


def adopted(sweep, folder, **keys):
    sweeps.adopt(sweep, 0, out=folder, train=dipping, progress=False, **keys)
    return next(iter(LogReader(folder / "log").every(Noticed))).text


def test_it_is_said_from_which_epoch_it_goes_on_and_why(sweep, tmp_path):
    said = adopted(sweep, tmp_path / "p", epochs=8)
    kept = sorted(path.name for path in (sweep / "checkpoints").glob("trial-000000-*.npz"))
    assert kept == ["trial-000000-epoch-000003.npz"]
    assert said == "trial 0 goes on from epoch 3 of 6: the sweep kept no later checkpoint of it"
    assert sweeps.load(tmp_path / "p").jobs["start"].tolist() == [0, 3, 4, 5, 6, 7]


def test_the_epoch_can_be_chosen_of_those_that_were_kept(sweep, tmp_path):
    assert adopted(sweep, tmp_path / "p", epoch=0) == "trial 0 is trained from the beginning: as was asked"
    with pytest.raises(BadInput, match=r"--from: 5 .* of trial 0\n  fix: there are checkpoints of 0, 3"):
        adopted(sweep, tmp_path / "q", epoch=5)
    with pytest.raises(BadInput, match="with another config"):
        adopted(sweep, tmp_path / "q", epoch=3, config={"rate": 0.5})
    said = adopted(sweep, tmp_path / "r", config={"rate": 0.5})
    assert said == "its config is to be another one, so it is trained from the beginning"


@pytest.mark.parametrize("keys", [{"train": halved}, {"train": dipping, "metric": "nothing"}])
def test_where_it_cannot_go_on_nothing_of_others_is_removed(sweep, tmp_path, keys):
    (tmp_path / "p").mkdir()
    with pytest.raises(BadInput):
        sweeps.adopt(sweep, 0, out=tmp_path / "p", progress=False, **keys)
    assert (tmp_path / "p").is_dir()


def by_command(sweep, folder, *overrides):
    adopt_trial(sweep, 0, {}, None, 1, folder, overrides, train=dipping)
    return sweeps.load(folder)


def test_the_command_says_how_long_it_trains_and_what_it_is_called(sweep, tmp_path):
    result = by_command(sweep, tmp_path / "p", "epochs=5", "name=longer")
    assert result.trials["epochs"].tolist() == [5]
    assert (result.spec["epochs"], result.spec["name"]) == (5, "longer")
    with pytest.raises(BadInput, match="epochs: 2 leaves nothing to train: the trial has 3 behind it"):
        by_command(sweep, tmp_path / "q", "epochs=2")


@pytest.mark.parametrize("override", ["trials=4", "scheduler=asha", "space.rate=0.5", "finalists=2"])
def test_a_key_without_effect_is_refused(sweep, tmp_path, override):
    with pytest.raises(BadInput, match="has no effect on a trial that is adopted"):
        by_command(sweep, tmp_path / "p", override)
