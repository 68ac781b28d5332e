"""What diverged or failed, grouped by what was said last."""

from __future__ import annotations

import re

import pandas as pd

from sweeps.analysis.wording import count
from sweeps.reports.blocks import Block, Folded, Note, Section, Table, short
from sweeps.reports.view import View
from sweeps.screen.figures import show_raised

QUESTION = "What failed, and why?"
_KINDS = 12  # of errors that are shown
_NUMBERS = 15  # of trials that have one
_LONGEST = 20_000  # characters of a traceback
_READ = (
    "errors that differ in numbers alone are one kind. Open a row beneath for the traceback of its "
    "first trial."
)
_PLAYBOOK = "which part of the trials is infeasible, and is that a bug or the space?"


def failures(view: View) -> Section:
    """The section."""
    trials = view.result.trials
    told = trials[trials["error"].notna() & (trials["error"] != "")]
    lost = trials[trials["status"].isin(["failed", "infeasible"])]
    if lost.empty and told.empty:
        return Section("failures", QUESTION, "No trial has failed, and none has diverged.")
    if told.empty:
        return Section(
            "failures", QUESTION, f"{count(len(lost), 'trial', 'trials')} diverged, and said no more."
        )
    groups = _groups(told)
    rows = [(str(len(frame)), _statuses(frame), said, _trials(frame)) for said, frame in groups[:_KINDS]]
    blocks: list[Block] = [Table(("trials", "status", "what was said last", "which"), rows)]
    blocks += [_whole(said, frame) for said, frame in groups[:_KINDS] if "\n" in str(frame["error"].iloc[0])]
    if len(groups) > _KINDS:
        blocks.append(
            Note(f"{len(groups) - _KINDS} other kinds of errors are in the column error of the trials.")
        )
    return Section("failures", QUESTION, _answer(len(trials), lost, groups[0]), blocks, _READ, _PLAYBOOK)


def _answer(trials: int, lost: pd.DataFrame, first: tuple[str, pd.DataFrame]) -> str:
    said, frame = first
    failed = int((lost["status"] == "failed").sum())
    return (
        f"Of {count(trials, 'trial', 'trials')}, {failed:,} failed and {len(lost) - failed:,} diverged; "
        f"most often: {short(said, 200)} ({count(len(frame), 'trial', 'trials')})."
    )


def _groups(told: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Errors that differ in numbers alone, the most frequent first, with the words of their first trial."""
    said = told["error"].map(show_raised)
    kinds = said.map(lambda text: re.sub(r"\d+(\.\d+)?", "#", text))
    groups = [(said[frame.index[0]], frame) for _, frame in told.groupby(kinds, sort=False)]
    return sorted(groups, key=lambda group: -len(group[1]))


def _statuses(frame: pd.DataFrame) -> str:
    return ", ".join(str(status) for status in frame["status"].unique())


def _trials(frame: pd.DataFrame) -> str:
    numbers = ", ".join(str(trial) for trial in frame["trial"].head(_NUMBERS))
    more = len(frame) - _NUMBERS
    return f"{numbers} and {more} more" if more > 0 else numbers


def _whole(said: str, frame: pd.DataFrame) -> Folded:
    row = frame.iloc[0]
    return Folded(f"Trial {row['trial']}: {said}", str(row["error"])[-_LONGEST:])
