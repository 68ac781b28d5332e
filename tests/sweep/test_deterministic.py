"""`deterministic: true`: the same tables, however many workers train."""

import pandas as pd
import pytest

import sweeps
from tests import trainables

SPACE = {"rate": sweeps.LogUniform(1e-3, 1), "kind": ["a", "b"]}
X = {"x": sweeps.Uniform(0, 1)}


def tables(result):
    trials = result.trials.drop(columns=["seconds", "worker"])  # who trained it, and for how long
    return [trials, result.metrics, result.rounds, result.finalists]


@pytest.mark.parametrize(
    ("train", "space", "trials", "workers"),
    [
        (trainables.decay, SPACE, 30, (1, 2, 4)),
        pytest.param(trainables.lucky, X, 20, (1, 4), marks=pytest.mark.slow),
    ],
)
def test_tables_are_the_same_on_any_number_of_workers(ray_cluster, tmp_path, train, space, trials, workers):
    found = []
    for count in workers:
        sweep = {"space": space, "trials": trials, "epochs": 9, "deterministic": True, "progress": False}
        found.append(tables(sweeps.run(train, workers=count, out=tmp_path / str(count), **sweep)))
    for others in found[1:]:
        for first, other in zip(found[0], others, strict=True):
            pd.testing.assert_frame_equal(first, other, check_exact=True)
