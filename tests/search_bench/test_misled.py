"""Curves whose early epochs are another config's."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from benchmarks.search.problems.lcbench import EPOCHS, SPACE
from benchmarks.search.problems.misled import Misled


class Rates:
    """A surrogate of curves that fall to the learning rate."""

    def curves(self, task, configs):
        return np.array(
            [[config["learning_rate"] * (1 + 10 / epoch) for epoch in EPOCHS] for config in configs]
        )


@pytest.mark.parametrize(
    ("source", "early", "late"), [("misled", (0, 2, 5, 16, 32), 33), ("misled_start", (0, 1, 3), 4)]
)
def test_early_epochs_rank_configs_at_random_and_late_ones_do_not(source, early, late):
    problem = Misled(Rates(), "1", source)
    rng = np.random.default_rng(0)
    configs = [SPACE.config(rng.random(len(SPACE.searched))) for _ in range(200)]
    curves = np.array([problem.curve(config, 0, problem.epochs) for config in configs])
    end = curves[:, -1]
    assert all(abs(spearmanr(curves[:, k], end)[0]) < 0.2 for k in early)
    np.testing.assert_allclose(spearmanr(curves[:, late], end)[0], 1)
    np.testing.assert_array_equal(problem.curve(configs[0], 1, 7), curves[0, :7])
