"""What `sweeps.run` refuses, and what it hints at."""

import math

import pytest

import sweeps
from sweeps.errors import BadInput
from tests import trainables

X = {"x": sweeps.Uniform(0, 1)}


@pytest.mark.parametrize(
    ("metric", "mode", "hint"),
    [("val_loss", "max", "min"), ("val_loss", "min", ""), ("my_accuracy", "min", "max"), ("own", "max", "")],
)
def test_a_mode_that_looks_like_a_slip_is_hinted_at(serial, capsys, metric, mode, hint):
    def train(config, run):
        return {metric: config["x"]}

    serial(train, space=X, trials=2, metric=metric, mode=mode, progress=True)
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("hint")]
    assert said == ([f"hint: metric: {metric} with mode: {mode}; is it mode: {hint}?"] if hint else [])


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"space": {"x": {"log": [0, 1]}}}, "space.x.log"),
        ({"space": {}}, "space"),
        ({"metric": "accuracy"}, "metric"),
        ({"mode": "best"}, "mode"),
        ({"trials": 0}, "trials"),
        ({"trials": "many"}, "trials"),
        ({"epochs": True}, "epochs"),
        ({"finalists": -1}, "finalists"),
        ({"finalists": None}, "finalists"),
        ({"finalists": {"top": 2.5}}, "finalists.top"),
        ({"finalists": {"seeds": 0}}, "finalists.seeds"),
        ({"finalists": {"seeds": 10**6}}, "finalists.seeds"),
        ({"finalists": {"best": 3}}, "finalists.best"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**63}, "seed"),
        ({"workers": 0}, "workers"),
        ({"scheduler": "coarse"}, "scheduler"),
        ({"scheduler": object()}, "scheduler"),
        ({"scheduler": sweeps.RandomSearch}, "scheduler"),
        ({"metric": "epoch"}, "metric"),
        ({"out": 3}, "out"),
        ({"name": "a/b"}, "name"),
        ({"data": "nothing-of-this-name"}, "data.name"),
    ],
)
def test_bad_input_names_the_place_and_leaves_nothing_behind(serial, tmp_path, options, place):
    with pytest.raises(BadInput) as caught:
        serial(trainables.as_mapping, **{"space": X, "trials": 3, **options})
    assert caught.value.place == place
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ({"uniform": [0, 1]}, 1.0),
        ({"uniform": [-1.0, 0.9]}, -1.0),
        ({"choice": [0.5, 1.0], "when": {"kind": "b"}}, 1.0),
    ],
)
def test_an_end_that_cannot_be_trained_is_found_before_it_starts(serial, tmp_path, form, value):
    def train(config, run):
        return 1.0

    def check(config, data):
        if config.get("rate") == value:
            raise BadInput("rate", value, "cannot be trained")

    train.check = check
    with pytest.raises(BadInput, match="cannot be trained"):
        serial(train, space={"rate": form, "kind": {"choice": ["a", "b"]}})
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("form", [math.nan, {"choice": [1.0, math.nan]}])
def test_a_value_that_equals_nothing_is_refused(serial, form):
    with pytest.raises(BadInput, match=r"space\.x"):
        serial(trainables.parabola, space={"x": form})


@pytest.mark.parametrize(
    "name", [3, "nowhere:train", "tests.trainables:nothing", "tests.trainables", "tests.trainables:os"]
)
def test_a_trainable_that_cannot_be_found(serial, name):
    with pytest.raises(BadInput) as caught:
        serial(name, space=X)
    assert caught.value.place == "trainable"


@pytest.mark.parametrize("train", [3, dict, lambda config: 1.0])
def test_what_is_no_trainable(serial, train):
    with pytest.raises(BadInput) as caught:
        serial(train, space=X)
    assert caught.value.place == "trainable"


def test_the_built_in_network_wants_its_own_data(serial):
    with pytest.raises(BadInput, match="needs a Dataset"):
        serial("mlp", space={"l2": 0.1}, data=(1, 2))


def test_a_sweep_never_overwrites_another(serial):
    first = serial(trainables.parabola, space=X, trials=3)
    before = {path: path.read_bytes() for path in first.path.rglob("*") if path.is_file()}
    with pytest.raises(BadInput, match="already holds a sweep"):
        serial(trainables.parabola, space=X, trials=3)
    assert before == {path: path.read_bytes() for path in first.path.rglob("*") if path.is_file()}
