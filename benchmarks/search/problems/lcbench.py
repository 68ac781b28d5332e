"""The LCBench surrogate: funnel-shaped MLPs on OpenML tasks, 7 hyperparameters, epochs 2..51.

A regression network (YAHPO Gym, Pfisterer et al., 2022) fitted to LCBench (Zimmer et al., 2021), free of
noise. The objective is the validation cross-entropy; regret is a difference of its logarithms.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.search.problems.problem import Curve, Problem, key
from sweeps.space import Config, Space

# Epoch 1 is the untrained network and epoch 52 is odd, by the surrogate's authors.
EPOCHS = np.arange(2, 52)
CROSS_ENTROPY = 2  # its column among the six outputs
LEAST = 1e-6  # a regression may dip to zero or below, where there is no logarithm
SPACE = Space(
    {
        "batch_size": {"log_int": [16, 512]},
        "learning_rate": {"log": [1e-4, 0.1]},
        "momentum": {"uniform": [0.1, 0.99]},
        "weight_decay": {"uniform": [1e-5, 0.1]},
        "num_layers": {"int": [1, 5]},
        "max_units": {"log_int": [64, 1024]},
        "max_dropout": {"uniform": [0.0, 1.0]},
    }
)
BEST = Path(__file__).parent / "lcbench_best.json"
RATES = Path(__file__).parent / "lcbench_rates.json"


class Surrogate:
    """The network, loaded once for all tasks."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime

        self._codes = json.loads((folder / "encoding.json").read_text())["OpenML_task_id"]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        model = str(folder / "model.onnx")
        self._session: Any = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def curves(self, task: str, configs: Sequence[Config]) -> NDArray[np.float64]:
        """Validation cross-entropy, shape (configs, epochs), all in one query."""
        values = np.array([[config[name] for name in SPACE.searched] for config in configs])
        rows = np.column_stack([np.tile(EPOCHS, len(configs)), np.repeat(values, len(EPOCHS), axis=0)])
        codes = np.full((len(rows), 1), self._codes[task], dtype=np.int32)
        found = self._session.run(None, {"x_cat": codes, "x_cont": rows.astype(np.float32)})[0]
        entropy = found[:, CROSS_ENTROPY].reshape(len(configs), len(EPOCHS))
        return np.maximum(entropy.astype(np.float64), LEAST)


class LCBench(Problem):
    """One OpenML task. source: that it is listed under."""

    space = SPACE
    epochs = len(EPOCHS)
    nothing = math.inf  # never happens: every curve is finite

    def __init__(self, surrogate: Surrogate, task: str, source: str = "lcbench") -> None:
        self.name = f"{source}-{task}"
        self._surrogate, self._task = surrogate, task
        self._known: dict[tuple[object, ...], Curve] = {}

    def curve(self, config: Config, seed: int, epochs: int) -> Curve:
        found = self._known.get(key(config))
        if found is None:
            found = self._known[key(config)] = self._surrogate.curves(self._task, [config])[0]
        return found[:epochs]

    def score(self, value: float) -> float:
        return math.log(value)

    @property
    def best(self) -> float:
        known = json.loads(BEST.read_text())
        if self._task not in known:
            from benchmarks.search.problems.lcbench_best import search_best

            known[self._task] = search_best(self._surrogate, self._task)[0]
        return float(known[self._task])


def lcbench(data: Path) -> list[Problem]:
    """The 12 tasks for development. The others are kept back for evaluation: `lcbench_kept`."""
    surrogate = Surrogate(data / "lcbench_surrogate")
    return [LCBench(surrogate, task) for task in dev_tasks(data)]


def lcbench_kept(data: Path) -> list[Problem]:
    """The 22 tasks that nothing may be tuned on."""
    form = json.loads((data / "lcbench_surrogate" / "config_space.json").read_text())
    tasks = next(h["choices"] for h in form["hyperparameters"] if h["name"] == "OpenML_task_id")
    surrogate = Surrogate(data / "lcbench_surrogate")
    return [LCBench(surrogate, task, "lcbench_kept") for task in tasks if task not in dev_tasks(data)]


def dev_tasks(data: Path) -> list[str]:
    """The tasks to develop on."""
    tasks: list[str] = json.loads((data / "lcbench_surrogate" / "dev_tasks.json").read_text())
    return tasks
