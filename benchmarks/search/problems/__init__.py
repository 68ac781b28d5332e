"""Problems by name; each name is a data source, or one problem of it as in `lcbench-3945`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from benchmarks.search.extra import not_installed
from benchmarks.search.problems.accnas import accnas
from benchmarks.search.problems.cut import cut
from benchmarks.search.problems.deepobs import deepobs
from benchmarks.search.problems.grids import fcnet, hpobench
from benchmarks.search.problems.lcbench import lcbench, lcbench_kept
from benchmarks.search.problems.misled import misled
from benchmarks.search.problems.problem import Problem
from benchmarks.search.problems.trained import trained
from sweeps.errors import BadInput, choices

SOURCES: dict[str, Callable[[Path], list[Problem]]] = {
    "lcbench": lcbench,
    "lcbench_kept": lcbench_kept,
    "misled": misled,
    "misled_start": lambda data: misled(data, "misled_start"),
    "cut": cut,
    "hpobench": hpobench,
    "fcnet": fcnet,
    "deepobs": deepobs,
    "accnas": accnas,
    "trained": trained,
}


def load_problems(data: Path, names: list[str]) -> list[Problem]:
    """The problems named. Raises `BadInput` on an unknown source or problem, and where data are missing."""
    found: list[Problem] = []
    for name in names:
        source, _, task = name.partition("-")
        if source not in SOURCES:
            raise BadInput("problems", name, "is not a source of problems", choices(SOURCES, source))
        problems = _read(source, data)
        if task and name not in problems:
            raise BadInput("problems", name, f"is not a problem of {source}", choices(problems, name))
        found += [problems[name]] if task else problems.values()
    for problem in found:
        problem.load()
    return found


def _read(source: str, data: Path) -> dict[str, Problem]:
    """All problems of a source, by name."""
    fix = "benchmarks/search/README.md says where each comes from"
    try:
        problems = {problem.name: problem for problem in SOURCES[source](data)}
    except FileNotFoundError as error:
        raise BadInput("data", str(data), f"does not have {error.filename or error}", fix) from None
    except ModuleNotFoundError as error:
        raise not_installed("problems", source, error) from None
    if not problems:
        raise BadInput("data", str(data), f"has no problem of {source}", fix)
    return problems


__all__ = ["SOURCES", "Problem", "load_problems"]
