"""Every question has an answer in words, whatever the sweep: without figures that are none."""

from pathlib import Path

import numpy as np
import pytest

import sweeps
from sweeps.analysis import (
    compare,
    importance,
    next_step,
    progress,
    ranges,
    rungs,
    stop_or_go,
    surrogate_trust,
    training_length,
    waste,
)
from sweeps.spec import as_spec, read_yaml
from sweeps.trial import Status
from tests.analysis.sweeps_on_disk import of_function, write

QUESTIONS = [
    importance,
    training_length,
    rungs,
    ranges,
    progress,
    stop_or_go,
    surrogate_trust,
    waste,
    next_step,
]
WRITTEN = Path(__file__).parent.parent / "results" / "fixtures" / "run-0.1"
KINDS = {
    "optimizer": {"choice": ["momentum", "adam", None]},
    "momentum": {"reverse_log": [0.5, 0.99], "when": {"optimizer": "momentum"}},
    "batch": {"choice": [16, 32, 64], "ordered": True},
    "steps": {"uniform": [0, 1], "step": 0.1},
    "rate": {"log": [1e-4, 1]},
    "layers": [64, 32],
}


def curves(n, epochs=9, sign=1):
    """Noisy ones, of which some end at a third."""
    rng = np.random.default_rng(0)
    lengths = np.where(rng.random(n) < 0.6, epochs, max(1, epochs // 3))
    return [
        [float(sign * (bottom + np.exp(-k / 3) + 0.01 * rng.random())) for k in range(length)]
        for bottom, length in zip(rng.random(n), lengths, strict=True)
    ]


SWEEPS = {
    "without trials": lambda path: write(path, []),
    "just begun": lambda path: write(path, [[]], status=[Status.RUNNING]),
    "of one trial": lambda path: write(path, curves(1)),
    "of two trials": lambda path: write(path, curves(2)),
    "running": lambda path: write(path, [*curves(29), []], status=[Status.PAUSED] * 29 + [Status.RUNNING]),
    "of one hyperparameter": lambda path: write(path, curves(30), space={"rate": {"log": [1e-4, 1]}}),
    "of fixed values": lambda path: write(path, curves(30), space={"rate": 0.1}),
    "all diverged": lambda path: write(path, curves(30), status=[Status.INFEASIBLE] * 30),
    "nearly all failed": lambda path: write(
        path, curves(30), status=[Status.FAILED] * 29 + [Status.COMPLETED]
    ),
    "of one epoch": lambda path: of_function(path, lambda x: x[0] + x[1], n=40),
    "of conditions": lambda path: write(path, curves(60), space=KINDS),
    "more is better": lambda path: write(path, curves(40, sign=-1), mode="max"),
    "the last epoch": lambda path: write(path, curves(40), objective="last"),
    "the mean of the last": lambda path: write(path, curves(40), objective={"mean_of_last": 3}),
    "without jobs": lambda path: write(path, curves(40), jobs=False),
    "all alike": lambda path: write(path, [[1.0] * 3] * 30),
    "with finals": lambda path: write(path, curves(40), finals=[(0, [0.1, 0.2]), (1, [0.3, 0.2])]),
    "of an earlier version": lambda path: sweeps.load(WRITTEN),
}


@pytest.fixture(scope="module", params=SWEEPS)
def result(request, tmp_path_factory):
    return SWEEPS[request.param](tmp_path_factory.mktemp("sweep") / "run")


@pytest.mark.parametrize("question", QUESTIONS)
def test_it_is_answered_in_words(result, question):
    words = question(result).words
    assert words.endswith(".")
    assert "nan" not in words
    assert "  " not in words


def test_the_next_spec_is_one(result):
    spec = as_spec(read_yaml(next_step(result).spec, "spec"))
    assert set(spec.space) == set(result.spec["space"])


def test_it_is_compared_with_itself(result):
    found = compare([result, result])
    assert found.words.endswith(".")
    assert found.real in (None, False)


def test_it_is_shown(result):
    assert result._repr_html_()
    assert set(result.curves()["trial"]) <= set(result.trials["trial"])
    assert len(result.timeline()) == len(result.jobs)
