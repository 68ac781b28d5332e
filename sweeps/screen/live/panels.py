"""The parts of the picture: each a few lines, as many as it is given room for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from sweeps.errors import shortened
from sweeps.results.state import State
from sweeps.screen.figures import show_briefly, show_number, show_seconds, show_value
from sweeps.screen.live.bars import region_bar, region_share, region_text, status_bar
from sweeps.screen.live.curve import plotted
from sweeps.screen.live.lines import columns, flowing, line, most_that_fit
from sweeps.screen.live.state import LiveState, Working
from sweeps.screen.progress import show_best_title, show_left, show_repeats, show_statuses
from sweeps.sweep.progress import Progress
from sweeps.trial import Outcome, Region, Status

TOP = 5  # trials
NUMBERS = 3  # columns of the top that are figures
_NAME = 18  # columns of a hyperparameter's name beside its bar
_LONGEST_BAR = 48
_BAR = 12  # columns that a bar has at least; on a narrower screen there are no ends beside it
_OUTCOMES = {Outcome.DONE: "paused", Outcome.ENDED: "ended", Outcome.INFEASIBLE: "diverged"}


def header(state: LiveState, status: State, progress: Progress, width: int) -> list[Text]:
    """The sweep's name and how it stands."""
    words = standing(state, status, progress)
    first = line(state.spec.name, "bold").append_text(
        Text("  ").append_text(line(words, "green" if status.kind in ("running", "complete") else "yellow"))
    )
    return (
        [first] if cell_len(first.plain) <= width else [line(state.spec.name, "bold"), line(words, "yellow")]
    )


def standing(state: LiveState, status: State, progress: Progress) -> str:
    """Whether it runs, since when, and what has ended it."""
    words = status.text or status.kind
    if status.kind == "running":
        words = f"running for {show_seconds(progress.seconds)}"
    elif status.kind == "complete":
        words = f"complete, after {show_seconds(progress.seconds)}"
    return f"{words}; the search was ended by {state.search_ended}" if state.search_ended else words


def progress_lines(state: LiveState, progress: Progress, width: int) -> list[Text]:
    """A bar of the trials by status, their counts, what was spent of what there is, and the bottleneck."""
    trials = f"{progress.done}/{progress.trials} trials"
    bar = status_bar(progress.counts, progress.trials, max(min(_LONGEST_BAR, width - len(trials) - 2), 1))
    lines = [bar.append(f"  {trials}", "bold"), line(show_statuses(progress) or "none begun yet")]
    if repeats := show_repeats(progress):
        lines[1].append(repeats)
    lines.append(line(", ".join(budget(state, progress))))
    return [*lines, line(progress.limit, "yellow")] if progress.limit else lines


def budget(state: LiveState, progress: Progress) -> Iterator[str]:
    """What was spent of each thing that is limited."""
    limits = state.spec.limits
    of_search = f" of {limits.epochs:,} in the search" if limits.epochs is not None else ""
    yield f"{progress.epochs:,} epochs{of_search}"
    if limits.time is not None:
        yield f"{show_seconds(progress.seconds)} of {show_seconds(limits.time)}"
    if limits.at is not None:
        yield f"until {state.spec.metric} {limits.at:g}"
    if limits.no_better is not None:
        yield f"{state.ledger.since_best()} of {limits.no_better} trials without a better one"
    if state.ended is None:
        yield f"{progress.rate:.3g} epochs/s"
        if state.branches is None:
            yield show_left(progress)


def losses(state: LiveState, progress: Progress) -> list[Text]:
    """How many trials failed or diverged, and what the last of them said."""
    words = {Status.FAILED: "failed", Status.INFEASIBLE: "diverged"}
    counts = [(word, progress.counts.get(status, 0)) for status, word in words.items()]
    repeats = sum(progress.repeat_counts.get(status, 0) for status in words)
    parts = [f"{count} {word}" for word, count in [*counts, ("finalists' repeats lost", repeats)] if count]
    if not parts or state.lost is None:
        return []
    return [line(f"{', '.join(parts)}; the last, trial {state.lost.trial}: {state.lost.text}", "red")]


def best(progress: Progress, width: int) -> list[Text]:
    """The best trial of the search and its config."""
    found = [line(show_best_title(progress), "bold green")]
    if progress.best is not None:
        items = [f"{name} {show_value(value)}" for name, value in progress.best.config.items()]
        found += flowing(items, width, indent=2)
    return found


def curve(state: LiveState, lines: int, width: int) -> list[Text]:
    """How the best has improved over the epochs that the search has spent, and since when it has not."""
    epochs = state.ledger.search_epochs
    marks = 10  # columns of the axis's values
    rows, low, high = plotted(state.curve.sampled(epochs, max(width - marks, 1)), max(lines - 1, 1))
    title = curve_title(state)
    if not title:
        return []
    labels = [show_number(high), *[""] * (len(rows) - 2), show_number(low)] if len(rows) > 1 else [""]
    found = [line(title, "bold")]
    for label, row in zip(labels, rows, strict=True):
        found.append(Text(f"{label:>{marks - 1}} ", "dim").append(row, "green"))
    return found


def curve_title(state: LiveState) -> str:
    """How many epochs the search has spent, and how many since the best improved; empty without a best."""
    if state.curve.last_improved is None:
        return ""
    epochs = state.ledger.search_epochs
    since = epochs - state.curve.last_improved
    return f"best over {epochs:,} epochs of the search; the last better one {since:,} epochs ago"


def top(state: LiveState, lines: int, width: int) -> list[Text]:
    """The best trials of the search, a row each, and below them what there is no column for.

    Columns are of what differs among them, and where these have no room, of the narrowest regions.
    """
    cells = top_cells(state, max(lines - 1, 0))
    if not cells:
        return []
    heads, same = cells[0], [k for k in range(NUMBERS, len(cells[0])) if _is_same(cells, k)]
    shares = _shares(state)
    order = sorted(set(range(NUMBERS, len(heads))) - set(same), key=lambda k: (shares.get(heads[k], 1.0), k))
    shown = most_that_fit(cells, width, NUMBERS, order)
    below = [_which(cells, same), _left_out([heads[k] for k in sorted(set(order) - set(shown))])]
    found = columns([[row[k] for k in shown] for row in cells], width, numbers=NUMBERS)
    return [*found, *(line(text, "dim") for text in below if text)][:lines]


def _is_same(cells: Sequence[Sequence[str]], place: int) -> bool:
    return len(cells) > 2 and len({row[place] for row in cells[1:]}) == 1


def _shares(state: LiveState) -> dict[str, float]:
    """Which part of each hyperparameter's range its region is."""
    kinds = state.space.distributions
    regions = state.rounds[-1].regions if state.rounds else ()
    return {
        each.hyperparameter: region_share(kinds[each.hyperparameter], each)
        for each in regions
        if each.hyperparameter in kinds
    }


def _which(cells: Sequence[Sequence[str]], same: Sequence[int]) -> str:
    """What the rows are, and what all of them have."""
    both = ", ".join(f"{cells[0][k]} {cells[1][k]}" for k in same if cells[1][k])
    number = len(cells) - 1
    which = f"the best {number} trials of the search" if number > 1 else "the best trial of the search"
    return f"{which}; all have {both}" if both else which


def _left_out(names: Sequence[str]) -> str:
    return f"no room for {shortened(names, len(names))}: caviar top has them" if names else ""


def top_cells(state: LiveState, count: int) -> list[list[str]]:
    """A heading and a row for each of the best trials, at most so many; nothing where there is none."""
    rows = state.top(min(count, TOP))
    if not rows:
        return []
    names = [name for name in state.space.searched if any(name in row.config for row in rows)]
    cells = [["trial", state.spec.metric, "epochs", *names]]
    for row in rows:
        values = [show_briefly(row.config[name]) if name in row.config else "" for name in names]
        cells.append([str(row.trial), show_number(row.objective), str(row.epochs), *values])
    return cells


def regions(state: LiveState, lines: int, width: int) -> list[Text]:
    """Where each hyperparameter is searched now, on its own scale, with the two rounds before."""
    if not state.rounds:
        return []
    last = state.rounds[-1]
    history = _by_name(state)
    there = [each for each in last.regions if each.hyperparameter in history]
    shown = _narrowest(state, there, max(lines - 1, 0))
    left = len(last.regions) - len(shown)
    more = f"; {left} more on a higher screen" if left else ""
    key = "" if last.index == 0 else "; lighter: the rounds before"
    return [
        line(f"regions of round {last.index}{key}{more}", "bold"),
        *_region_lines(state, history, shown, width),
    ]


def _narrowest(state: LiveState, there: Sequence[Region], count: int) -> list[Region]:
    """So many of the regions, in their order: those that say most."""
    spaces = state.space.distributions
    by_share = sorted(there, key=lambda each: region_share(spaces[each.hyperparameter], each))
    chosen = {each.hyperparameter for each in by_share[:count]}
    return [each for each in there if each.hyperparameter in chosen]


def _region_lines(
    state: LiveState, history: dict[str, list[Region]], shown: Sequence[Region], width: int
) -> Iterator[Text]:
    name_width = min(_NAME, max((len(each.hyperparameter) for each in shown), default=0), width // 3)
    spaces = state.space.distributions
    texts = [region_text(spaces[each.hyperparameter], each) for each in shown]
    bar_width = min(width - name_width - max(map(cell_len, texts), default=0) - 4, _LONGEST_BAR)
    with_text = bar_width >= _BAR
    bar_width = bar_width if with_text else max(width - name_width - 2, 1)
    for each, text in zip(shown, texts, strict=True):
        name = line(each.hyperparameter, "cyan")
        name.truncate(name_width, overflow="ellipsis", pad=True)
        bar = region_bar(spaces[each.hyperparameter], history[each.hyperparameter], bar_width)
        yield (
            Text(" ").append_text(name).append(" ").append_text(bar).append(f"  {text}" if with_text else "")
        )


def _by_name(state: LiveState) -> dict[str, list[Region]]:
    """The regions of the last rounds, of hyperparameters that the space has now."""
    found: dict[str, list[Region]] = {}
    for each in (region for begun in state.rounds[-3:] for region in begun.regions):
        if each.hyperparameter in state.space.distributions:
            found.setdefault(each.hyperparameter, []).append(each)
    return found


def workers(state: LiveState, now: float, lines: int, width: int) -> list[Text]:
    """What each worker was heard of last."""
    if not state.worker_count or state.ended is not None:
        return []
    shown = state.workers(max(lines - 1, 0))
    more = f", {state.worker_count - len(shown)} more" if state.worker_count > len(shown) else ""
    title = f"workers: {state.worker_count}; jobs with them: {state.in_flight}"
    return [
        line(f"{title}{more}", "bold"),
        *columns([_working(state, each, now) for each in shown], width, numbers=0, head=False),
    ]


def _working(state: LiveState, each: Working, now: float) -> list[str]:
    stop = state.target(each.trial)
    if each.outcome is not Outcome.RUNNING or stop is None:
        said = _OUTCOMES.get(each.outcome, each.outcome.value)
        return [each.worker, f"trial {each.trial}", f"{said} at epoch {each.epochs}", _ago(now - each.heard)]
    since = f"for {show_seconds(max(now - each.since, 0.0))}" if each.since else ""
    return [each.worker, f"trial {each.trial}", f"epoch {each.epochs} of {stop}", since]


def _ago(seconds: float) -> str:
    return f"{show_seconds(max(seconds, 0.0))} ago"


def notes(texts: Iterable[str]) -> list[Text]:
    """What the user should know, a line each."""
    return [line(text, "yellow") for text in texts if text]
