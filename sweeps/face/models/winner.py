"""The winner of a sweep as a folder, `best/`: written when the sweep ends, and read back.

A trainable may have three hooks. `winner(data, trained, about)` gives an object with `save(folder)`, from one
config and checkpoint or, for an ensemble, several; `load_winner(folder)` reads back what that has written.
`members(data, trained)` says which of several, the best first, make the best ensemble.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeps.errors import BadInput
from sweeps.execution import Trainable
from sweeps.face.past import read_past
from sweeps.face.resolve import BUILT_IN, find_trainable, load_data
from sweeps.results import SweepResult
from sweeps.results.winner import Trained, about, trained
from sweeps.saved import packed
from sweeps.store import write_folder
from sweeps.sweep.planning.checks import as_bad_input
from sweeps.sweep.planning.fingerprint import fingerprint_of_data

BEST, REFIT, ENSEMBLE = "best", "refit", "ensemble"
MODEL_FILE = "model.json"  # of what the built-in network saves
_FACTS, _CHECKPOINT = "winner.json", "checkpoint.npz"


def write_best(result: SweepResult, train: Trainable, data: Any) -> Exception | None:
    """Write `best/` where the winner has saved something; nothing where it has not.

    `best/ensemble/` is the mean of several, where there are. Returns what kept its members from being chosen;
    raises whatever else the trainable raises, and OSError.
    """
    trial, failed = result.model_trial, None
    single = {} if trial is None else trained(result, [trial])
    if trial is None or not single:
        return None
    try:
        ensemble = chosen(result, train, data)
    except Exception as error:  # of a user's own trainable: the winner is sound without
        ensemble, failed = None, error
    facts = about(result, [trial])
    if ensemble is not None:
        facts[ENSEMBLE] = ensemble[1]["origin"]["repeats"]
    write_folder(
        result.path / BEST,
        partial(
            write_winner,
            train=train,
            data=data,
            trained=[*single.values()],
            facts=facts,
            ensemble=ensemble,
        ),
    )
    return failed


def write_winner(
    folder: Path,
    *,
    train: Trainable,
    data: Any,
    trained: Sequence[Trained],
    facts: Mapping[str, Any],
    ensemble: tuple[Sequence[Trained], Mapping[str, Any]] | None = None,
) -> None:
    """Fill a folder with the winner: as its trainable saves it, or else with what it saved in training."""
    (config, state) = trained[0]
    make = getattr(train, "winner", None)
    if make is None:
        _save_arrays(folder / _CHECKPOINT, packed(state))
    else:
        make(data, trained, facts).save(folder)
        if ensemble is not None:
            make(data, *ensemble).save(folder / ENSEMBLE)
    text = json.dumps({"config": config, **facts}, indent=1, ensure_ascii=False)
    (folder / _FACTS).write_text(text, encoding="utf-8")


def chosen(result: SweepResult, train: Trainable, data: Any) -> tuple[list[Trained], dict[str, Any]] | None:
    """The members of the best ensemble, and what is known of it; None where there are no two models.

    Raises ValueError where the trainable names members that there are not.
    """
    choose = getattr(train, "members", None)
    candidates = {} if choose is None else trained(result, result.ensemble_candidates)
    if choose is None or len(candidates) < 2:
        return None
    trials, places = [*candidates], list(choose(data, [*candidates.values()]))
    if not places or len({*places}) < len(places) or not {*places} <= {*range(len(trials))}:
        raise ValueError(f"members gave {places}, and not different places in a list of {len(trials)}")
    members = [trials[place] for place in places]
    facts = about(result, members)
    facts["origin"]["repeats"] = members
    return [candidates[trial] for trial in members], facts


def _save_arrays(path: Path, state: Mapping[str, NDArray[Any]]) -> None:
    """As `savez` does, whose own parameters no name may have."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in state.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, array, allow_pickle=False)


def load_winner(
    result: SweepResult, *, ensemble: bool = False, refit: bool = False, train: Trainable | None = None
) -> Any:
    """See `SweepResult.model`."""
    name = result.spec.get("trainable")
    known = isinstance(name, str) and name in BUILT_IN  # no other is imported: the folder may be anybody's
    hooks = train or (find_trainable(str(name)) if known else None)
    load = getattr(hooks, "load_winner", None)
    if load is None:
        fix = f"take the arrays that it saved: sweeps.load({str(result.path)!r}).checkpoint()"
        raise BadInput("trainable", name, "says no way to make a model of what it saved", fix)
    folder = result.path / (REFIT if refit else BEST)
    if refit and not folder.is_dir():
        rule, fix = "has no refit winner", f"train it: caviar refit {result.path}"
        raise BadInput("run directory", str(result.path), rule, fix)
    if not folder.is_dir():
        return _from_checkpoints(result, hooks, ensemble)
    folder = folder / ENSEMBLE if ensemble else folder
    if not folder.is_dir():
        raise _no_ensemble(result, refit)
    try:
        return load(folder)
    except ValueError as error:
        raise as_bad_input(error, str(folder)) from error


def ensemble_trials(result: SweepResult, train: Trainable, data: Any) -> list[int]:
    """The members of the ensemble that `best/` has; where it does not say, those that it would have."""
    try:
        found = json.loads((result.path / BEST / _FACTS).read_text(encoding="utf-8"))[ENSEMBLE]
    except (OSError, ValueError, KeyError, TypeError):
        found = None
    known = result.ensemble_candidates
    if isinstance(found, list) and all(trial in known for trial in found):
        return found
    ensemble = chosen(result, train, data)
    return [] if ensemble is None else list(ensemble[1]["origin"]["repeats"])


def _from_checkpoints(result: SweepResult, train: Any, ensemble: bool) -> Any:
    """The model of the best so far, where no process has written it."""
    trial = result.model_trial
    found = {} if trial is None else trained(result, [trial])
    if trial is None or not found:
        rule = "holds no model: no trial with an objective has saved one yet"
        raise BadInput("run directory", str(result.path), rule, f"go on with it: caviar resume {result.path}")
    try:
        data = _data(result)
        several = chosen(result, train, data) if ensemble else ([*found.values()], about(result, [trial]))
        if several is None:
            raise _no_ensemble(result)
        return train.winner(data, *several)
    except ValueError as error:
        raise as_bad_input(error, "") from error


def _data(result: SweepResult) -> Any:
    """Those that the sweep was trained on, from where its spec has them."""
    form = result.spec.get("data")
    again = f"caviar resume {result.path}, or in Python sweeps.resume(…, data=…), writes {BEST}/ at its end"
    if form is None:
        raise BadInput("data", None, f"were given in memory, and the folder has no {BEST}/", again)
    data = load_data(form, result.spec.get("seed", 0), Path(), result.spec["metric"])
    if fingerprint_of_data(data) != read_past(result.path).process.data:
        raise BadInput("data", form, "have changed since the sweep", "restore them, or run the sweep anew")
    return data


def _no_ensemble(result: SweepResult, refit: bool = False) -> BadInput:
    if refit:
        rule, fix = "has no refit ensemble", f"train it again: caviar refit {result.path}"
        return BadInput("run directory", str(result.path), rule, fix)
    rule = "has no ensemble: it needs two trials at least that have saved their models"
    fix = f"leave out ensemble, or try more configs: caviar resume {result.path} --set trials=32"
    return BadInput("run directory", str(result.path), rule, fix)
