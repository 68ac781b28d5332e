"""A sweep that has not begun, on one screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from sweeps.screen.console import Screen
from sweeps.screen.figures import (
    show_bytes,
    show_pace,
    show_raised,
    show_round,
    show_seconds,
    show_short,
    show_value,
    two_digits,
)
from sweeps.space import Choice, Distribution, Numeric
from sweeps.sweep.planning.preview import Preview

_CONFIGS = 4  # of the first ones
_LEFT = 11  # columns of a row's name


def print_preview(preview: Preview, screen: Screen | None = None) -> None:
    """What is trained, searched and asked for first, hints, and estimates."""
    screen = screen or Screen()
    screen.print(Text(preview.spec.name, "bold") + Text("  dry run: nothing is started, nothing written"))
    for name, text in (*_plan(preview), ("space", "")):
        _print_row(screen, name, text)
    screen.print(_space(preview))
    for number, line in enumerate(preview.described):
        _print_row(screen, "" if number else "data", line)
    screen.print(Text(f"first configs, each up to epoch {preview.foreseen.first[0].stop}", "bold"))
    screen.print(_first(preview))
    for hint in preview.hints:
        screen.print(Text(f"hint: {hint}", "yellow"), soft_wrap=True)
    for problem in _problems(preview):
        screen.print(Text(problem, "red"), soft_wrap=True)
    screen.print(Text(_source(preview), "bold"))
    for name, text in _estimates(preview):
        _print_row(screen, name, text)


def _print_row(screen: Screen, name: str, text: str) -> None:
    grid = Table.grid()
    grid.add_column(style="cyan", width=_LEFT)
    grid.add_column(overflow="fold")
    grid.add_row(Text(f" {name}"), Text(text))
    screen.print(grid)


def _plan(preview: Preview) -> Iterator[tuple[str, str]]:
    spec = preview.spec
    train = spec.trainable if isinstance(spec.trainable, str) else spec.trainable.get("command", "")
    yield "trains", train + (f" on {preview.data}" if preview.data else ", without data")
    rule = "".join(f"{name}: {value}" for name, value in _objective(spec.objective.to_yaml()).items())
    yield "compares", f"{spec.metric}, {spec.mode}, by {rule}"
    top, seeds = spec.finalists.top, spec.finalists.seeds
    finals = f"then {top} finalists on {seeds} fresh seed{'s'[: seeds != 1]} each" if top else "no finalists"
    epochs = f"of up to {spec.epochs} epochs" if spec.epochs > 1 else "of one epoch"
    waves = ", in waves" if spec.deterministic else ""
    yield "search", f"{spec.scheduler}{waves}: {spec.trials} trials {epochs}, {finals}"
    limits = ", ".join(f"{name} {value}" for name, value in spec.limits.to_yaml().items())
    yield "limits", limits or "none"
    for number, each in enumerate(preview.learns):
        yield "" if number else "learns", f"from {each.words}"
    yield "workers", f"{preview.workers} on {spec.device}"


def _objective(form: Any) -> Mapping[str, Any]:
    return form if isinstance(form, Mapping) else {"objective": form}


def _space(preview: Preview) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for style in ("cyan", None, None, "dim"):
        table.add_column(style=style, overflow="fold")
    for name, distribution in preview.space.distributions.items():
        when = " and ".join(f"{parent}: {_listed(values)}" for parent, values in distribution.when.items())
        cells = ("  " + name, *_values(distribution), f"when {when}" if when else "")
        table.add_row(*map(Text, cells))
    return table


def _values(distribution: Distribution) -> tuple[str, str]:
    """The scale, and its ends or its values."""
    if isinstance(distribution, Numeric):
        step = distribution.step
        steps = f", step {show_value(step)}" if step not in (None, 1) else ""
        return (
            distribution.kind,
            f"{show_short(distribution.low, 4)} … {show_short(distribution.high, 4)}{steps}",
        )
    if isinstance(distribution, Choice):
        return "ordered choice" if distribution.ordered else "choice", _listed(distribution.values)
    return "fixed", show_value(distribution.from_unit(0.5))


def _listed(values: Any) -> str:
    return ", ".join(map(show_value, values))


def _first(preview: Preview) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for job in preview.foreseen.first[:_CONFIGS]:
        config = ", ".join(f"{name} {show_value(value)}" for name, value in job.config.items())
        table.add_row(Text(f"  trial {job.trial}"), Text(config))
    return table


def _problems(preview: Preview) -> Iterator[str]:
    measured, metric = preview.measured, preview.spec.metric
    if measured.error is not None:
        yield f"a first config fails: {show_raised(measured.error)}"
    elif measured.metrics and metric not in measured.metrics:
        yield f"{metric} is not reported in the first epochs, but {_listed(measured.metrics)}"
    if measured.diverged:
        yield f"{measured.diverged} of {measured.configs} configs diverged within these epochs"


def _source(preview: Preview) -> str:
    measured = preview.measured
    if measured.pace is None:
        return f"estimates: no epoch has ended here within {show_seconds(measured.took)}"
    epochs, configs = measured.epochs, measured.configs
    what = f"{epochs} epoch{'s'[: epochs != 1]} of {configs} config{'s'[: configs != 1]}"
    return f"estimates, after {what} trained here in {show_seconds(measured.took)}"


def _estimates(preview: Preview) -> Iterator[tuple[str, str]]:
    measured = preview.measured
    yield "epochs", _epochs(preview)
    yield "time", _time(preview)
    size = preview.data_bytes
    data = (
        "data of unknown size"
        if size is None
        else f"data about {show_bytes(size)}, once for a machine's workers"
    )
    saves = (
        f"a checkpoint about {show_bytes(measured.checkpoint)}" if measured.checkpoint else "no checkpoints"
    )
    yield (
        "memory",
        f"{data if preview.data else 'no data'}; {saves}; what training takes itself is not measured",
    )
    if preview.disk_bytes is None:
        return
    kept = f", {preview.checkpoints} checkpoints at most" if preview.checkpoints else ""
    parts = f"log and tables {show_bytes(preview.record_bytes)}{kept}"
    at_most = "at most about" if preview.checkpoints else "about"
    yield "disk", f"{at_most} {show_bytes(preview.disk_bytes)}: {parts}"


def _epochs(preview: Preview) -> str:
    foreseen = preview.foreseen
    finals = f", {show_round(foreseen.final_epochs)} of them for finalists" if foreseen.final_epochs else ""
    how = "by objectives that are made up"
    if foreseen.seen < 1:
        how += f"; after the first {foreseen.seen:.0%} of the search taken to go on alike"
    return f"about {show_round(foreseen.epochs)} in {show_round(foreseen.trials)} trials{finals} ({how})"


def _time(preview: Preview) -> str:
    measured, limit = preview.measured, preview.spec.limits.time
    by_limit = f", by limits.time {show_seconds(limit)} at most" if limit is not None else ""
    if preview.seconds is None:
        if measured.more_than is None:
            return f"unknown{by_limit}"
        least = two_digits(measured.more_than * preview.foreseen.length * preview.workers / preview.parallel)
        epoch = show_seconds(measured.more_than)
        return f"more than {show_seconds(least)}: an epoch takes more than {epoch}{by_limit}"
    on = f"{preview.workers} worker{'s'[: preview.workers != 1]}"
    pace = f"{show_pace(measured.pace or 0.0)} an epoch; starting comes on top"
    about, slow = (show_seconds(two_digits(each or 0.0)) for each in (preview.seconds, preview.slow_seconds))
    if slow != about:
        about += f", or {slow} where the slower half of configs turns out to be better,"
    return f"about {about} on {on}, {pace}{by_limit}"
