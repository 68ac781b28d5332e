"""What is said of a retune before it starts: whether the winner can be tried again, and at what cost."""

from __future__ import annotations

from sweeps.errors import BadInput
from sweeps.results import SweepResult
from sweeps.results.schedule import has_schedule, schedule_of
from sweeps.schedulers import costs_of
from sweeps.spec import Retuning


def check_one_config(old: SweepResult) -> None:
    """Raise `BadInput` where the winner's config changed in training: one config alone is something else."""
    best = old.best
    if best is None or not has_schedule(old, best.trial):
        return
    count = len(schedule_of(old, best.trial))
    if count < 2:
        return
    rule = f"has a winner that was trained by a schedule of {count} configs; a retune trains one config alone"
    fix = f"train that schedule anew: caviar replay {old.path} --schedule; or run a sweep on the new data"
    raise BadInput("run directory", str(old.path), rule, fix)


def cost_in_words(rule: Retuning, trials: int, epochs: int) -> str:
    """What the check is to cost, and what at most.

    >>> cost_in_words(Retuning("runs/old", 4, epochs=123, old_epochs=648), 8, 27)
    "the check costs about 90 epochs, 14 % of the earlier sweep's 648, if nobody is ahead; 360 at most, 56 %"
    """
    least, most = costs_of(rule.epochs, trials, epochs, rule.seeds)
    old = max(rule.old_epochs, 1)
    usual = f"about {least:,} epochs, {least / old:.0%} of the earlier sweep's {rule.old_epochs:,}"
    text = f"the check costs {usual}, if nobody is ahead; {most:,} at most, {most / old:.0%}"
    return text.replace("%", " %")
