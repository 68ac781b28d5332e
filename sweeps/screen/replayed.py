"""A run that was trained again, on the screen: a line per branch."""

from __future__ import annotations

from rich.text import Text

from sweeps.nudging.values import described
from sweeps.results.replayed import BranchReplay, Replayed
from sweeps.results.schedule import ScheduleReplay
from sweeps.screen.console import Screen
from sweeps.screen.figures import show_value
from sweeps.space import Config


def print_replayed(found: Replayed, screen: Screen | None = None) -> None:
    """Each branch, and whether its weights are equal."""
    screen = screen or Screen()
    for branch in found.branches:
        screen.print(Text(_line(branch), "green" if branch.equal else "bold yellow"), soft_wrap=True)
    if found.out is not None:
        screen.print(f"written to {found.out}", style="dim", soft_wrap=True)


def print_schedule(found: ScheduleReplay, screen: Screen | None = None) -> None:
    """What was changed at which epoch, and what the training with it came to."""
    screen = screen or Screen()
    for before, each in zip([None, *found.schedule], found.schedule, strict=False):
        what = _values(each.config) if before is None else described(before.config, each.config)
        screen.print(f"epoch {each.epoch}: {what}", soft_wrap=True)
    then, now = (
        "no objective" if value is None else f"{found.metric} {value:.4g}"
        for value in (found.then, found.now)
    )
    text = f"trial {found.trial}: {then} in the sweep; its schedule anew, with seed {found.seed}: {now}"
    screen.print(Text(text, "bold"), soft_wrap=True)


def _values(config: Config) -> str:
    return ", ".join(f"{name} {show_value(value)}" for name, value in config.items())


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
