"""A sweep that callbacks follow: it is interrupted in the middle, and resumed until it is complete."""

import os
import signal

import pytest

import sweeps
from sweeps.events import JobReported

SPACE = {
    "rate": {"log": [1e-3, 1]},
    "units": {"log_int": [8, 256]},
    "kind": {"choice": ["a", 1, None]},
    "beta": {"uniform": [0, 1], "when": {"kind": "a"}},
    "fixed": 3,
}
EVENTS = 20  # of reports, after which it is interrupted


def train(config, run):
    """Some trials fail, some diverge; each epoch says its number."""
    for epoch in range(run.start, run.epochs):
        if config["units"] > 200:
            raise ValueError("too many units")
        loss = (config["rate"] - 0.03) ** 2 + 1e-4 * config["units"] / (epoch + 1)
        yield {"val_loss": float("nan") if config["rate"] > 0.5 else loss, "epoch/number": epoch + 1}


def interrupter():
    """Presses Ctrl-C once."""
    heard = []

    def callback(event):
        if isinstance(event, JobReported):
            heard.append(event)
            if len(heard) == EVENTS:
                os.kill(os.getpid(), signal.SIGINT)

    return callback


def tracked(folder, make, late=False):
    """The sweep in both parts, each followed by a callback of its own; gives it as it is at the end.

    late: the first is followed by none.
    """
    given = {"serial": True, "progress": False}
    with pytest.raises(sweeps.Interrupted):
        sweeps.run(
            train,
            space=SPACE,
            trials=24,
            epochs=9,
            out=folder,
            name="tracked",
            callbacks=[interrupter()] if late else [make(), interrupter()],
            **given,
        )
    sweeps.resume(folder, train=train, callbacks=[make()], **given)
    return sweeps.load(folder)
