"""A population: its members' curves, who went on from whom, and the schedule that came out."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from sweeps.analysis.wording import count
from sweeps.reports.axes import Axis, ObjectiveAxis
from sweeps.reports.blocks import Block, Code, Note, Picture, Section, Table, label, short
from sweeps.reports.marks import Trace, dots, legend, line
from sweeps.reports.view import View, values
from sweeps.results.population import Exploit, Population, population_of
from sweeps.results.schedule import Segment, schedule_of
from sweeps.screen.figures import show_briefly, show_moved, show_number
from sweeps.space import Config, differing

QUESTION = "Who went on from whom, and which schedule came out?"
_MEMBERS = 32  # whose curves are drawn
_PICTURES = 8  # hyperparameters
_READ = (
    "a grey line is a member of the population. Where it was among the worst, it took over the weights of "
    "one of the best, at a dot, which tells more when it is pointed at, and went on with other "
    "hyperparameters. The coloured line is the way of the best model's weights through all the members that "
    "trained them. Below, in colour, what these weights were trained with, and in grey what others were."
)
_Curves = dict[int, dict[int, float]]


def population(view: View) -> Section:
    """The section."""
    found = population_of(view.result)
    curves = _curves(view)
    if not curves:
        return Section("population", QUESTION, "No member has reported the metric yet.")
    blocks: list[Block] = []
    best = view.result.best
    schedule = [] if best is None else schedule_of(view.result, best.trial)
    way = [] if best is None else found.descent(best.trial)
    blocks.append(_members(view, found, curves, way))
    if best is None:
        return Section("population", QUESTION, _answer(found), blocks, _READ)
    end = best.epoch or schedule[-1].epoch
    blocks += _schedules(view, found, schedule, end)
    blocks.append(_descent(view, curves, schedule, way))
    alone = "Its config alone does not lead there. " if way else ""
    blocks.append(Note(f"{alone}To train its schedule anew, on a fresh seed:"))
    blocks.append(Code(f"caviar replay {shlex.quote(str(view.result.path))} --schedule"))
    answer = f"{_answer(found)} {_became(schedule, way, best.trial, end)}"
    return Section("population", QUESTION, answer, blocks, _READ)


def _answer(found: Population) -> str:
    many = count(len(found.members), "member has", "members have")
    told = count(len(found.exploits), "time", "times")
    return f"{many} been trained, and {told} one of the worst went on from one of the best."


def _became(schedule: Sequence[Segment], way: Sequence[Exploit], trial: int, end: int) -> str:
    """What became of the best model, and how."""
    first = way[0].donor if way else trial
    begun = f"The best model began as trial {first} and is trial {trial}, best at epoch {end}."
    if not way:
        return f"{begun} It never went on from another one, so its config stayed as it was."
    moved = show_moved(schedule[0].config, schedule[-1].config)
    handed = f"Its weights changed hands {count(len(way), 'time', 'times')}"
    return f"{begun} {handed}: {short(moved, 300)}." if moved else f"{begun} {handed}."


def _curves(view: View) -> _Curves:
    """By trial and epoch."""
    rows = view.result.metrics
    if view.metric not in rows:
        return {}
    rows = rows[np.isfinite(rows[view.metric].astype(float))]
    return {
        int(str(trial)): dict(zip(own["epoch"].tolist(), own[view.metric].tolist(), strict=True))
        for trial, own in rows.groupby("trial")
    }


def _members(view: View, found: Population, curves: _Curves, way: Sequence[Exploit]) -> Picture:
    shown = _drawn(view, found)
    x: list[int | None] = []
    y: list[float | None] = []
    for member in shown:
        for epoch, value in _line_of_member(found, curves, member):
            x.append(epoch)
            y.append(value)
        x.append(None)
        y.append(None)
    traces: list[Trace] = [line(x, y, "@muted/0.6", "members", 1)]
    marks = [each for each in found.exploits if each.member in shown and _at(curves, each) is not None]
    about = {
        "customdata": [each.trial for each in marks],
        "text": [_hover(each) for each in marks],
        "hovertemplate": "epoch %{x}: %{text}<extra></extra>",
    }
    heights = [_at(curves, each) for each in marks]
    traces.append(
        dots([each.epoch for each in marks], heights, "@second", "went on from another", 6, **about)
    )
    if view.result.best is not None:
        best = _line_of_weights(curves, view.result.best.trial, way)
        traces.append(line([*best], [*best.values()], "@accent", "the best model's way", 2.5))
    seen = np.array([value for trial in curves.values() for value in trial.values()])
    axis = ObjectiveAxis.of(view.metric, view.search.sign * seen, view.search.sign, share=0.95)
    layout = {"xaxis": {"title": {"text": "epoch"}, "rangemode": "tozero"}, "yaxis": axis.layout()}
    return Picture(traces, legend(layout), height=400)


def _drawn(view: View, found: Population) -> list[int]:
    """The members that end best, the best one's among them."""
    ranked = [int(view.search.number[place]) for place in view.search.ranking]
    members = (found.member_of(trial) for trial in ranked)
    return list(dict.fromkeys(member for member in members if member is not None))[:_MEMBERS]


def _line_of_member(found: Population, curves: _Curves, member: int) -> list[tuple[int, float]]:
    """Its curve: where it went on from another one, it jumps to that one's."""
    by_trial = {each.trial: each for each in found.exploits if each.member == member}
    points: list[tuple[int, float]] = []
    for trial in found.members[member]:
        exploit = by_trial.get(trial)
        if exploit is not None and (height := _at(curves, exploit)) is not None:
            points.append((exploit.epoch, height))
        points += curves.get(trial, {}).items()
    return points


def _line_of_weights(curves: _Curves, trial: int, way: Sequence[Exploit]) -> dict[int, float]:
    """The curve of a trial, and before it those of the trials whose weights it went on with."""
    found: dict[int, float] = {}
    for each in way:
        own = curves.get(each.donor, {})
        found |= {epoch: value for epoch, value in own.items() if epoch <= each.epoch}
    return found | curves.get(trial, {})


def _at(curves: _Curves, exploit: Exploit) -> float | None:
    """What the checkpoint stood at."""
    return curves.get(exploit.donor, {}).get(exploit.epoch)


def _hover(each: Exploit) -> str:
    moved = show_moved(each.before, each.config) or "as it was"
    return f"trial {each.trial}: {label(moved)}<br>{label(each.reason)}"


def _schedules(view: View, found: Population, schedule: Sequence[Segment], end: int) -> list[Block]:
    """A picture for each hyperparameter that changed, those of the best schedule first."""
    own = {name for one, other in pairwise(schedule) for name in differing(one.config, other.config)}
    all_ = {name for each in found.exploits for name in differing(each.before, each.config)}
    axes = sorted((axis for axis in view.axes if axis.name in all_), key=lambda axis: axis.name not in own)
    left = [axis.name for axis in axes[_PICTURES:]]
    note = (
        [Note(f"{count(len(left), 'hyperparameter is', 'hyperparameters are')} not shown.")] if left else []
    )
    return [*(_schedule(view, axis, schedule, end) for axis in axes[:_PICTURES]), *note]


def _schedule(view: View, axis: Axis, schedule: Sequence[Segment], end: int) -> Picture:
    """What the best model was trained with along the epochs, and what the others were."""
    epochs = [each.epoch for each in schedule] + [end]
    places = axis.places(values([each.config for each in schedule], axis.name))
    own = line(epochs, [*places, places[-1]], "@accent", "the best model", 2.5, shape="hv")
    traces = [_others(view, axis), own]
    layout = {"xaxis": {"title": {"text": "epoch"}, "rangemode": "tozero"}, "yaxis": axis.layout()}
    return Picture(traces, layout, short(axis.name, 60), 230, small=True)


def _others(view: View, axis: Axis) -> Trace:
    """A line a trial, from where it began to where it ended."""
    trials = view.result.trials.set_index("trial")
    shown = view.shown
    heights = axis.places(values(view.shown_configs, axis.name))
    begun = trials["parent_epoch"].reindex(view.search.number[shown]).fillna(0).astype(int)
    x: list[int | None] = []
    y: list[float | None] = []
    for start, stop, height in zip(begun, view.search.trained[shown].tolist(), heights.tolist(), strict=True):
        x += [int(start), stop, None]
        y += [height, height, None]
    return line(x, y, "@muted/0.6", "members", 1)


def _descent(view: View, curves: _Curves, schedule: Sequence[Segment], way: Sequence[Exploit]) -> Table:
    """The way of the best model's weights: from which epoch on, as which trial, and with what."""
    names = [axis.name for axis in view.axes if any(axis.name in each.config for each in schedule)]
    names = names[:_PICTURES]
    rows = [("0", str(schedule[0].trial), "", "", *_cells(schedule[0].config, names))]
    for each in way:
        height = _at(curves, each)
        then = "" if height is None else show_number(height)
        rows.append((str(each.epoch), str(each.trial), str(each.was), then, *_cells(each.config, names)))
    metric = f"{short(view.metric, 30)} then"
    headings = ("from epoch", "trial", "in place of", metric, *(short(name, 30) for name in names))
    return Table(headings, rows, title="The way of the best model")


def _cells(config: Config, names: Sequence[str]) -> list[str]:
    return [short(show_briefly(config[name]), 40) if name in config else "" for name in names]
