"""Small trainables that tests sweep over."""

import os
import signal

import numpy as np


def decay(config, run):
    """Gradient descent on w²: diverges for a rate above 1, converges below; continues from its checkpoint."""
    saved = run.restore()
    w = 10.0 if saved is None else float(saved["w"])
    for _ in range(run.start, run.epochs):
        w -= 2 * config["rate"] * w
        run.save({"w": np.array(w)})
        yield {"val_loss": w * w, "weight": w}


def interrupted_at(train, count):
    """The trainable, with Ctrl-C pressed at so many epochs of all its trials together."""
    epochs = []

    def interrupted(config, run):
        for row in train(config, run):
            epochs.append(row)
            if len(epochs) == count:
                raise KeyboardInterrupt
            yield row

    return interrupted


def forgetful(config, run):
    """Like `decay` without a checkpoint: each job begins at the first epoch again."""
    w = 10.0
    for _ in range(run.start, run.epochs):
        w -= 2 * config["rate"] * w
        yield {"val_loss": w * w}


def parabola(config, run):
    return (config["x"] - 0.3) ** 2


def as_mapping(config, run):
    return {"val_loss": config["x"], "other": 1}


def takes_its_config_apart(config, run):
    yield {"val_loss": config.pop("x")}


def raises(config, run):
    raise RuntimeError("no such luck")


def raises_above_half(config, run):
    yield {"val_loss": config["x"]}
    if config["x"] > 0.5:
        raise ValueError(f"x is {config['x']}")
    yield {"val_loss": config["x"] / 2}


def kills_worker_above_half(config, run):
    if config["x"] > 0.5:
        os.kill(os.getpid(), signal.SIGKILL)
    yield {"val_loss": config["x"]}


def kills_worker_once(config, run):
    """Dies the first time anybody trains with x above a half; run.data is the path of a marker."""
    if config["x"] > 0.5 and not run.data.exists():
        run.data.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    for epoch in range(run.start, run.epochs):
        yield {"val_loss": config["x"] / (epoch + 1)}


def short(config, run):
    """Ends by itself after one epoch."""
    yield {"val_loss": config["x"]}


def endless(config, run):
    while True:
        yield {"val_loss": config["x"]}


def late_metric(config, run):
    for epoch in range(run.start, run.epochs):
        yield {"val_loss": config["x"], **({"late": 1.0} if epoch >= 2 else {})}


def sums_data(config, run):
    return {"val_loss": float(np.sum(run.data)), "writeable": run.data.flags.writeable}


def shrinking(config, run):
    """A value that becomes smaller by a share, the rate, in each epoch, and that it goes on from."""
    value = run.restore() or 1.0
    for _ in range(run.start, run.epochs):
        value *= 1 - config["rate"]
        run.save(value)
        yield {"val_loss": value}


def lucky(config, run):
    """x², but for the sweep's own seed 0, which flatters what is far from the minimum."""
    for epoch in range(run.start, run.epochs):
        luck = 2.0 if run.seed == 0 and config["x"] > 0.8 else 0.0
        noise = np.random.default_rng([run.seed, epoch]).normal(scale=1e-3)
        yield {"val_loss": config["x"] ** 2 + noise - luck}


def diverges_on_other_seeds(config, run):
    """Above a half, whatever has another seed than 0 diverges in its second epoch."""
    yield {"val_loss": 1 - config["x"]}
    yield {"val_loss": float("nan") if run.seed and config["x"] > 0.5 else 1 - config["x"]}


def kills_worker_on_another_seed(config, run):
    """Dies the first time anybody trains with another seed than 0; run.data is the path of a marker."""
    if run.seed and not run.data.exists():
        run.data.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    yield from lucky(config, run)
