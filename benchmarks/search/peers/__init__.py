"""Schedulers to compare, by name. Each builds from a problem and a `Setting`; packages load when needed."""

from __future__ import annotations

from importlib import import_module

from benchmarks.search.peers.setting import CannotDrive, Setting
from benchmarks.search.problems.problem import Problem
from sweeps.errors import BadInput, choices
from sweeps.schedulers import Scheduler

PEERS = {
    "caviar": "own:coarse_to_fine",
    "caviar-extend": "own:widening",
    "random": "own:random",
    "sobol": "own:sobol",
    "optuna-tpe": "optuna_peers:tpe",
    "optuna-gp": "optuna_peers:gp",
    "optuna-cmaes": "optuna_peers:cmaes",
    "optuna-tpe-hyperband": "optuna_peers:tpe_hyperband",
    "optuna-tpe-sha": "optuna_peers:tpe_halving",
    "tune-asha": "tune_peers:asha",
    "tune-hyperband": "tune_peers:hyperband",
    "dehb": "dehb_peer:dehb",
    "syne-asha": "syne_tune_peers:asha",
    "syne-asha-cqr": "syne_tune_peers:asha_cqr",
    "syne-cqr": "syne_tune_peers:cqr",
    "smac": "smac_peers:full",
    "smac-hyperband": "smac_peers:hyperband",
}


def build_peer(name: str, problem: Problem, setting: Setting) -> Scheduler:
    """A fresh scheduler. Raises `BadInput` on an unknown name, `CannotDrive` where a peer is unfit."""
    if name not in PEERS:
        raise BadInput("peers", name, "is not a peer", choices(PEERS, name))
    module, _, factory = PEERS[name].partition(":")
    built: Scheduler = getattr(import_module(f"benchmarks.search.peers.{module}"), factory)(problem, setting)
    return built


__all__ = ["PEERS", "CannotDrive", "Setting", "build_peer"]
