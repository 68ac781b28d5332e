"""Schedulers by name, as a spec or `sweeps.run` gives them."""

from __future__ import annotations

from sweeps.errors import BadInput, choices
from sweeps.scheduler.asha import Asha
from sweeps.scheduler.coarse_to_fine import CoarseToFine
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


def build_scheduler(name: str, space: Space, *, trials: int, epochs: int, mode: Mode, seed: int) -> Scheduler:
    """A scheduler by its name. Raises `BadInput` on a name that is not one of `NAMES`, and where Optuna is
    named and not installed."""
    if name in _KINDS:
        return _KINDS[name](space, trials=trials, epochs=epochs, mode=mode, seed=seed)
    if name in OPTUNA_NAMES:
        sampler = name.partition(":")[2] or "tpe"
        return OptunaScheduler(space, trials=trials, epochs=epochs, mode=mode, seed=seed, sampler=sampler)
    raise BadInput("scheduler", name, "is not a scheduler", choices(NAMES, name))
