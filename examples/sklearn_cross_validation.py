"""Cross-validation of a scikit-learn estimator: no epochs, a plain function returns the metrics once.

Run it with `python examples/sklearn_cross_validation.py`.
"""

from sklearn.datasets import load_digits
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.svm import SVC

import sweeps

SPACE = {"C": sweeps.LogUniform(1e-2, 1e3), "gamma": sweeps.LogUniform(1e-6, 0.1)}


def train(config, run):
    x, y = load_digits(return_X_y=True)
    folds = StratifiedKFold(3, shuffle=True, random_state=run.seed)
    scores = cross_val_score(SVC(**config), x, y, cv=folds)
    return {"val_accuracy": scores.mean(), "spread": scores.std()}


if __name__ == "__main__":
    print(sweeps.run(train, space=SPACE, metric="val_accuracy", mode="max", trials=24).best)
