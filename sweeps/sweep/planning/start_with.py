"""The configs that a sweep begins with: its user's own, a table's, or the best of an earlier sweep.

One whose objective is known, since it was measured elsewhere, is not trained again. It tells the search what
to look for, is no new config for it any more, has a row of the status "measured" in the trials table, and may
be a finalist, which is then trained on fresh seeds like any other. It is none of the sweep's `trials`, its
epochs count nowhere, and no limit looks at it: all these are of what is trained here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from pyarrow import csv

from sweeps.errors import BadInput, choices
from sweeps.events import ProcessBegun
from sweeps.observation import Observation, measured
from sweeps.results import SweepResult, load
from sweeps.results.configs import best_config_of
from sweeps.space import Config, Distribution, Space, Value, as_plain, config_text
from sweeps.spec import SweepSpec, as_objective
from sweeps.store import LOG, LogReader
from sweeps.store.tables.schema import CONFIG
from sweeps.sweep.planning.fingerprint import fingerprint_of_data
from sweeps.trial import Outcome

_PLACE = "start_with"
_KEYS = ("from", "top", "values")
_ENTRY = ("config", "value", "epochs")  # of a config with its value; a hyperparameter is no mapping
_TOP = 5
_EXAMPLE = "write start_with: [{learning_rate: 0.01}], or {from: runs/old, top: 5}"
_WITH_VALUE = "write {config: {learning_rate: 0.01}, value: 0.93, epochs: 27}"
_TRAIN = "leave out values: true; its configs are then trained here"


class _Given(NamedTuple):
    """A config as it was given, and what was measured of it, if anything."""

    config: Mapping[str, Any]
    place: str
    value: float | None = None
    epochs: int | None = None


def observed_first(
    form: Any, space: Space, base: Path, spec: SweepSpec, data: Any = None
) -> list[Observation]:
    """The trials to begin with, as a scheduler takes them in: those measured elsewhere, then the others.

    Args:
        form: A list of configs, some as {"config": …, "value": its objective, "epochs": how long it was
            trained}, by default the sweep's epochs; or {"from": a sweep's folder or a CSV file, "top": how
            many, "values": whether the sweep's objectives are taken over}. A CSV has a column per
            hyperparameter, and may have one with the metric's name, and then one named epochs.
        space: What each must be a config of. A hyperparameter with one value may be left out.
        base: The folder that a path starts at.
        spec: The sweep. data: What it trains on: values of an earlier sweep must be of the same.

    Raises:
        BadInput: Something in it cannot be tried; the place says which config and which hyperparameter.
    """
    known: dict[str, tuple[Config, _Given]] = {}
    waiting: dict[str, Config] = {}
    for given in _all_given(form, space, base, spec, data):
        config = _own(given.config, space, given.place)
        key = json.dumps(config, sort_keys=True, default=repr)
        if given.value is None:
            waiting.setdefault(key, config)
        elif known.setdefault(key, (config, given))[1].value != given.value:
            rule = f"is a second value of a config that has {known[key][1].value}"
            raise BadInput(f"{given.place}.value", given.value, rule, "give their mean, or one of them")
    first = [
        measured(i, config, given.value, given.epochs or spec.epochs, spec.epochs)
        for i, (config, given) in enumerate(known.values())
    ]
    rest = [config for key, config in waiting.items() if key not in known]
    return first + [
        Observation(trial=i, config=config, epochs=0, objective=None, outcome=Outcome.DONE)
        for i, config in enumerate(rest, start=len(first))
    ]


def taken_of_best(result: SweepResult, space: Space, most: int) -> int:
    """How many of an earlier sweep's best configs, in order, a space has: the `top` to begin with.

    Args:
        result: The earlier sweep.
        space: Where the next one searches.
        most: How many to look at.
    """
    if "config" not in result.trials:  # an earlier version's table
        return 0
    taken = 0
    for given in islice(_best_of_sweep(result, values=False), most):
        try:
            _own(given.config, space, given.place)
        except BadInput:
            break
        taken += 1
    return taken


def _all_given(form: Any, space: Space, base: Path, spec: SweepSpec, data: Any) -> Iterable[_Given]:
    if isinstance(form, Mapping) and "from" in form:
        return _from_file(form, space, base, spec, data)
    if not isinstance(form, list) or not all(isinstance(config, Mapping) for config in form):
        raise BadInput(_PLACE, form, "is neither a list of configs nor says where they come from", _EXAMPLE)
    return [_entry(each, f"{_PLACE}[{i}]") for i, each in enumerate(form)]


def _entry(form: Mapping[str, Any], place: str) -> _Given:
    """A config, or one with its value."""
    config = form.get("config")
    if not isinstance(config, Mapping):
        return _Given(form, place)
    for key in form:
        if key not in _ENTRY:
            fix = f"{choices(_ENTRY, key)}; hyperparameters stand in config"
            raise BadInput(f"{place}.{key}", form[key], "is unknown beside config", fix)
    return _measured(config, place, form.get("value"), form.get("epochs"))


def _measured(config: Mapping[str, Any], place: str, value: Any, epochs: Any) -> _Given:
    value, epochs = as_plain(value), as_plain(epochs)
    if value is None:
        return _Given(config, place)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadInput(f"{place}.value", value, "must be a finite number", _WITH_VALUE)
    if epochs is not None and (isinstance(epochs, bool) or not isinstance(epochs, int) or epochs < 1):
        raise BadInput(f"{place}.epochs", epochs, "must be a whole number from 1 on", _WITH_VALUE)
    return _Given(config, place, float(value), epochs)


def _from_file(
    form: Mapping[str, Any], space: Space, base: Path, spec: SweepSpec, data: Any
) -> Iterable[_Given]:
    for key in form:
        if key not in _KEYS:
            raise BadInput(f"{_PLACE}.{key}", form[key], "is an unknown option", choices(_KEYS, key))
    top, values = form.get("top", _TOP), form.get("values", False)
    if isinstance(top, bool) or not isinstance(top, int) or top < 1:
        raise BadInput(f"{_PLACE}.top", top, "must be a whole number from 1 on")
    if not isinstance(values, bool):
        raise BadInput(f"{_PLACE}.values", values, "must be true or false")
    path = base / Path(str(form["from"])).expanduser()
    if path.is_dir():
        result = load(path)
        if values:
            _check_comparable(result, spec, data)
        return list(_best_of_sweep(result, values))[:top]
    if path.suffix.lower() == ".csv" and path.is_file():
        rows = list(_rows_of_table(path, space, spec.metric))
        return rows[:top] if "top" in form else rows
    rule = "is neither a sweep's folder nor a CSV file"
    raise BadInput(f"{_PLACE}.from", str(form["from"]), rule, f"looked for {path.absolute()}")


def _check_comparable(result: SweepResult, spec: SweepSpec, data: Any) -> None:
    """Raise where the values of an earlier sweep say nothing of this one's trials."""
    place, old = f"{_PLACE}.values", result.spec
    found = {
        "metric": (old["metric"], spec.metric),
        "mode": (old["mode"], spec.mode),
        "objective": (as_objective(old.get("objective", "best")).to_yaml(), spec.objective.to_yaml()),
    }
    for key, (then, now) in found.items():
        if then != now:
            rule = f"cannot be, since {result.path} has {key}: {then} and this sweep {key}: {now}"
            raise BadInput(place, True, rule, _TRAIN)
    process = LogReader(result.path / LOG).last(ProcessBegun)
    if process is None or process.data != fingerprint_of_data(data):
        rule = f"cannot be, since {result.path} was not trained on the same data with the same splits"
        raise BadInput(place, True, rule, f"{_TRAIN}. With another seed, data are split otherwise")


def _best_of_sweep(result: SweepResult, values: bool) -> Iterator[_Given]:
    """Its winner, then the best of its search; with what each had there."""
    search = result.trials[result.trials["repeats"].isna() & result.trials["objective"].notna()]
    ranked = search.sort_values("objective", ascending=result.spec["mode"] == "min")
    if result.best is not None:
        wins = ranked["trial"] == result.best.trial
        ranked = pd.concat([ranked[wins], ranked[~wins]])
    ranked = ranked.assign(config=_as_at_best(result, ranked))
    distinct = ranked.drop_duplicates("config")
    columns = zip(distinct["config"], distinct["objective"], distinct["epochs"], strict=True)
    for i, (config, value, epochs) in enumerate(columns):
        known = (float(value), int(epochs)) if values else ()
        yield _Given(json.loads(config), f"{_PLACE}[{i}]", *known)


def _as_at_best(result: SweepResult, trials: pd.DataFrame) -> list[str]:
    """The configs of some trials as text; where one was changed on the way, that of the best epoch."""
    changed = set(result.changes["trial"])
    return [
        config_text(best_config_of(result.tables, trial)) if trial in changed else text
        for trial, text in zip(trials["trial"], trials["config"], strict=True)
    ]


def _rows_of_table(path: Path, space: Space, metric: str) -> Iterator[_Given]:
    """A config per row; an empty field leaves the hyperparameter, or the value, out."""
    try:
        rows: list[dict[str, Any]] = csv.read_csv(path).to_pylist()
    except (OSError, ValueError) as error:  # Arrow's own errors are ValueErrors
        raise BadInput(f"{_PLACE}.from", str(path), f"cannot be read: {error}", "give a CSV file") from error
    has_values = bool(rows) and metric in rows[0] and metric not in space.distributions
    for i, row in enumerate(rows):
        value = row.pop(metric) if has_values else None
        epochs = row.pop("epochs", None) if has_values and "epochs" not in space.distributions else None
        if isinstance(epochs, float) and epochs.is_integer():  # as pandas writes a column with empty fields
            epochs = int(epochs)
        given = {name.removeprefix(CONFIG): cell for name, cell in row.items() if cell not in (None, "")}
        yield _measured(given, f"{_PLACE}[{i}]", value, epochs)


def _own(config: Mapping[str, Any], space: Space, place: str) -> Config:
    """The config in the space's own values."""
    for name in config:
        if name not in space.distributions:
            fix = choices(space.distributions, str(name))
            raise BadInput(f"{place}.{name}", config[name], "is not a hyperparameter of the space", fix)

    config = space.completed(dict(config))

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
