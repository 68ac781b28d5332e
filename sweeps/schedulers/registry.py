"""Schedulers by name, as a spec or `sweeps.run` gives them, and whether one fits its sweep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from sweeps.errors import BadInput, choices
from sweeps.knowledge import Knowledge
from sweeps.schedulers.baselines import Asha, OptunaScheduler, RandomSearch, SobolSearch
from sweeps.schedulers.baselines.optuna import OPTUNA_NAMES
from sweeps.schedulers.coarse_to_fine import CoarseToFine, Legal
from sweeps.schedulers.panda import PANDA, PandaScheduler, every_of
from sweeps.schedulers.population import PBT, Allowed, PopulationTraining, settings_of
from sweeps.schedulers.protocol import Scheduler
from sweeps.space import Space
from sweeps.trial import Mode

_KINDS: dict[str, type[CoarseToFine | RandomSearch | SobolSearch | Asha]] = {
    "coarse_to_fine": CoarseToFine,
    "random": RandomSearch,
    "sobol": SobolSearch,
    "asha": Asha,
}
OWN_NAMES = (*_KINDS, PBT)  # those that need nothing more installed
NAMES = (*OWN_NAMES, *OPTUNA_NAMES)


def build_scheduler(
    name: str,
    space: Space,
    *,
    trials: int,
    epochs: int,
    mode: Mode,
    seed: int,
    extend: Legal | None = None,
    earlier: Sequence[Knowledge] = (),
    allowed: Allowed | None = None,
) -> Scheduler:
    """A scheduler by its name.

    extend: whether a config can be trained, where ranges may grow; None where they stay as they are. earlier:
    what earlier sweeps have found. allowed: whether what was trained with one config may go on with another,
    which `pbt` asks.
    Raises `BadInput` on a name that is not one of `NAMES`, where Optuna is named and not installed, and
    where ranges may grow, or there are earlier sweeps, and the scheduler cannot make use of that.
    """
    make = _maker(name) if extend is None else partial(_extending(name), extend=extend)
    if is_population(name):
        make = partial(make, allowed=allowed)
    make = partial(_learning(name, make), earlier=earlier) if earlier else make
    return make(space, trials=trials, epochs=epochs, mode=mode, seed=seed)


def is_panda(name: str) -> bool:
    """Whether it is a person who decides, by a scheduler's name in a spec."""
    return name.partition(":")[0] == PANDA


def is_population(name: str) -> bool:
    """Whether a scheduler, by its name in a spec, trains a population."""
    return name.partition(":")[0] in (PBT, PopulationTraining.__name__)


def _maker(name: str) -> Callable[..., Scheduler]:
    if name in _KINDS:
        return _KINDS[name]
    if is_panda(name):
        return partial(PandaScheduler, every=every_of(name))
    if name.partition(":")[0] == PBT:
        return partial(PopulationTraining, settings=settings_of(name))
    if name in OPTUNA_NAMES:
        return partial(OptunaScheduler, sampler=name.partition(":")[2] or "tpe")
    raise BadInput("scheduler", name, "is not a scheduler", choices(NAMES, name))


def _extending(name: str) -> Callable[..., Scheduler]:
    make = _maker(name)
    if make is CoarseToFine:
        return make
    fix = "write scheduler: coarse_to_fine, which alone can, or extend: false"
    raise BadInput("extend", True, f"is not what scheduler: {name} can do", fix)


def _learning(name: str, make: Callable[..., Scheduler]) -> Callable[..., Scheduler]:
    if _maker(name) is CoarseToFine:
        return make
    fix = "write scheduler: coarse_to_fine; or start_with: {from: runs/old}, which any scheduler can"
    raise BadInput("learn_from", name, "is a scheduler that does not learn from earlier sweeps", fix)


def check_made_for(scheduler: Scheduler, space: Space, **sweep: object) -> None:
    """Raise `BadInput` where a scheduler has finished, or says that it was made for another sweep.

    It says so by attributes: `space`, and those named in `sweep`, as those of this package have them. One
    that has none of them, or has something of another type there, is taken as it is.
    """
    if scheduler.finished:
        kind = type(scheduler).__name__
        raise BadInput("scheduler", kind, "has finished already", "make a new one for each sweep")
    theirs = getattr(scheduler, "space", None)
    if isinstance(theirs, Space):
        _check_same_space(theirs, space)
    for name, value in sweep.items():
        made_for = getattr(scheduler, name, value)
        if isinstance(made_for, type(value)) and made_for != value:
            raise _differs(name, made_for, value, "; a plain function has 1" if name == "epochs" else "")


def _check_same_space(theirs: Space, ours: Space) -> None:
    left, right = theirs.to_yaml(), ours.to_yaml()
    for name in {**right, **left}:
        if left.get(name) != right.get(name):
            raise _differs(f"space.{name}", left.get(name), right.get(name))


def _differs(place: str, theirs: object, ours: object, more: str = "") -> BadInput:
    what = "space" if place.startswith("space") else place
    rule = f"is what it was made for, and the sweep has {ours!r}"
    return BadInput(f"scheduler.{place}", theirs, rule, f"give both the same {what}{more}")
