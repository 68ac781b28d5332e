"""The spec that `caviar init` writes."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sweeps.errors import BadInput
from sweeps.spec import DEFAULTS, as_name

_TEMPLATE = """\
# A Caviar sweep. Run it with: caviar run {file}
name: "{name}"

# What to train: mlp, the built-in network, cnn, one for images, or your own function as module:function.
trainable: {trainable}

# What to train on: digits (needs scikit-learn), a folder of pictures, or a table with a column to predict:
# data: {{path: table.csv, target: label, validation: 0.2, test: 0.2}}
# with drop, columns, group, time, class_weight, metrics and others: see the page on data.
data: {data}

# What to compare trials by. The network reports loss and accuracy as train_, val_ and test_.
metric: {metric}
mode: {mode}                # or {other_mode}

trials: {trials}               # configs to try
epochs: {epochs}               # how long the best of them train; the others stop earlier
finalists: {finalists}   # then the best are trained again on fresh seeds; false for none
# objective: {{mean_of_last: 3}}   # what trials are compared by; or last; by default {objective}
# limits: {{time: 2h, trial: 20m}}  # finalists in time; also epoch, epochs, at, no_better
seed: {seed}
scheduler: {scheduler}   # or asha, sobol, random, optuna, optuna:gp, …
# extend: true           # let ranges grow where the best lean on an end
# workers: 2             # train so many at once; by default as many as have room
# resources: {{cpus: 2, memory: 4GiB}}   # what each of them gets; by default a CPU

"""

_DENSE = """\
# Hyperparameter: its values. A plain value is passed on as it is.
space:
  learning_rate: {log: [1e-5, 1]}                # log-uniform: every decade alike
  optimizer: {choice: [momentum, rmsprop, adam]}
  momentum: {reverse_log: [0.5, 0.99], when: {optimizer: momentum}}   # 1 - value is log-uniform
  batch_size: {choice: [16, 32, 64, 128], ordered: true}
  hidden_units: {log_int: [16, 128], step: 8}    # whole numbers in steps
  hidden_layers: {int: [1, 3]}
  keep_probability: {uniform: [0.5, 1.0]}
  l2: {log: [1e-4, 10]}
  {bins}number_bins: {choice: [0, 8, 32], ordered: true}   # of a table: encodes each number piece by piece
  # batch_norm: {choice: [false, true]}            # its running averages want 10 batches an epoch or more
  # batch_norm_beta: {reverse_log: [0.8, 0.999], when: {batch_norm: true}}
  activation: relu
"""

_IMAGES = """\
# A ready space for images, which spec.yaml in the run's folder shows in full. Of your own, for instance:
# space:
#   channels: {choice: [16, 32], ordered: true}    # of the first stage; the next one has twice as many
#   stages: 2                                      # each halves the images
#   skip: true                                     # residual blocks
#   learning_rate: {log: [1e-3, 3e-2]}
#   flip: true                                     # mirrored images mean the same
space: cnn
"""


DIGITS, IMAGES = "digits", "cnn"
_LEAST = 8  # pixels, which the stages of `space: cnn` halve up to three times


class Own(NamedTuple):
    """data: what a spec says of them. lines: what was understood of them. trainable: what goes with them."""

    data: str | dict[str, str]
    lines: Sequence[str]
    trainable: str


def own_data(spec: Path, data: Path, target: str | None) -> Own:
    """Of a table or a folder of the user's own, or of a data set by its name.

    spec: where it will be written, since paths in it start there. Raises `BadInput`.
    """
    from sweeps.face import load_data

    named = not data.exists() and not data.suffix and len(data.parts) == 1
    form = {"name" if named else "path": str(data), **({} if target is None else {"target": target})}
    loaded = load_data(form, DEFAULTS.seed, Path())
    lines = [*loaded.describe().lines, *(f"hint: {hint}" for hint in loaded.hints)]
    trainable = DEFAULTS.trainable
    if len(loaded.shape) in (2, 3):
        trainable = IMAGES if min(loaded.shape[:2]) >= _LEAST else trainable
        if trainable != IMAGES:
            lines.append(
                f"images of fewer than {_LEAST} × {_LEAST} pixels are too small for cnn: mlp is proposed"
            )
    return Own(str(data) if named else {**form, "path": os.path.relpath(data, spec.parent)}, lines, trainable)


def write_template(
    path: Path, data: str | dict[str, str] = DIGITS, trainable: str = DEFAULTS.trainable
) -> None:
    """Write the spec to a new file. Raises `BadInput` rather than overwrite one."""
    if not path.parent.is_dir():
        raise BadInput(
            "path", str(path), f"lies in a folder that does not exist, {path.parent}", "make it first"
        )
    try:
        with path.open("x", encoding="utf-8") as file:  # x: never through a link to somewhere else
            file.write(template(path, data, trainable))
    except FileExistsError:
        rule = "exists, and nothing is overwritten"
        raise BadInput("path", str(path), rule, "give another file name") from None


def template(path: Path, data: str | dict[str, str] = DIGITS, trainable: str = DEFAULTS.trainable) -> str:
    """The text of the spec, with the defaults that it would have anyway."""
    names = {"file": path.name, "name": as_name(path.stem), "data": _flow_of_texts(data)}
    other_mode = "max" if DEFAULTS.mode == "min" else "min"
    forms = {
        "finalists": _flow(DEFAULTS.finalists.to_yaml()),
        "objective": _flow(DEFAULTS.objective.to_yaml()),
    }
    names["trainable"] = trainable
    filled = _TEMPLATE.format(**{**vars(DEFAULTS), **forms, **names}, other_mode=other_mode)
    bins = "# " if isinstance(data, str) else ""
    return filled + (_IMAGES if trainable == IMAGES else _DENSE.replace("{bins}", bins))


def _flow_of_texts(data: str | dict[str, str]) -> str:
    """In JSON's quotes, which YAML reads, so that no path or column can be read as anything else."""
    if isinstance(data, str):
        return data
    return "{" + ", ".join(f"{key}: {json.dumps(text)}" for key, text in data.items()) + "}"


def _flow(form: Any) -> str:
    """A value of a spec on one line, without quotes where YAML needs none."""
    if not isinstance(form, dict):
        return str(form)
    return "{" + ", ".join(f"{key}: {value}" for key, value in form.items()) + "}"
