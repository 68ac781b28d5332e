"""Schedulers by name, as a spec or `sweeps.run` gives them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sweeps.errors import BadInput, choices
from sweeps.scheduler.asha import Asha
from sweeps.scheduler.coarse_to_fine import CoarseToFine
from sweeps.scheduler.extension import Legal
from sweeps.scheduler.optuna_names import OPTUNA_NAMES
from sweeps.scheduler.optuna_sampler import OptunaScheduler
from sweeps.scheduler.sampled import RandomSearch, SobolSearch
from sweeps.scheduler.scheduler import Scheduler
from sweeps.space import Space
from sweeps.trial import Mode

_KINDS: dict[str, type[CoarseToFine | RandomSearch | Asha]] = {
    "coarse_to_fine": CoarseToFine,
    "random": RandomSearch,
    "sobol": SobolSearch,
    "asha": Asha,
}
NAMES = (*_KINDS, *OPTUNA_NAMES)
OWN_NAMES = tuple(_KINDS)  # those that need nothing more installed


def build_scheduler(
    name: str,
    space: Space,
    *,
    trials: int,
    epochs: int,
    mode: Mode,
    seed: int,
    extend: Legal | None = None,
) -> Scheduler:
    """A scheduler by its name.

    extend: whether a config can be trained, where ranges may grow; None where they stay as they are.
    Raises `BadInput` on a name that is not one of `NAMES`, where Optuna is named and not installed, and
    where ranges may grow and the scheduler cannot make use of it.
    """
    make = _maker(name) if extend is None else partial(_extending(name), extend=extend)
    return make(space, trials=trials, epochs=epochs, mode=mode, seed=seed)


def _maker(name: str) -> Callable[..., Scheduler]:
    if name in _KINDS:
        return _KINDS[name]
    if name in OPTUNA_NAMES:
        return partial(OptunaScheduler, sampler=name.partition(":")[2] or "tpe")
    raise BadInput("scheduler", name, "is not a scheduler", choices(NAMES, name))


def _extending(name: str) -> Callable[..., Scheduler]:
    make = _maker(name)
    if make is CoarseToFine:
        return make
    fix = "write scheduler: coarse_to_fine, which alone can, or extend: false"
    raise BadInput("extend", True, f"is not what scheduler: {name} can do", fix)
