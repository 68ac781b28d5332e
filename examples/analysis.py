"""A sweep, and then everything that one asks about it, in cells: open it in an editor that runs `# %%` cells.

pip install "caviar-sweeps[plot,report]"
"""

# %% A small sweep: ridge regression by gradient descent.
import numpy as np

import sweeps


def train(config, run):
    x, y = run.data
    w = np.zeros(x.shape[1])
    for _ in range(run.start, run.epochs):
        w = w - config["rate"] * (x.T @ (x @ w - y) / len(y) + config["l2"] * w)
        yield {"val_loss": float(np.mean((x @ w - y) ** 2))}


x = np.random.default_rng(0).normal(size=(200, 10))
space = {"rate": sweeps.LogUniform(1e-4, 10), "l2": sweeps.LogUniform(1e-6, 1)}
result = sweeps.run(
    train, space=space, data=(x, x @ np.ones(10)), trials=60, epochs=9, serial=True, progress=False
)

# %% The best trials, and the config to take: its mean and spread over fresh seeds.
print(result.top(5))
print(result.best)

# %% How the search went.
sweeps.plot.history(result)

# %% Which hyperparameters matter, and where they are good.
print(result.importance())
sweeps.plot.importance(result)
sweeps.plot.hyperparameters(result)
sweeps.plot.parallel(result)

# %% Whether to train longer, whether early epochs mislead, whether to go on.
ask = sweeps.analysis
for question in (ask.training_length, ask.rungs, ask.ranges, ask.stop_or_go):
    print(question(result))
sweeps.plot.curves(result)

# %% With pandas: the validation loss of the five best trials, a column each.
best = result.curves(result.top(5)["trial"])
print(best.pivot(index="epoch", columns="trial", values="value"))

# %% What to do next, and a spec to do it with.
print(result.next_step())

# %% Beside another sweep: random search.
other = sweeps.run(
    train,
    space=space,
    data=(x, x @ np.ones(10)),
    trials=20,
    epochs=9,
    serial=True,
    progress=False,
    scheduler="random",
    name="random",
)
print(result.compare(other))
print(sweeps.concat([result, other]).groupby("sweep")["objective"].describe())
sweeps.plot.ecdf(result, other)
