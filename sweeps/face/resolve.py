"""Finds what a spec names: the trainable, the data, and the plan of a sweep over both."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sweeps.errors import BadInput
from sweeps.execution import Command, Trainable, import_trainable
from sweeps.face.library import with_library
from sweeps.knowledge import Knowledge
from sweeps.schedulers import Legal
from sweeps.spec import SweepSpec
from sweeps.sweep.planning.checks import as_bad_input, legality
from sweeps.sweep.planning.plan import Plan, make_plan
from sweeps.sweep.progress import Observer, Silent

COMMAND_FORM = 'write trainable: {command: "python train.py --rate {rate}"}'
BUILT_IN = {"mlp": "trainer:mlp", "cnn": "trainer:cnn"}


def plan_from_spec(spec: SweepSpec, base: Path, earlier: Sequence[Knowledge] | None = None) -> Plan:
    """Find and check everything a spec names; its relative paths start at the folder `base`.

    earlier: as in `make_plan`.
    """
    search = (base.resolve(), Path.cwd())
    train = find_trainable(spec.trainable, search)
    data = None if spec.data is None else load_data(spec.data, spec.seed, base, spec.metric)
    if isinstance(spec.data, dict):
        spec = spec.model_copy(update={"data": with_absolute_files(spec.data, base)})
    spec, earlier = with_library(spec, earlier)
    return make_plan(spec, train, data, base=base, earlier=earlier)


def with_absolute_files(data: Mapping[str, Any], base: Path) -> dict[str, Any]:
    """A spec's data, so that the spec that is kept beside the tables finds the files from there."""
    files = {key: str(data[key]) for key in ("path", "test") if isinstance(data.get(key), str | Path)}
    return {
        **data,
        **{key: str((base / Path(file).expanduser()).resolve()) for key, file in files.items()},
    }


def find_trainable(name: str | Mapping[str, Any], search: Sequence[Path] = ()) -> Trainable:
    """A trainable by its built-in name or import path, or a command line's. Raises `BadInput`."""
    if not isinstance(name, str):
        if list(name) != ["command"]:
            raise BadInput("trainable", dict(name), "must have the key command, and no other", COMMAND_FORM)
        return Command(name["command"], search[0] if search else Path.cwd())
    if ":" not in name and name not in BUILT_IN:
        names = ", ".join(BUILT_IN)
        fix = f"write {names}, or the import path of your own, module:function, or {{command: …}}"
        raise BadInput("trainable", name, "is neither built in nor an import path", fix)
    if name in BUILT_IN:
        check_not_shadowed("trainer")
    return import_trainable(BUILT_IN.get(name, name), search)


def legality_of(name: Any) -> Legal | None:
    """Whether a built-in trainable can train a config; None for any other, which is not imported for that."""
    return legality(find_trainable(name), None) if isinstance(name, str) and name in BUILT_IN else None


def load_data(form: str | Mapping[str, Any], seed: int, base: Path, metric: str = "") -> Any:
    """Load and split what a spec's `data` names. metric: of the sweep. Raises `BadInput`."""
    check_not_shadowed("trainer")
    from trainer.data import load_data as load_form
    from trainer.data import with_metric

    try:
        return load_form(with_metric(form, metric), seed=seed, base=base)
    except ValueError as error:
        raise as_bad_input(error, "data") from error


def loaded(data: Any, trainable: Any, spec: SweepSpec) -> Any:
    """Data that are given in Python: a data set's name is loaded, and so is a form for a built-in trainable.

    trainable: as it was named, or the object. spec: has the seed and the metric. Raises `BadInput`.
    """
    return load_data(data, spec.seed, Path(), spec.metric) if is_form(data, trainable) else data


def is_form(data: Any, trainable: Any) -> bool:
    """Whether given data are a form of them, and not the data themselves."""
    built_in = isinstance(trainable, str) and trainable in BUILT_IN
    return isinstance(data, str) or (built_in and isinstance(data, Mapping))


def check_not_shadowed(package: str) -> None:
    """Raise `BadInput` where a file of the user's own has the name of a package that is needed."""
    found = sys.modules.get(package) or importlib.util.find_spec(package)
    origin = getattr(found, "__file__", None) or getattr(found, "origin", None)
    if origin and Path(origin).resolve().parent != Path(__file__).resolve().parent.parent.parent / package:
        raise BadInput("import", origin, f"has the name of Caviar's own package {package!r}", "rename it")


def watcher_if(progress: bool) -> Observer:
    """Who shows a sweep's progress; nobody where that is not wanted."""
    if not progress:
        return Silent()
    from sweeps.screen.watch import watcher

    return watcher()
