"""The configs that a sweep tries first: its user's own, a table's, or the best of an earlier sweep."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pyarrow import csv

from sweeps.errors import BadInput, choices
from sweeps.results import load
from sweeps.schedulers import Observation
from sweeps.space import Config, Distribution, Space, Value
from sweeps.store.schema import CONFIG
from sweeps.trial import Outcome

_PLACE = "start_with"
_KEYS = ("from", "top")
_TOP = 5
_EXAMPLE = "write start_with: [{learning_rate: 0.01}], or {from: runs/old, top: 5}"


def observed_first(form: Any, space: Space, base: Path) -> list[Observation]:
    """The trials to begin with, as a scheduler takes them in: waiting to be trained.

    Args:
        form: A list of configs, or {"from": a sweep's folder or a CSV file, "top": how many}.
        space: What each must be a config of. A hyperparameter with one value may be left out.
        base: The folder that a path starts at.

    Raises:
        BadInput: Something in it cannot be tried; the place says which config and which hyperparameter.
    """
    configs = _listed(form, base)
    own = [_own(config, space, f"{_PLACE}[{i}]") for i, config in enumerate(configs)]
    distinct = {json.dumps(config, sort_keys=True, default=repr): config for config in own}
    return [
        Observation(trial=i, config=config, epochs=0, objective=None, outcome=Outcome.DONE)
        for i, config in enumerate(distinct.values())
    ]


def _listed(form: Any, base: Path) -> list[Mapping[str, Any]]:
    if isinstance(form, Mapping) and "from" in form:
        return _from_file(form, base)
    if not isinstance(form, list) or not all(isinstance(config, Mapping) for config in form):
        raise BadInput(_PLACE, form, "is neither a list of configs nor says where they come from", _EXAMPLE)
    return form


def _from_file(form: Mapping[str, Any], base: Path) -> list[Mapping[str, Any]]:
    for key in form:
        if key not in _KEYS:
            raise BadInput(f"{_PLACE}.{key}", form[key], "is an unknown option", choices(_KEYS, key))
    top = form.get("top", _TOP)
    if isinstance(top, bool) or not isinstance(top, int) or top < 1:
        raise BadInput(f"{_PLACE}.top", top, "must be a whole number from 1 on")
    path = base / Path(str(form["from"])).expanduser()
    if path.is_dir():
        return _best_of_sweep(path, top)
    if path.suffix.lower() == ".csv" and path.is_file():
        return _rows_of_table(path)[:top] if "top" in form else _rows_of_table(path)
    rule = "is neither a sweep's folder nor a CSV file"
    raise BadInput(f"{_PLACE}.from", str(form["from"]), rule, f"looked for {path.absolute()}")


def _best_of_sweep(path: Path, top: int) -> list[Mapping[str, Any]]:
    """Its winner, then the best of its search."""
    result = load(path)
    search = result.trials[result.trials["repeats"].isna() & result.trials["objective"].notna()]
    ranked = search.sort_values("objective", ascending=result.spec["mode"] == "min")
    configs = [json.loads(config) for config in ranked["config"]]
    if result.best is not None:
        configs.insert(0, result.best.config)
    return list({json.dumps(config, default=repr): config for config in configs}.values())[:top]


def _rows_of_table(path: Path) -> list[Mapping[str, Any]]:
    """A config per row; an empty field leaves the hyperparameter out."""
    try:
        rows: list[dict[str, Any]] = csv.read_csv(path).to_pylist()
    except (OSError, ValueError) as error:  # Arrow's own errors are ValueErrors
        raise BadInput(f"{_PLACE}.from", str(path), f"cannot be read: {error}", "give a CSV file") from error
    return [
        {name.removeprefix(CONFIG): value for name, value in row.items() if value not in (None, "")}
        for row in rows
    ]


def _own(config: Mapping[str, Any], space: Space, place: str) -> Config:
    """The config in the space's own values."""
    for name in config:
        if name not in space.distributions:
            fix = choices(space.distributions, str(name))
            raise BadInput(f"{place}.{name}", config[name], "is not a hyperparameter of the space", fix)

    def choose(name: str, distribution: Distribution) -> Value:
        if name not in config:
            if distribution.fixed:
                return distribution.from_unit(0.5)
            raise BadInput(f"{place}.{name}", None, "is missing", "give each searched hyperparameter a value")
        value = config[name]
        if value not in distribution:
            rule = f"is not a value of {json.dumps(distribution.to_yaml(), default=str)}"
            raise BadInput(f"{place}.{name}", value, rule, "give one, or a space that has it")
        return distribution.own(value)

    return space.decide(choose)
