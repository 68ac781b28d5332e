"""Small sweeps that the tests of the live picture watch."""

import sweeps

SPACE = {
    "rate": {"log": [1e-3, 1]},
    "units": {"log_int": [8, 256], "step": 8},
    "batch": {"choice": [16, 32, 64, 128], "ordered": True},
    "kind": {"choice": ["a", "b"]},
    "beta": {"reverse_log": [0.5, 0.99], "when": {"kind": "a"}},
}


def uneven(config, run):
    """Some trials fail, some diverge, the others learn."""
    for epoch in range(run.start, run.epochs):
        if config["units"] > 200:
            raise ValueError("too\nmany \x1b[31munits")
        loss = (config["rate"] - 0.03) ** 2 + 1e-4 * config["units"] / (epoch + 1)
        yield {"val_loss": float("nan") if config["rate"] > 0.5 else loss}


def sweep(folder, train=uneven, **options):
    given = {"space": SPACE, "trials": 24, "epochs": 9, "serial": True, "progress": False}
    return sweeps.run(train, out=folder, **{**given, **options})
