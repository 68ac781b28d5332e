"""Plots of a sweep on matplotlib's axes: ``pip install "caviar-sweeps[plot]"``.

Each function draws on the axes that it is given, or on new ones, and returns them, so that all that
matplotlib offers can be done to them afterwards. Where matplotlib is missing, each raises `BadInput`.

Example:
    ::

        sweeps.plot.history(sweeps.load("runs/digits")).figure.savefig("history.png")
"""

from sweeps.plot.over_branches import branches
from sweeps.plot.over_space import effects, hyperparameters, importance, parallel
from sweeps.plot.over_time import curves, ecdf, history, timeline

__all__ = [
    "branches",
    "curves",
    "ecdf",
    "effects",
    "history",
    "hyperparameters",
    "importance",
    "parallel",
    "timeline",
]
