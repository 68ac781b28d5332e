"""`sweeps.panda`: one model, babysat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sweeps.errors import BadInput
from sweeps.execution import Trainable
from sweeps.face.execute import execute
from sweeps.face.resolve import plan_from_spec, watcher_if
from sweeps.face.run import plan_in_python
from sweeps.results import SweepResult
from sweeps.schedulers import PANDA
from sweeps.space import Fixed, Space
from sweeps.spec import SweepSpec
from sweeps.spec.finalists import as_finalists
from sweeps.sweep.progress import Callback, Observer


def panda(
    train: Trainable | str | Mapping[str, str],
    *,
    space: Space | Mapping[str, Any],
    config: Mapping[str, Any] | None = None,
    every: int = 1,
    out: str | Path | None = None,
    progress: bool = True,
    callbacks: Sequence[Callback] = (),
    autopilot: bool = False,
    **keys: Any,
) -> SweepResult:
    """Train one model and babysit it: `sweeps.nudge`, from anywhere, changes how it goes on.

    Its folder is a run directory like any other: `watch`, `report` and `resume` work on it.

    Args:
        train: As in `sweeps.run`. What can be nudged restores what it has saved, and trains with the config
            that it is called with, which is `run.config`, too.
        space: The config, a value for each hyperparameter. Where there are ranges, they bound what a nudge
            may set, and `config` says where to begin.
        config: What to begin with, of the hyperparameters that have several values, or another one than the
            space's.
        every: How many epochs a job has: a nudge counts from the next one on.
        out, progress, callbacks: As in `sweeps.run`.
        autopilot: Whether what an alarm proposes is done, within the space's bounds; by this process alone.
        keys: Others of a spec: data, epochs, metric, mode, objective, limits, seed, name, device.

    Returns:
        The tables: trial 0 is the model, others are its forks; `.changes` is what was changed.

    Raises:
        BadInput: Something in the arguments is wrong; nothing has started then.
        Interrupted: On Ctrl-C; `sweeps.resume` goes on.

    Example:
        ::

            sweeps.panda("mlp", data="digits", space={"learning_rate": 0.01}, epochs=50, out="runs/p")
    """
    if isinstance(space, str):
        rule = "is a ready space of many configs, and a panda has one"
        raise BadInput("space", space, rule, "write a value for each hyperparameter: {'learning_rate': 0.01}")
    forms = (space if isinstance(space, Space) else Space(space)).distributions
    space_form, first = begun_with(forms, config or {})
    plan = plan_in_python(
        train, space=space_form, scheduler=_scheduler(every), start_with=first, **_one_model(keys)
    )
    watcher = watcher_if(progress)
    return execute(plan, out=out, serial=True, observer=watcher, callbacks=callbacks, autopilot=autopilot)


def panda_spec(spec: SweepSpec, config: Mapping[str, Any], every: int) -> SweepSpec:
    """A spec of one model that a person babysits. Raises `BadInput`."""
    space, first = begun_with(Space(spec.space).distributions, config)
    changes = _one_model({"space": space, "start_with": first, "scheduler": _scheduler(every)})
    return spec.model_copy(update={**changes, "finalists": as_finalists(False)})


def begun_with(
    space: Mapping[str, Any], config: Mapping[str, Any]
) -> tuple[dict[str, Any], list[dict[str, Any]] | None]:
    """The space in which a model is nudged, and the config it begins with, where the space does not say it.

    Raises:
        BadInput: A hyperparameter has several values, and the config has none of it.
    """
    fixed = {name: value for name, value in config.items() if isinstance(space.get(name, Fixed(0)), Fixed)}
    found = {**space, **{name: Fixed(value) for name, value in fixed.items()}}
    searched = Space(found).searched
    missing = [name for name in searched if name not in config and not found[name].when]
    if missing:
        rule = "has several values, and a panda begins with one"
        raise BadInput(f"space.{missing[0]}", found[missing[0]].to_yaml(), rule, _FIX.format(missing[0]))
    first = {name: value for name, value in config.items() if name not in fixed}
    return found, [first] if searched else None


_FIX = "say which: --config {0}=… (config={{'{0}': …}} in Python)"


def _scheduler(every: int) -> str:
    if isinstance(every, bool) or not isinstance(every, int) or every < 1:
        raise BadInput("every", every, "must be a whole number from 1 on", "leave it out for 1")
    return PANDA if every == 1 else f"{PANDA}:{every}"


def _one_model(keys: Mapping[str, Any]) -> dict[str, Any]:
    one = {"deterministic": False, "extend": False, "learn_from": None}
    return {"trials": 1, "finalists": False, **keys, **one}


def begun(
    spec: SweepSpec, base: Path, out: Path | None, observer: Observer, autopilot: bool = False
) -> SweepResult:
    """Train the one model of a spec, whose paths start at the folder `base`. Raises what `panda` does."""
    plan = plan_from_spec(spec, base)
    return execute(plan, out=out, serial=True, observer=observer, folder=base, autopilot=autopilot)
