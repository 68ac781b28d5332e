"""XGBoost: an epoch is a boosting round, and a promoted trial goes on with the trees that it has.

Run it with `python examples/xgboost_rounds.py`.
"""

import xgboost

import sweeps
from sweeps.integrations.xgboost import Report, booster

SPACE = {"learning_rate": sweeps.LogUniform(0.01, 1), "max_depth": sweeps.IntUniform(2, 8)}


def train(config, run):
    validation = xgboost.DMatrix(run.data.x_validation, run.data.y_validation)
    xgboost.train(
        {"objective": "multi:softprob", "num_class": 10, "seed": run.seed, "subsample": 0.8, **config},
        xgboost.DMatrix(run.data.x_train, run.data.y_train),
        num_boost_round=run.epochs - run.start,
        evals=[(validation, "val")],
        verbose_eval=False,
        xgb_model=booster(run),
        callbacks=[Report(run)],
    )


if __name__ == "__main__":
    print(sweeps.run(train, space=SPACE, data="digits", metric="val_mlogloss", trials=24, epochs=27).best)
