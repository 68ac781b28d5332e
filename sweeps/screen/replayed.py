"""A run that was trained again, on the screen: a line per branch."""

from __future__ import annotations

from rich.text import Text

from sweeps.results.replayed import BranchReplay, Replayed
from sweeps.screen.console import Screen


def print_replayed(found: Replayed, screen: Screen | None = None) -> None:
    """Each branch, and whether its weights are equal."""
    screen = screen or Screen()
    for branch in found.branches:
        screen.print(Text(_line(branch), "green" if branch.equal else "bold yellow"), soft_wrap=True)
    if found.out is not None:
        screen.print(f"written to {found.out}", style="dim", soft_wrap=True)


def _line(branch: BranchReplay) -> str:
    begun = "" if branch.parent is None else f", from epoch {branch.parent[1]} of branch {branch.parent[0]}"
    head = f"branch {branch.trial}{begun}: {branch.epochs} epochs trained again"
    if branch.differs is not None:
        return f"{head}; {branch.differs[1]} differs from epoch {branch.differs[0]} on"
    if branch.unequal:
        return f"{head}; the weights differ at epoch {', '.join(map(str, branch.unequal))}"
    if not branch.ended_alike:
        return f"{head}; it did not end as it did then"
    if not branch.weights:
        return f"{head}; all metrics are equal, bit for bit; no checkpoint is left to compare"
    return f"{head}; all metrics, and the weights of {branch.weights} checkpoints, are equal, bit for bit"
