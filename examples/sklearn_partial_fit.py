"""A scikit-learn estimator with `partial_fit`: an epoch is a pass over the data.

Run it with `python examples/sklearn_partial_fit.py`.
"""

from sklearn.linear_model import SGDClassifier
from sklearn.metrics import log_loss

import sweeps

SPACE = {"eta0": sweeps.LogUniform(1e-4, 1), "alpha": sweeps.LogUniform(1e-6, 1e-1)}
FITTED = ("classes_", "coef_", "intercept_", "n_features_in_", "t_")  # what it goes on from


def train(config, run):
    data = run.data
    model = SGDClassifier(loss="log_loss", learning_rate="constant", random_state=run.seed, **config)
    vars(model).update(run.restore() or {})
    for _ in range(run.start, run.epochs):
        model.partial_fit(data.x_train, data.y_train, classes=range(10))
        run.save({name: getattr(model, name) for name in FITTED})
        loss = log_loss(data.y_validation, model.predict_proba(data.x_validation))
        yield {"val_loss": loss, "val_accuracy": model.score(data.x_validation, data.y_validation)}


if __name__ == "__main__":
    print(sweeps.run(train, space=SPACE, data="digits", trials=32, epochs=9).best)
