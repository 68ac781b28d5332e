"""Stacks that tests train, and how far rounding may take a model in them from itself alone."""

import numpy as np

from tests.trainer.examples import blobs
from trainer import MLPConfig, Stack

UNIT = 2.0**-53  # float64's rounding unit
SHARED = {"batch_size": 25, "dtype": "float64", "epsilon": 1e-2}
MIXED = [
    {
        "hidden": [16, 8],
        "keep_probability": 0.5,
        "l1": 0.05,
        "l2": 0.1,
        "momentum": 0.5,
        "beta1": 0.5,
        "decay": 1.0,
    },
    {"hidden": [5, 8], "keep_probability_0": 0.8, "beta2": 0.9, "schedule": "exponential", "clip_norm": 0.5},
    {"hidden": [16, 3], "schedule": "cosine", "decay_horizon": 15, "weight_decay": 0.1, "warmup": 2.5},
    {
        "hidden": [1, 1],
        "bias_correction": True,
        "schedule": "step",
        "decay_period": 3,
        "replica": 1,
        "l1": 0.3,
    },
    {"hidden": [5, 8], "bias_correction": False, "initialisation": "xavier", "schedule": "inverse_sqrt_step"},
    {
        **{"hidden": [7, 2], "initialisation": "normal", "initial_scale": 0.3, "clip_norm": 0.1},
        **{"keep_probability_1": 0.9, "keep_probability_2": 0.7},
        **{"batch_norm_beta": 0.5, "batch_norm_epsilon": 0.1, "learning_rate": 0.005},
    },
    {"hidden": [16, 8], "schedule": "inverse_sqrt_epoch", "momentum": 0, "beta1": 0, "epsilon": 0.1},
    {"hidden": [3, 8], "schedule": "constant", "warmup": 1, "l2": 1, "keep_probability": 0.8, "replica": 2},
]
"""Eight models of one pack key that have nothing in common but that."""

FOR_TABLES = {"number_bins": 3, "weight_average": 0.9, "label_smoothing": 0.2}
ROUND = [{**own, "hidden": [own["hidden"][0]] * 3} for own in MIXED]
"""The same with hidden layers of one width, round which inputs may go."""

NO_DROPOUT = {"keep_probability": 1, **{f"keep_probability_{layer}": 1 for layer in range(3)}}


def mixed(**shared):
    return [MLPConfig.parse({"learning_rate": 0.02, **SHARED, **own, **shared}) for own in MIXED]


def skipping(**shared):
    return [
        MLPConfig.parse({"learning_rate": 0.02, **SHARED, **own, "skip": True, **shared}) for own in ROUND
    ]


def config(**own):
    return MLPConfig.parse({**SHARED, "learning_rate": 0.02, **own})


def train(configs, epochs, *, data=None, at=None, starts=None, device="cpu", seed=1):
    """Train in one stack until each model has `epochs` behind it.

    at: after how many of the stack's epochs each enters, by default 0. starts: checkpoints.
    Returns each model's metrics, epoch by epoch, and its last checkpoint (None where it left early).
    """
    stack = Stack(data or blobs(), seed=seed, device=device)
    at, starts = at or [0] * len(configs), starts or [None] * len(configs)
    members, rows, last = {}, {k: [] for k in range(len(configs))}, dict.fromkeys(range(len(configs)))
    for clock in range(epochs + max(at)):
        for k in [k for k in range(len(configs)) if at[k] == clock]:
            members[stack.enter(configs[k], starts[k])] = k
        for member, metrics in stack.train_epoch().items():
            rows[members[member]].append(metrics)
        for member in [member for member in stack.members if member.epoch == epochs]:
            last[members[member]] = stack.checkpoint(member)
            stack.leave(member)
    return list(rows.values()), list(last.values())


def beginnings(configs, **options):
    """Each model's checkpoint before its first update."""
    stack = Stack(options.pop("data", None) or blobs(), seed=1)
    return [stack.checkpoint(stack.enter(config)) for config in configs]


def moved(checkpoint, distance, rng):
    """Every weight a distance up or down.

    Not the biases: they begin at 0, on relu's kink for an example of which no unit below is active.
    There a move, however small, decides about a gradient, but no rounding moves a zero.
    """
    return {
        name: x + distance * rng.choice([-1, 1], x.shape) if name.startswith("W") else x
        for name, x in checkpoint.items()
    }


def farthest(one, other, *, smooth=False):
    """The greatest difference between two models' (metrics, checkpoint); NaN where only one has a NaN.

    smooth: without the shares of right and wrong answers, which jump.
    """
    (rows, last), (other_rows, other_last) = one, other
    assert len(rows) == len(other_rows)
    names = [name for name in rows[0] if not (smooth and name.endswith(("accuracy", "error")))]
    pairs = [(a[name], b[name]) for a, b in zip(rows, other_rows, strict=True) for name in names]
    if last is not None:
        pairs += [(last[name], other_last[name]) for name in last if name != "best"]
    # Moments are sums, of up to a thousand squares: those are compared in units of the largest.
    apart = [np.abs(np.subtract(a, b)).max() / np.maximum(1.0, np.abs(b).max()) for a, b in pairs]
    return float(np.max(apart))  # Python's own max may pass over a NaN


def check_within(allowed, configs, ones, others, *, epochs, most):
    """Each model of one list is a model of the other, (metrics, checkpoint) each, up to what is allowed it.

    most: no allowance may reach this, else the check would show little.
    """
    assert max(allowed) < most
    for each, one, other, bound in zip(configs, ones, others, allowed, strict=True):
        assert len(one[0]) == epochs
        assert farthest(one, other) <= bound, each


def bounds(configs, trained, epochs, *, unit=UNIT, steps=4, distance=1e-9, data=None):
    """How far rounding may take each model that was trained for `epochs` of `steps` updates.

    Only the order of sums in products differs. A gradient is a sum of at most n = 25 examples' or 16
    units' terms below 10, taken forward and backward, so it is off by at most 10·(25 + 16)·unit. An
    update is at most α/ε = 2 times its gradient's error (0.2 for the rules that do not divide), once an
    update. What an error does later is measured: all weights are moved a small distance at random before
    the first update; the worst direction may be 10 times as bad.
    """
    rng = np.random.default_rng(0)
    starts = [moved(start, distance, rng) for start in beginnings(configs, data=data)]
    rows, last = train(configs, epochs, starts=starts, data=data)
    per_update = 2 * 10 * (25 + 16) * unit
    others = zip(zip(rows, last, strict=True), trained, strict=True)
    apart = [farthest(one, other, smooth=True) / distance for one, other in others]
    return [steps * epochs * per_update * 10 * max(each, 1.0) for each in apart]
