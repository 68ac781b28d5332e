"""All that a retune has found, as typed values that the screen, JSON, the report and pages share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from sweeps.results.result import RETUNE_FILE
from sweeps.results.summary import as_json
from sweeps.retuning.drift import Drift
from sweeps.retuning.moved import Agreement, Moved
from sweeps.retuning.verdict import WINNER, Verdict
from sweeps.space import Config
from sweeps.store import files
from sweeps.store.atomic import write_bytes

_LARGEST = 16 << 20  # bytes that are read
_MOST_SHOWN = 3
CONSTANT = "constant"  # the baseline that guesses one and the same


@dataclass(frozen=True)
class Retuned:
    """What a retune has found; `retune.json` in its folder, and `--json`.

    Attributes:
        directory: The folder of the retune. of: Of the earlier sweep.
        metric, mode: What configs are compared by.
        verdict: On the earlier winner.
        winner: Its config. before: Its metric in the earlier sweep. worse: Whether it is clearly worse on the
            new data, by more than seeds explain; another split alone may do that, where rows are few.
        trial: The trial to take now: the earlier winner's, or the best that was found. config: Its config.
        lead: By how much that one is better than the earlier winner over `seeds` fresh seeds; None where it
            is the winner, or was not trained on the same seeds.
        seeds: See there.
        agreement: Of the earlier best's order then and now.
        moved: Where good configs lie now.
        drift: Of the data's columns; None where that is not known, and drift_why says why.
        epochs, search_epochs: What the check cost, and the search after it; old_epochs: The earlier sweep.
        advice: What to do.
        value: The metric on the new data of the config to take, the mean over its seeds; None where it is not
            known. guess: Whether it is no better than a constant guess.
        baselines, baselines_before: The metric of plain models of the data, such as "linear" and "constant",
            now and in the earlier sweep, as far as they are known.
    """

    directory: Path
    of: Path
    metric: str
    mode: str
    verdict: Verdict
    winner: Config
    before: float | None
    worse: bool
    trial: int
    config: Config
    lead: float | None
    seeds: int
    agreement: Agreement | None
    moved: tuple[Moved, ...]
    drift: tuple[Drift, ...] | None
    drift_why: str
    epochs: int
    search_epochs: int
    old_epochs: int
    advice: str = ""
    value: float | None = None
    guess: bool = False
    baselines: Mapping[str, float] = field(default_factory=dict)
    baselines_before: Mapping[str, float] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The verdict in a sentence.

        The interval is said where there is one; so is a config to take that has learned nothing.
        """
        words = verdict_in_words(self.verdict, self.metric)
        if not self.guess or self.value is None:
            return words
        who = "It" if self.trial == WINNER and self.verdict.kind != "lost" else f"Trial {self.trial}"
        values = f"{self.metric} {self.value:.4g} against {self.baselines[CONSTANT]:.4g}"
        return f"{words} {who} is no better than a constant guess, though: {values}."

    @property
    def holds(self) -> bool:
        """Whether the old winner is to be kept: it has not lost, and is better than a constant guess."""
        return self.verdict.kind != "lost" and not self.guess

    @property
    def share(self) -> float:
        """What the check cost, in parts of the earlier sweep."""
        return self.epochs / max(self.old_epochs, 1)

    def to_json(self) -> dict[str, Any]:
        """The same as plain JSON values, with `words` and `share`."""
        return {**as_json(self), "words": self.words, "share": self.share}


def verdict_in_words(verdict: Verdict, metric: str) -> str:
    """A sentence."""
    if verdict.kind == "lost" and verdict.lead is None:
        beside = "" if verdict.rival is None else f"; trial {verdict.rival} does not"
        return f"The old winner has lost: it diverges or fails on the new data{beside}."
    if verdict.rival is None:
        return "The old winner is still best: nobody else came as far."
    who = f"trial {verdict.rival}, {'one of the old best' if verdict.known else 'a new config'}"
    by = _by(verdict, metric)
    if verdict.kind == "lost":
        return f"The old winner has lost to {who}, which is better by {by}."
    if verdict.kind == "tied":
        clear = verdict.low is not None and verdict.low > 0
        why = "less than the earlier best differ" if clear else "no more than seeds explain"
        return f"The old winner is tied: {who}, is better by {by}, {why}."
    return f"The old winner is still best: {who}, the nearest, is worse by {by}."


def _by(verdict: Verdict, metric: str) -> str:
    sign = -1.0 if verdict.kind == "still best" else 1.0
    seeds = f"over {verdict.seeds} {'fresh ' * verdict.fresh}seed{'s'[: verdict.seeds != 1]}"
    ends = ""
    if verdict.low is not None and verdict.high is not None:
        low, high = sorted((sign * verdict.low + 0.0, sign * verdict.high + 0.0))  # no -0
        ends = f" (95 %: {low:.3g} to {high:.3g})"
    return f"{sign * (verdict.lead or 0.0) + 0.0:.3g} in {metric}{ends} {seeds}"


def advised(found: Retuned) -> Retuned:
    """The same with what to do."""
    drifted = [each.column for each in found.drift or () if each.much]
    named = ", ".join(drifted[:_MOST_SHOWN]) + (" and others" if len(drifted) > _MOST_SHOWN else "")
    look = f" Look at what has drifted: {named}." if drifted else ""
    if found.guess:
        text = "Use no config as it is: the one to take has learned nothing of the new data. Check what is to"
        text += " be predicted and the columns, then run a whole sweep."
    elif found.verdict.kind != "lost":
        text = f"Keep the old config; trained on the new data: caviar best {found.directory}."
        if found.worse:
            text += " It does worse than before; where that is no matter of the split, run a whole sweep."
    elif found.trial == 0:
        text = "The old config loses, and no better one was confirmed: run a whole sweep on the new data."
    else:
        text = f"Take the config of trial {found.trial}: caviar best {found.directory}."
        text += " A whole sweep on the new data may find a better one."
    return replace(found, advice=text + look)


def write_retuned(found: Retuned) -> None:
    """Into the retune's folder."""
    text = json.dumps(found.to_json(), indent=1, ensure_ascii=False, allow_nan=False)
    write_bytes(found.directory / RETUNE_FILE, text.encode())


def read_retuned(folder: Path) -> Retuned | None:
    """Of a run directory; None where it is no retune's, or not over, or the file is not whole."""
    try:
        with files.open_plain(folder / RETUNE_FILE) as file:
            form = json.loads(file.read(_LARGEST))
        return _read(form)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _read(form: Mapping[str, Any]) -> Retuned:
    names = {each.name for each in fields(Retuned)}
    plain = {name: value for name, value in form.items() if name in names}  # earlier versions wrote fewer
    plain |= {name: Path(plain[name]) for name in ("directory", "of")}
    plain["verdict"] = Verdict(**plain["verdict"])
    plain["agreement"] = None if plain["agreement"] is None else Agreement(**plain["agreement"])
    plain["moved"] = tuple(Moved(**each) for each in plain["moved"])
    if plain["drift"] is not None:
        plain["drift"] = tuple(
            Drift(**{**each, "missing": tuple(each["missing"])}) for each in plain["drift"]
        )
    return Retuned(**plain)
