"""A trial that was trained again, on the screen: as it goes, and how it compares."""

from __future__ import annotations

import time
from collections.abc import Iterator

from rich.text import Text

from sweeps.results.reproduction import ROUNDING, Reproduction, Training
from sweeps.screen.console import Screen
from sweeps.screen.figures import show_raised, show_value
from sweeps.screen.live import html_line
from sweeps.screen.notebook import Output, in_notebook
from sweeps.trial import Outcome

_LINE_SECONDS = 2.0
_COLOURS = {"equal": "bold green", "rounding": "bold green", "differs": "bold yellow"}


class EpochWatcher:
    """Prints a line every few seconds; in a notebook, in place of the line before."""

    def __init__(self) -> None:
        self._screen = Screen(stderr=True)
        self._output = Output() if in_notebook() else None
        self._next = time.monotonic() + _LINE_SECONDS

    def __call__(self, trial: int, epochs: int, known: int) -> None:
        """The trial has been trained for so many epochs of those that are known."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _LINE_SECONDS
            said = f"trial {trial}: epoch {epochs} of {known}"
            if self._output is not None:
                self._output.show(html_line(said), said)
            else:
                self._screen.print(said, style="dim")


def print_reproduction(found: Reproduction, screen: Screen | None = None) -> None:
    """The trial, the verdict, and where it differs."""
    screen = screen or Screen()
    of = f", which repeats trial {found.repeats}" if found.repeats is not None else ""
    epochs = len(found.then.rows)
    what = f"trial {found.trial}{of}: {epochs} epoch{'s'[: epochs != 1]}, seed {found.seed}"
    screen.print(Text(what, "bold"), soft_wrap=True)
    config = ", ".join(f"{name} {show_value(value)}" for name, value in found.config.items())
    screen.print(Text(f"  {config}"), soft_wrap=True)
    for line in _lines(found):
        screen.print(Text(line, _COLOURS[found.verdict]), soft_wrap=True)


def _lines(found: Reproduction) -> Iterator[str]:
    yield _metrics(found)
    if found.then.outcome.is_own or not found.same_end:
        yield _end(found)
    if found.verdict == "differs" and found.restarts:
        at = ", ".join(map(str, found.restarts))
        yield f"it went on from epoch {at} then: does the trainable save and restore all that it needs?"


def _metrics(found: Reproduction) -> str:
    difference = found.difference
    if difference is not None:
        then, now = (
            "not reported" if value is None else repr(value) for value in (difference.then, difference.now)
        )
        return f"differs from epoch {difference.epoch} on: {difference.metric} was {then}, is {now}"
    both = min(len(found.then.rows), len(found.now.rows))
    names = {name for row in found.then.rows for name in row}
    what = f"{len(names)} metric{'s'[: len(names) != 1]} of {both} epoch{'s'[: both != 1]}"
    if not both:
        return "no epoch to compare"
    if not found.largest:
        return f"equal to the last bit: {what}"
    largest = f"they differ by {found.largest:.1g} at most, relatively"
    return f"equal within rounding ({ROUNDING:g}): {what}; {largest}"


def _end(found: Reproduction) -> str:
    then, now = _how(found.then), _how(found.now)
    return f"{then}, and so now" if found.same_end else f"differs in its end: then {then}; now {now}"


def _how(training: Training) -> str:
    after = f"after {len(training.rows)} epoch{'s'[: len(training.rows) != 1]}"
    if training.outcome is Outcome.FAILED:
        return f"failed {after}: {show_raised(training.error or '')}"
    words = {Outcome.INFEASIBLE: "diverged", Outcome.ENDED: "ended by itself"}
    return f"{words.get(training.outcome, 'was trained')} {after}"
