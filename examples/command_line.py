"""A program that knows nothing of Caviar but four variables; command_line.yaml sweeps over its options."""

import argparse
import json
import os
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier

parser = argparse.ArgumentParser()
parser.add_argument("--eta0", type=float)
parser.add_argument("--alpha", type=float)
options = vars(parser.parse_args())
start, epochs, seed = (int(os.environ[f"CAVIAR_{name}"]) for name in ("START", "EPOCHS", "SEED"))
saved = (
    Path(os.environ["CAVIAR_FOLDER"]) / "model.npz"
)  # what is in the folder at the end is there again later

x, y = load_digits(return_X_y=True)
model = SGDClassifier(loss="log_loss", learning_rate="constant", random_state=seed, **options)
if start:
    vars(model).update(
        {name: array if array.ndim else array.item() for name, array in np.load(saved).items()}
    )
for _ in range(start, epochs):
    model.partial_fit(x[:1400] / 16, y[:1400], classes=np.arange(10))
    print(json.dumps({"val_accuracy": model.score(x[1400:] / 16, y[1400:])}))
np.savez(saved, **{name: getattr(model, name) for name in ("classes_", "coef_", "intercept_", "t_")})
