"""LightGBM: an epoch is a boosting round, and a promoted trial goes on with the trees that it has.

Run it with `python examples/lightgbm_rounds.py`.
"""

import lightgbm

import sweeps
from sweeps.integrations.lightgbm import Report, booster

SPACE = {"learning_rate": sweeps.LogUniform(0.01, 0.5), "num_leaves": sweeps.LogIntUniform(4, 32)}


def train(config, run):
    lightgbm.train(
        {"objective": "multiclass", "num_class": 10, "seed": run.seed, "verbosity": -1, **config},
        lightgbm.Dataset(run.data.x_train, run.data.y_train),
        num_boost_round=run.epochs - run.start,
        valid_sets=[lightgbm.Dataset(run.data.x_validation, run.data.y_validation)],
        valid_names=["val"],
        init_model=booster(run),
        callbacks=[Report(run)],
    )


if __name__ == "__main__":
    print(sweeps.run(train, space=SPACE, data="digits", metric="val_multi_logloss", trials=16).best)
