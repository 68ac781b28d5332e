"""Earlier sweeps that a sweep learns from: their tables read as knowledge for its surrogate.

Their trials are none of this sweep's. Spaces may differ: what the two share counts. Data, metric and its
scale may differ, too: each sweep's losses are compared with each other alone, and how much that says of this
sweep is learned as its own results come in.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sweeps.errors import BadInput, choices
from sweeps.events import ProcessBegun
from sweeps.knowledge import Knowledge, KnownTrial, lies_in
from sweeps.objective import new_objective
from sweeps.results import SweepResult, load
from sweeps.space import Space
from sweeps.spec import SweepSpec, as_objective
from sweeps.store import LOG, LogReader
from sweeps.sweep.planning.fingerprint import fingerprint_of_data
from sweeps.trial import Status

_PLACE = "learn_from"
_KEYS = ("from", "with")
_EXAMPLE = "write learn_from: [runs/old], or [{from: runs/old, with: {keep_probability: 1.0}}]"
_MOST = 512  # trials of a sweep: the best half of them, and an even sample of the rest


def earlier_sweeps(form: Any, space: Space, base: Path) -> list[Knowledge]:
    """What each earlier sweep has found.

    Args:
        form: A folder, a mapping, or a list of either: {"from": a sweep's folder, "with": values of
            hyperparameters that it did not know, as its trials had them}.
        space: Of this sweep.
        base: The folder that paths start at.

    Raises:
        BadInput: A folder holds no sweep, or none of its configs lies in the space; the message says why.
    """
    forms = form if isinstance(form, list) else [form]
    return [_earlier(each, space, base, f"{_PLACE}[{i}]") for i, each in enumerate(forms)]


def other_data(folder: Path, spec: SweepSpec, data: Any) -> str:
    """How an earlier sweep's data differ from this one's, in words; "" where they do not, or it is gone.

    Args:
        folder: The earlier sweep's. spec, data: This one's.
    """
    try:
        theirs, process = load(folder).spec, LogReader(folder / LOG).last(ProcessBegun)
    except (BadInput, OSError):
        return ""
    if process is None or process.data == fingerprint_of_data(data):
        return ""
    # Data that a spec names are split by its seed, and what is kept of them is of their parts.
    named_alike = spec.data is not None and theirs.get("data") == spec.data
    return "other data, or another split" if named_alike and theirs.get("seed") != spec.seed else "other data"


def _earlier(form: Any, space: Space, base: Path, place: str) -> Knowledge:
    if isinstance(form, str | Path):
        form = {"from": form}
    if not isinstance(form, Mapping) or "from" not in form:
        raise BadInput(place, form, "does not say which sweep", _EXAMPLE)
    for key in form:
        if key not in _KEYS:
            raise BadInput(f"{place}.{key}", form[key], "is an unknown option", choices(_KEYS, key))
    added = form.get("with", {})
    if not isinstance(added, Mapping):
        raise BadInput(f"{place}.with", added, "does not map hyperparameters to values", _EXAMPLE)
    for name in added:
        if name not in space.distributions:
            fix = choices(space.distributions, str(name))
            raise BadInput(f"{place}.with.{name}", added[name], "is not a hyperparameter of the space", fix)
        if added[name] not in space.distributions[name]:
            form = space.distributions[name].to_yaml()
            raise BadInput(f"{place}.with.{name}", added[name], f"is no value of {form}", "give one that is")
    try:
        result = load(base / Path(str(form["from"])).expanduser())
    except BadInput as error:
        raise BadInput(f"{place}.from", error.value, error.rule, error.fix) from None
    trials = list(_trials(result, added))
    if not any(math.isfinite(trial.curve[-1][1]) for trial in trials):
        rule = "has no trial with an objective yet: there is nothing to learn from it"
        raise BadInput(f"{place}.from", str(form["from"]), rule, "leave it out")
    if not any(lies_in(space, trial.config) for trial in trials):
        raise BadInput(f"{place}.from", str(form["from"]), *_apart(space, trials))
    return Knowledge(str(form["from"]), trials)


def _trials(result: SweepResult, added: Mapping[str, Any]) -> Iterator[KnownTrial]:
    """Trials of the search, with their objective as it stood at each epoch."""
    table = result.trials
    known = table["repeats"].isna() & (table["objective"].notna() | (table["status"] == Status.INFEASIBLE))
    chosen = _chosen(table[known & (table["epochs"] > 0)], result.spec["mode"])
    metrics = result.metrics
    by_trial = dict(tuple(metrics[metrics["trial"].isin(chosen["trial"])].groupby("trial", sort=False)))
    columns = (chosen[name].tolist() for name in ("trial", "status", "epochs", "config"))
    for trial, status, epochs, config in zip(*columns, strict=True):
        curve = _curve(result.spec, by_trial.get(trial))
        if status == Status.INFEASIBLE:
            curve = [*(point for point in curve if point[0] < epochs), (epochs, math.inf)]
        if curve:
            yield KnownTrial({**added, **json.loads(config)}, curve)


def _chosen(trials: pd.DataFrame, mode: str) -> pd.DataFrame:
    if len(trials) <= _MOST:
        return trials
    ranked = trials.sort_values("objective", ascending=mode == "min", na_position="last")
    rest = ranked[_MOST // 2 :]
    return pd.concat([ranked[: _MOST // 2], rest[:: len(rest) // (_MOST // 2) + 1]])


def _curve(spec: Mapping[str, Any], rows: pd.DataFrame | None) -> list[tuple[int, float]]:
    """(epochs, loss) by the sweep's own rule, where it changes, and at the last epoch."""
    if rows is None or spec["metric"] not in rows:
        return []
    objective = new_objective(as_objective(spec.get("objective", "best")), spec["mode"])
    sign = 1.0 if spec["mode"] == "min" else -1.0
    curve: list[tuple[int, float]] = []
    for epoch, value in zip(rows["epoch"].tolist(), rows[spec["metric"]].tolist(), strict=True):
        objective.add(epoch, value)
        if objective.value is not None:
            curve.append((epoch, sign * objective.value))
    return curve


def _apart(space: Space, trials: Sequence[KnownTrial]) -> tuple[str, str]:
    """Why no config lies in the space, and what helps."""
    names = set(space.distributions)
    theirs = {name for trial in trials for name in trial.config}
    if not names & theirs:
        return "shares no hyperparameter with this space", f"it has {', '.join(sorted(theirs))}"
    outside = [
        name
        for name in sorted(names & theirs)
        if not any(trial.config.get(name) in space.distributions[name] for trial in trials)
    ]
    which = ", ".join(outside) or "one hyperparameter or another"
    return f"has no config in this space: {which} lies outside its range each time", "widen the range"
