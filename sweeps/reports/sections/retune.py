"""Whether an earlier sweep's winner still wins, where the sweep is a retune."""

from __future__ import annotations

from sweeps.reports.blocks import Block, Note, Section, Table, short
from sweeps.reports.view import View
from sweeps.retuning import RULE, Retuned, read_retuned
from sweeps.screen.figures import show_value
from sweeps.screen.retune import (
    DRIFT_HEADINGS,
    drift_row,
    told_before,
    told_cost,
    told_drift,
    told_order,
)

_COLUMNS = 30


def retune(view: View) -> Section | None:
    """None where the sweep is no retune."""
    rule = view.result.spec.get("retune")
    if rule is None:
        return None
    found = read_retuned(view.result.path)
    if found is None:
        answer = "The check is not over: the earlier best and new configs are trained on the new data."
        return Section("retune", _QUESTION, answer)
    blocks: list[Block] = [Note(line) for line in (told_before(found), told_cost(found)) if line]
    blocks += [_configs(found), _moved(found)]
    blocks += [Note(told_order(found))] if found.agreement is not None else []
    blocks += _drift(found)
    return Section("retune", _QUESTION, f"{found.words} {found.advice}", blocks, _READ)


_QUESTION = "Does the earlier winner still win?"
_READ = (
    "A rival has beaten the earlier winner where a t test in pairs of one seed says so, on seeds that nobody"
    " was chosen by, and where its lead is more than another seed would change, and more than one and a half"
    " deviations of the earlier best. What separates less is tied."
)


def _configs(found: Retuned) -> Table:
    """The winner's config beside the one to take, and beside a rival's."""
    columns = [("earlier winner", found.winner)]
    if found.trial != 0:
        columns.append((f"to take: trial {found.trial}", found.config))
    elif found.verdict.config is not None:
        columns.append((f"nearest: trial {found.verdict.rival}", found.verdict.config))
    names = list(dict.fromkeys(name for _, config in columns for name in config))
    rows = [(name, *(_value(config.get(name)) for _, config in columns)) for name in names]
    return Table(("hyperparameter", *(heading for heading, _ in columns)), rows)


def _moved(found: Retuned) -> Table:
    rows = [
        (
            each.hyperparameter,
            _value(each.before),
            _value(each.now),
            "" if each.shift is None else f"{each.shift:+.0%} of the range",
        )
        for each in found.moved
    ]
    return Table(("where good configs lie", "before", "now", "shift"), rows)


def _value(value: object) -> str:
    return "" if value is None else short(show_value(value), 60)


def _drift(found: Retuned) -> list[Block]:
    if found.drift is None:
        return [Note(f"Drift of the data is not known: {found.drift_why}.")]
    rows = [[short(cell, 80) for cell in drift_row(each)] for each in found.drift[:_COLUMNS]]
    more = len(found.drift) - len(rows)
    told = f"{told_drift(found.drift)} The index is {RULE}."
    left = [Note(f"{more} more, which have drifted less, are not shown.")] if more > 0 else []
    return [Note(told), Table(DRIFT_HEADINGS, rows), *left]
