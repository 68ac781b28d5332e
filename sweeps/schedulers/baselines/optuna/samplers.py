"""Optuna's samplers by name, and what each of them needs to be installed."""

from __future__ import annotations

import warnings
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from sweeps.errors import BadInput, choices

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler

# Name → Optuna's class and the options that suit conditions and several trials at once.
SAMPLERS: dict[str, tuple[str, dict[str, Any]]] = {
    "tpe": ("TPESampler", {"multivariate": True, "group": True, "constant_liar": True}),
    "gp": ("GPSampler", {}),
    "cmaes": ("CmaEsSampler", {}),
    "nsgaii": ("NSGAIISampler", {}),
    "qmc": ("QMCSampler", {"scramble": True}),
    "random": ("RandomSampler", {}),
}
_INSTALL = {
    "optuna": 'pip install "caviar-sweeps[optuna]"',
    "torch": 'pip install "caviar-sweeps[torch]"',
    "cmaes": "pip install cmaes",
}
NEEDS = {"gp": "torch", "cmaes": "cmaes"}

OPTUNA_NAMES = ("optuna", *(f"optuna:{name}" for name in SAMPLERS))


def make_sampler(name: str, seed: int, observed: int = 0) -> BaseSampler:
    """A sampler of Optuna's. observed: how many trials there are before it draws, so that it draws others.

    Raises `BadInput` on an unknown name, or where what it needs is missing."""
    full = f"optuna:{name}"
    if name not in SAMPLERS:
        raise BadInput("scheduler", full, "names none of Optuna's samplers", choices(OPTUNA_NAMES, full))
    check_installed(NEEDS.get(name, "optuna"), full)
    import optuna

    kind, options = SAMPLERS[name]
    entropy = [seed, observed] if observed else seed
    bits = int(np.random.SeedSequence(entropy).generate_state(1)[0])  # Optuna takes no seed beyond 32 bits
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler: BaseSampler = getattr(optuna.samplers, kind)(seed=bits, **options)
    return sampler


def check_installed(package: str, scheduler: object) -> None:
    """Raise `BadInput` with the command that installs a package, if it is not there."""
    if find_spec(package) is None:
        raise BadInput("scheduler", scheduler, f"needs {package}, which is not installed", _INSTALL[package])
