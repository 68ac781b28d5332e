"""What to try next on a model in training: by its alarms, by what was tried, by the sweep it is from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sweeps.errors import BadInput
from sweeps.events import SearchBegun
from sweeps.nudging.alarms.watch import AlarmWatch
from sweeps.nudging.curves import branches_of
from sweeps.nudging.expected import Can, expected_near
from sweeps.results import SweepResult, load
from sweeps.results.configs import config_of
from sweeps.space import Choice, Config, Space, Value
from sweeps.store import LOG, LogReader
from sweeps.trial import is_better

ADOPTED = "adopted trial {} of {}"
_ADOPTED = re.compile(r"adopted trial \d+ of (.+)", re.DOTALL)
_TOP = 0.1  # of the sweep's trials are its best
_LEAST = 8  # of them, for a range to say something
_MIDDLE = (0.1, 0.9)  # quantiles of the best, between which a value is as theirs


@dataclass(frozen=True)
class Suggestion:
    """Something to try.

    Attributes:
        branch: On which. reason: What speaks for it. values: As `sweeps.nudge` takes them.
        rollback: The epoch to go back to first, if any.
    """

    branch: int
    reason: str
    values: Mapping[str, Any] = field(default_factory=dict)
    rollback: int | None = None

    def command(self, directory: Path) -> str:
        """The command that does it; empty where there is nothing to do."""
        if not self.values and self.rollback is None:
            return ""
        values = " ".join(f"{name}={value}" for name, value in self.values.items())
        back = "" if self.rollback is None else f" --rollback {self.rollback}"
        return f"caviar nudge {directory} {values} --branch {self.branch}{back}".replace("  ", " ")


def suggestions(
    result: SweepResult, known: frozenset[str] = frozenset(), can: Can = lambda values: True
) -> list[Suggestion]:
    """What to try on the best branch, what weighs most first; empty where nothing speaks for anything.

    Args:
        result: The run, as its tables and its log have it now.
        known: The hyperparameters that the trainable has.
        can: Whether the best branch can go on with some values.
    """
    best = result.best_of_search
    if best is None:
        return []
    from_alarms, from_forks = _from_alarms(result, known), _from_what_was_tried(result, best.trial)
    sweep = _adopted_from(result)
    if sweep is None:
        return [*from_alarms, *from_forks]
    now = config_of(result.tables.row(best.trial))  # what a nudge would change
    expected = _from_the_surrogate(sweep, best.trial, now, can)
    return [*from_alarms, *from_forks, *expected, *_from_the_sweep(sweep, best.trial, now)]


def _from_alarms(result: SweepResult, known: frozenset[str]) -> Iterator[Suggestion]:
    """What the last alarm of each branch proposes, where nothing was changed on it since."""
    spec = result.spec
    most = spec["limits"].get("epochs")
    watch = AlarmWatch(spec["metric"], spec["mode"], known, spec["epochs"], most)
    for event in LogReader(result.path / LOG):
        watch.take(event)
    last = dict(watch.alarms())
    changes = result.changes
    for trial, alarm in last.items():
        later = changes[(changes["trial"] == trial) & (changes["epoch"] >= alarm.epoch)]
        if later.empty:
            yield Suggestion(trial, f"{alarm.kind}: {alarm.reason}", alarm.nudge, alarm.rollback)


def _from_what_was_tried(result: SweepResult, best: int) -> Iterator[Suggestion]:
    """A change that a fork has tried, and that made it better than the best branch was at the same epoch."""
    found, mode = branches_of(result), result.spec["mode"]
    own = found.curve(best)
    for trial, (parent, epoch) in found.parents.items():
        theirs, rest = found.curve(trial), found.curve(parent)
        both = sorted(set(theirs) & set(rest) - set(range(epoch + 1)))
        if trial == best or parent != best or not both or not own:
            continue
        then = both[-1]
        if is_better(theirs[then], rest[then], mode):
            values = _changed(result.changes, trial, epoch)
            reason = f"branch {trial} tried it at epoch {epoch}, and was better at epoch {then}"
            yield Suggestion(best, f"{reason}: {theirs[then]:.4g}, not {rest[then]:.4g}", values)


def _changed(changes: pd.DataFrame, trial: int, epoch: int) -> dict[str, Any]:
    rows = changes[(changes["trial"] == trial) & (changes["epoch"] == epoch)]
    rows = rows[rows["hyperparameter"].notna() & rows["after"].notna()]
    return {name: json.loads(text) for name, text in zip(rows["hyperparameter"], rows["after"], strict=True)}


def _from_the_surrogate(sweep: SweepResult, best: int, config: Config, can: Can) -> Iterator[Suggestion]:
    """For an adopted trial: what the surrogate of its sweep expects to be best near it."""
    found = expected_near(sweep, config, can)
    if found is not None:
        yield Suggestion(best, found.words(sweep.path.name, sweep.spec["metric"]), found.values)


def _from_the_sweep(sweep: SweepResult, best: int, config: Config) -> Iterator[Suggestion]:
    """For an adopted trial: what it has otherwise than nearly all of the best trials of its sweep."""
    count = max(int(_TOP * len(sweep.trials)), _LEAST)
    top, space = sweep.top(count), Space(sweep.spec["space"])
    for name in space.searched if len(top) >= _LEAST else ():
        distribution = space.distributions[name]
        if isinstance(distribution, Choice) or name not in config or name not in top:
            continue
        units = [distribution.to_unit(value) for value in top[name].dropna().tolist()]
        low, middle, high = np.quantile(units, (_MIDDLE[0], 0.5, _MIDDLE[1]))
        own = config[name]
        if own in distribution and not low <= distribution.to_unit(own) <= high:
            value: Value = distribution.from_unit(float(middle))
            reason = f"nearly all of the {len(top)} best trials of {sweep.path.name} have another {name}"
            shown = float(f"{value:.2g}") if isinstance(value, float) else value
            yield Suggestion(best, reason, {name: shown})


def _adopted_from(result: SweepResult) -> SweepResult | None:
    search = LogReader(result.path / LOG).last(SearchBegun)
    found = None if search is None else _ADOPTED.fullmatch(search.why)
    try:
        return None if found is None else load(found[1])
    except BadInput:  # it was moved since
        return None
