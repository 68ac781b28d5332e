"""Schedulers by name, as a spec or `sweeps.run` gives them."""

from __future__ import annotations

from sweeps.errors import BadInput, choices
from sweeps.scheduler.coarse_to_fine import CoarseToFine
from sweeps.scheduler.random_search import RandomSearch
from sweeps.scheduler.scheduler import Scheduler
from sweeps.space import Space
from sweeps.trial import Mode

NAMES = ("coarse_to_fine", "random")


def build_scheduler(name: str, space: Space, *, trials: int, epochs: int, mode: Mode, seed: int) -> Scheduler:
    """A scheduler by its name. Raises `BadInput` on a name that is not one of `NAMES`."""
    if name == "coarse_to_fine":
        return CoarseToFine(space, trials=trials, epochs=epochs, mode=mode, seed=seed)
    if name == "random":
        return RandomSearch(space, trials=trials, epochs=epochs, mode=mode, seed=seed)
    raise BadInput("scheduler", name, "is not a scheduler", choices(NAMES, name))
