"""`sweeps.retune`: whether an earlier sweep's winner still wins, on new data or on another split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sweeps.errors import BadInput
from sweeps.execution import Trainable
from sweeps.face.execute import execute
from sweeps.face.past import Past, plan_of_past, read_past
from sweeps.face.resolve import watcher_if
from sweeps.face.resume import resume_sweep
from sweeps.knowledge import known_point
from sweeps.results import SweepResult, load
from sweeps.results.best import top_of_search
from sweeps.results.configs import config_of, configs_of
from sweeps.retuning import Retuned, conclude, holding, read_retuned, search_after
from sweeps.schedulers import fitted, noise_of, sizes_for
from sweeps.space import Config, Space
from sweeps.spec import Retuning, SweepSpec, as_objective, as_retuning, overridden
from sweeps.store import SPEC_FILE, read_described
from sweeps.sweep.progress import Callback, Observer, Silent
from sweeps.trial import Status

_CHECK = 0.19  # of the earlier sweep's epochs, so that the check as a whole stays below a fifth
_SEARCH = 0.2  # the same for the search where the winner has lost
_DEVIATIONS = 1.5  # of the earlier best, that a lead must be more than
_SUFFIX = "-retune"
_AGAIN = "sweeps.retune(directory, data=…)"
_KEPT = 8  # finalists whose checkpoints are kept


def retune(
    directory: str | Path,
    *,
    data: Any = None,
    train: Trainable | None = None,
    out: str | Path | None = None,
    seed: int | None = None,
    seeds: int = 5,
    search: int | None = None,
    workers: int | None = None,
    address: str | None = None,
    serial: bool = False,
    progress: bool = True,
    callbacks: Sequence[Callback] = (),
) -> Retuned:
    """Try an earlier sweep's winner again: is it still the best config for data as they are now?

    The earlier best and some new configs are trained on the new data, the bad ones for a few epochs. Who is
    clearly ahead of the earlier winner is raced against it on fresh seeds. Where it has lost, a short search
    follows. All of that is one sweep in a folder of its own; `retune.json` there has what is returned.

    Args:
        directory: The earlier sweep's folder, or that of a retune.
        data: The new data: a file's path, which takes the place of the earlier one while all else that was
            asked of the data stays; a form as `run` takes it; or data in memory. By default the same again,
            in another split.
        train: The trainable, where it cannot be imported: a lambda, or a function of a script.
        out: The folder to write; by default runs/NAME-retune, numbered on.
        seed: Of the split and of the training; by default the earlier one plus 1.
        seeds: On how many fresh seeds a rival is raced against the winner at most, from 3 on.
        search: How many epochs the search may cost where the winner has lost; by default a fifth of the
            earlier sweep's. 0 for no search.
        workers, address, serial, progress, callbacks: As in `run`.

    Returns:
        The verdict, what to take now, and how the data have drifted.

    Raises:
        BadInput: The earlier sweep has no winner, its space has no other config, or the data do not fit.
        AllTrialsFailed, WorkersLost, LogLost, Interrupted: As in `run`. `caviar resume` goes on.

    Example:
        A month after ``sweeps.run("mlp", data={"path": "may.csv", "target": "sold"}, out="runs/may", …)``::

            found = sweeps.retune("runs/may", data="june.csv")
            print(found.words, found.config)
    """
    observer = watcher_if(progress)
    return retune_sweep(
        directory,
        data=data,
        train=train,
        out=out,
        seed=seed,
        seeds=seeds,
        search=search,
        workers=workers,
        address=address,
        serial=serial,
        observer=observer,
        callbacks=callbacks,
    )


def retune_sweep(
    directory: str | Path,
    *,
    data: Any = None,
    train: Trainable | None = None,
    out: str | Path | None = None,
    seed: int | None = None,
    seeds: int = 5,
    search: int | None = None,
    workers: int | None = None,
    address: str | None = None,
    serial: bool = False,
    observer: Observer | None = None,
    callbacks: Sequence[Callback] = (),
) -> Retuned:
    """`retune` with an observer of one's own. Raises what it raises."""
    if search is not None and (isinstance(search, bool) or not isinstance(search, int) or search < 0):
        raise BadInput("search", search, "must be a whole number of epochs from 0 on", "write 0 for none")
    path = Path(directory).absolute()
    old, past = load(path), read_past(path)
    before = overridden(past.search.spec, SPEC_FILE)
    keys, notice = _keys(old, before, seeds, seed, search)
    form, in_memory = _data(before, data)
    keys |= ({"data": form} if form is not None else {}) | ({"workers": workers} if workers else {})
    spec = before.model_copy(update=keys)
    plan = plan_of_past(spec, past.process, train, in_memory, _AGAIN)
    plan = replace(plan, columns_before=_earlier_columns(path, past, before))
    observer = observer or Silent()
    if notice:
        observer.notice(notice)
    given: dict[str, Any] = {"address": address, "serial": serial, "observer": observer}
    folder = Path(past.process.folder)
    result = execute(plan, out=out, folder=folder, callbacks=callbacks, **given)
    changes, rule = search_after(result), keys["retune"]
    if changes is not None:
        result = resume_sweep(
            result.path, train=train, data=in_memory, keys=changes, callbacks=callbacks, **given
        )
        rule = changes["retune"]
    return read_retuned(result.path) or conclude(result, rule)  # as it was written when the sweep ended


def _keys(
    old: SweepResult, before: SweepSpec, seeds: int, seed: int | None, search: int | None
) -> tuple[dict[str, Any], str]:
    """What of the earlier spec is different in the retune, and what is to be said of it."""
    cost = _cost(old, before)
    sizes = sizes_for(cost, before.epochs, _CHECK)
    configs, space, notice = _elites(old, before, sizes.elites)
    rule = Retuning(
        of=str(old.path),
        elites=len(configs),
        seeds=seeds,
        epochs=max(round(_CHECK * cost), 1),
        noise=_noise(old),
        spread=_spread(old, len(configs)),
        growth=_growth(old, before, space, sizes.levels),
        old_epochs=cost,
        after=round(_SEARCH * cost) if search is None else search,
        extend=before.extend,
    )
    limits = replace(before.limits, time=None, epochs=None, at=None, no_better=None)
    keys = {
        "name": before.name.removesuffix(_SUFFIX) + _SUFFIX,
        "seed": before.seed + 1 if seed is None else seed,
        "trials": max(sizes.counts[0], len(configs) + 1),
        "finalists": replace(before.finalists, top=_KEPT, seeds=seeds),
        "start_with": configs,
        "limits": limits,
        "learn_from": False,  # a check holds the new results against the earlier; it does not mix them
        "scheduler": "coarse_to_fine",  # of the search, whatever decided before
        "extend": False,
        "space": dict(space.distributions),
        "retune": rule,
    }
    return keys, notice


def _cost(old: SweepResult, before: SweepSpec) -> int:
    """Epochs of the earlier sweep; of a retune, those of the sweep before it, or each would cost less."""
    trials = old.tables.outcomes
    own = int(trials.loc[trials["status"] != Status.MEASURED, "epochs"].sum())
    return max(own, before.retune.old_epochs if before.retune else 0)


def _elites(old: SweepResult, before: SweepSpec, count: int) -> tuple[list[Config], Space, str]:
    """The winner, the finalists and the best of the search, distinct; a space that has the winner, and what
    is to be said where that is a wider one."""
    best, retuned = old.best, read_retuned(old.path)
    if best is None:
        rule, fix = "has no winner to try again", f"go on with it: caviar resume {old.path}"
        raise BadInput("run directory", str(old.path), rule, fix)
    first = best.trial if retuned is None else retuned.trial
    objective = as_objective(before.objective)
    ranked = [
        first,
        *old.finalists["trial"].tolist(),
        *top_of_search(old.tables, before.mode, objective, before.epochs),
    ]
    last = Space(before.space)
    tried = [last.completed(config_of(old.tables.row(trial))) for trial in ranked]
    space, notice = holding(last, tried[0], old.path)
    configs = {repr(config): config for config in tried if space.own(config) is not None}
    if space.size == 1:
        rule = "has one config, which nothing can be held against"
        raise BadInput("space", str(old.path), rule, "give a sweep whose space has several")
    return list(configs.values())[:count], space, notice


def _noise(old: SweepResult) -> float:
    """The deviation of one training over seeds, of the finals; of a retune, that of the sweep before it."""
    repeats = old.tables.outcomes
    repeats = repeats[repeats["repeats"].notna()]
    table = repeats.pivot_table(index="repeats", columns="seed", values="objective").dropna()
    noise = noise_of(table.to_numpy().tolist()) if isinstance(table, pd.DataFrame) else 0.0
    earlier = as_retuning(old.spec.get("retune"))
    return noise or (earlier.noise if earlier else 0.0)


def _spread(old: SweepResult, count: int) -> float:
    """One and a half deviations of so many of the best trials that were trained to the end."""
    trials = old.tables.outcomes
    complete = trials[trials["repeats"].isna() & (trials["status"] == Status.COMPLETED)]["objective"].dropna()
    best = complete.sort_values(ascending=old.spec["mode"] == "min").head(count)
    return _DEVIATIONS * float(best.std()) if len(best) > 1 else 0.0


def _growth(old: SweepResult, before: SweepSpec, space: Space, levels: Sequence[int]) -> list[list[float]]:
    """How far losses fell from rung to rung, by config."""
    trials, metrics = old.trials, old.metrics
    if before.metric not in metrics or len(levels) < 2:
        return []
    sign = 1.0 if before.mode == "min" else -1.0
    rows = metrics[["trial", "epoch", before.metric]].sort_values(["trial", "epoch"])
    loss = sign * rows[before.metric].astype(float)
    rows = rows.assign(loss=loss.groupby(rows["trial"]).cummin() if before.objective.kind == "best" else loss)
    rows = rows[rows["epoch"].isin(list(levels))]
    rows = rows[rows["trial"].duplicated(keep=False)]  # a fall has two ends
    table = rows.pivot(index="trial", columns="epoch", values="loss").reindex(columns=list(levels))
    known = trials[trials["trial"].isin(table.index)].sort_values("trial")
    points = [known_point(space, space.completed(config)) for config in configs_of(known)]
    inside = np.array([point is not None for point in points], dtype=bool)
    losses = [table.loc[known["trial"], level].to_numpy(float)[inside] for level in levels]
    places = np.array([point for point in points if point is not None], dtype=float)
    return fitted(places.reshape(-1, len(space.searched)), losses)


def _data(before: SweepSpec, data: Any) -> tuple[dict[str, Any] | None, Any]:
    """The form that takes the place of the earlier one, if any, and data in memory, if any."""
    if data is None or not isinstance(data, str | Path | Mapping):
        return None, data
    if isinstance(data, Mapping):
        return (dict(data), None) if data.get("table") is None else (None, data)
    old = before.data
    if isinstance(old, dict) and "path" in old:
        return {**old, "path": str(Path(data).expanduser().absolute())}, None
    if old is None:
        rule = f"is a file, and the earlier sweep had its data in memory: {before.name}"
        raise BadInput("data", str(data), rule, f"give them in Python: {_AGAIN}")
    rule = f"takes no path's place: the earlier sweep's data are named, {old}"
    raise BadInput("data", str(data), rule, "leave it out for the same data in another split")


def _earlier_columns(path: Path, past: Past, before: SweepSpec) -> tuple[Mapping[str, Any], ...]:
    """Of the earlier data: as their folder has them, else of the data themselves, if they are still there."""
    known = read_described(path).columns
    if known or before.data is None:
        return known
    try:
        return plan_of_past(before, past.process, None, None, _AGAIN).described.columns
    except (BadInput, ValueError, OSError):
        return ()
