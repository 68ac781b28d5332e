"""Reads a sweep back: during the run, after a crash, or at the end."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sweeps.errors import BadInput
from sweeps.events import SearchBegun, SearchEnded
from sweeps.results.best import (
    Best,
    best_of_search,
    best_of_trial,
    ensemble_candidates,
    saved_repeats,
    winner,
)
from sweeps.results.comparison import finalists
from sweeps.results.learned import LearnedFrom, learned_from
from sweeps.results.tables import Tables
from sweeps.saved import unpacked, write_files
from sweeps.space import Space
from sweeps.spec.finalists import as_finalists
from sweeps.spec.objective import as_objective
from sweeps.spec.yaml_text import read_yaml
from sweeps.store import files
from sweeps.store.checkpoints import checkpoint_path, read_checkpoint
from sweeps.store.described import Described, read_described
from sweeps.store.log import LogReader
from sweeps.store.run_directory import LOG, SPEC_FILE
from sweeps.store.tables.parts import RESTORE

if TYPE_CHECKING:
    from sweeps.analysis import Comparison, Importance, NextStep, Ranges

_SHOWN = 10  # folders in a message
RETUNE_FILE = "retune.json"
_LARGEST_SPEC = 16 << 20  # bytes
_KEYS: dict[str, type] = {"name": str, "metric": str, "mode": str, "trials": int}  # of a spec


class SweepResult:
    """The tables of a sweep as pandas frames, each read when first asked for.

    path: its folder, absolute, so that it is found from whatever folder is the current one by then.
    tables: what `best` and the summary read of them, which is less than all.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.tables = Tables(self.path)

    @cached_property
    def spec(self) -> dict[str, Any]:
        """The sweep as asked for, with defaults filled in."""
        path = self.path / SPEC_FILE
        try:
            with files.open_plain(path) as file:
                text = file.read(_LARGEST_SPEC + 1)
            if len(text) > _LARGEST_SPEC:
                raise OSError(f"is larger than {_LARGEST_SPEC >> 20} MiB")
            found = read_yaml(text.decode(), str(path))
        except (OSError, UnicodeDecodeError, RecursionError) as error:
            raise BadInput(str(self.path), SPEC_FILE, f"cannot be read: {error}", RESTORE) from error
        if not isinstance(found, dict) or not _is_spec(found):
            raise BadInput(str(self.path), SPEC_FILE, "is not the spec of a sweep", RESTORE)
        return found

    @cached_property
    def described(self) -> Described:
        """What was understood of the data before the start, and the metrics of baselines, such as a linear
        model; nothing where the trainable said nothing."""
        return read_described(self.path)

    @cached_property
    def space(self) -> Space:
        """What was searched, as the spec says. Raises `BadInput` on one that this version cannot read."""
        if "space" not in self.spec:
            raise BadInput(str(self.path), SPEC_FILE, "says no space", RESTORE)
        return Space(self.spec["space"])

    @property
    def trials(self) -> pd.DataFrame:
        """One row per trial, by trial; the finalists' repeats are those where `repeats` is not null."""
        return self.tables.trials

    @property
    def metrics(self) -> pd.DataFrame:
        """One row per trial and epoch, by trial and epoch."""
        return self.tables.metrics

    @property
    def rounds(self) -> pd.DataFrame:
        """One row per round and searched hyperparameter: the region and its reason."""
        return self.tables.rounds

    @property
    def jobs(self) -> pd.DataFrame:
        """One row per job that has ended: the epochs it trained, when, for how long and on which worker.

        Together they are the sweep's timeline; a trial that was promoted has several.
        """
        return self.tables.jobs

    @property
    def changes(self) -> pd.DataFrame:
        """One row per hyperparameter that was changed while a trial was trained, in their order.

        Columns: trial, epoch, time, hyperparameter, before, after (as JSON), author, reason. Empty for a
        sweep whose configs stay as they are. A trial that began from another's checkpoint has `parent` and
        `parent_epoch` in `trials`.
        """
        return self.tables.changes

    @cached_property
    def finalists(self) -> pd.DataFrame:
        """One row per finalist, the best first: its objective in the search, and its mean over fresh seeds.

        Columns: trial, objective, mean, spread, n, failed, tied, unsettled; see `finalists`. Empty without
        repeats.
        """
        asked = as_finalists(self.spec.get("finalists", False))
        race = self.spec.get("retune") is not None
        return finalists(self.tables.outcomes, self.spec["mode"], asked.seeds, race)

    @cached_property
    def best(self) -> Best | None:
        """The config to take: the finalist with the best mean over fresh seeds, once all repeats are over.

        Until then, or where no finalist came through, the best trial of the search; None while no trial has
        an objective. What diverged or failed has none. Of a retune whose check is over, it is the config that
        the check says to take: the earlier winner, unless it has lost.
        """
        taken = self._taken
        return (None if taken is None else best_of_trial(self.tables, taken)) or self.best_by_figures

    @cached_property
    def best_by_figures(self) -> Best | None:
        """`best`, whatever a retune says."""
        return winner(self.tables, self.finalists) or self.best_of_search

    @property
    def _taken(self) -> int | None:
        """The trial that a retune says to take."""
        if self.spec.get("retune") is None:
            return None
        try:
            with files.open_plain(self.path / RETUNE_FILE) as file:
                taken = json.loads(file.read(_LARGEST_SPEC))["trial"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return taken if isinstance(taken, int) else None

    @cached_property
    def best_of_search(self) -> Best | None:
        """The trial with the best objective so far, repeats left aside. It was lucky too: see `best`.

        With the objectives `last` and `mean_of_last`, a trial that has not trained to its end is behind every
        one that has. It may be one that was measured elsewhere, of which there are no epochs here.
        """
        rule = as_objective(self.spec.get("objective", "best"))
        epochs = self.spec.get("epochs", 1)
        return best_of_search(self.tables, self.spec["mode"], rule, epochs)

    @cached_property
    def model_trial(self) -> int | None:
        """The trial whose model is the one to take: `checkpoint` gives its arrays by default.

        Where `best` has figures over fresh seeds, it is the one of its repeats with the median objective, not
        the best, which would flatter as the luckiest trial of a search does; of an even number, the worse of
        the middle two. Where no repeat has
        saved anything, and without finalists, it is the trial of the search that `best` names. None while
        there is no best.
        """
        if self.best is None:
            return None
        repeats = self.saved_repeats
        return repeats[len(repeats) // 2] if repeats else self.best.trial

    @cached_property
    def saved_repeats(self) -> list[int]:
        """The repeats of the winner on fresh seeds that saved their models, the best first."""
        best = self.best
        if best is None or not best.seeds:
            return []
        return saved_repeats(self.tables.outcomes, best.trial, self.spec["mode"], self._saved)

    @cached_property
    def ensemble_candidates(self) -> list[int]:
        """The trials whose models an ensemble may be made of, the best first."""
        rule = as_objective(self.spec.get("objective", "best"))
        epochs = self.spec.get("epochs", 1)
        return ensemble_candidates(self.tables.outcomes, self.spec["mode"], rule, epochs, self._saved)

    def top(self, n: int = 10) -> pd.DataFrame:
        """The best trials of the search, the best first: their objective and config, a column each.

        Example:
            ::

                result.top(20).plot.scatter("learning_rate", "objective", logx=True)
        """
        from sweeps.analysis import frames

        return frames.top(self, n)

    def curves(self, trials: Iterable[int] | None = None) -> pd.DataFrame:
        """Every metric by epoch, long: `trial`, `epoch`, `metric`, `value`; of all trials of the search by
        default.

        Example:
            ::

                result.curves(result.top(5)["trial"]).pivot(index="epoch", columns=["metric", "trial"],
                values="value")
        """
        from sweeps.analysis import frames

        return frames.curves(self, trials)

    def regions(self) -> pd.DataFrame:
        """What each round searched and why, beside the whole range (`range_low`, `range_high`)."""
        from sweeps.analysis import frames

        return frames.regions(self)

    def timeline(self) -> pd.DataFrame:
        """What was trained when and where, a row a job, in seconds since the first began."""
        from sweeps.analysis import frames

        return frames.timeline(self)

    def importance(self) -> Importance:
        """Which hyperparameters matter, and which pairs interact: `.table`, `.pairs`, and `.words`.

        Raises:
            BadInput: scikit-learn is not installed: ``pip install "caviar-sweeps[report]"``.
        """
        from sweeps.analysis import importance

        return importance(self)

    def compare(self, *others: SweepResult) -> Comparison:
        """This sweep beside others of its metric: which is better at equal epochs, and whether that is luck.

        Raises:
            BadInput: They have another metric or mode, or there are none.
        """
        from sweeps.analysis import compare

        return compare([self, *others])

    def ranges(self) -> Ranges:
        """Whether a range is too small, the last region has enough points, and where trials are lost.

        A proposed end is one that the built-in networks can be trained with.
        """
        from sweeps.analysis import ranges
        from sweeps.face.resolve import legality_of  # the face alone reaches the trainer

        return ranges(self, legality_of(self.spec.get("trainable")))

    def next_step(self) -> NextStep:
        """What to do next, in order of weight, and a refined spec for `caviar run`; ``print`` shows both."""
        from sweeps.analysis import next_step
        from sweeps.face.resolve import legality_of  # the face alone reaches the trainer

        return next_step(self, legality_of(self.spec.get("trainable")))

    def _repr_html_(self) -> str:
        from sweeps.analysis import frames

        return frames.notebook(self)

    def model(self, *, ensemble: bool = False, refit: bool = False, train: Any = None) -> Any:
        """The winner, ready to predict from raw rows: a `trainer.Model` of the built-in network.

        It is read from the folder's `best/`, which a sweep writes when it ends. Where there is none, since
        the sweep runs, was killed or is an earlier version's, it is made of the best checkpoint so far and
        the data that the spec names.

        Args:
            ensemble: The mean of several, in place of one: of those of all finalists' repeats, or without
                finals of the best trials, that together have the least loss on the validation split.
            refit: What `caviar refit` has trained on training and validation data, in place of what the sweep
                has found.
            train: A trainable of your own that has `load_winner(folder)`, whose result this is then.

        Raises:
            BadInput: There is no model yet, or none that this trainable could give; or a file is damaged.

        Example:
            ::

                model = sweeps.load("runs/sweep").model()
                model.predict(pandas.read_csv("new.csv"))
        """
        from sweeps.face.models.winner import load_winner  # the face alone reaches the trainer

        return load_winner(self, ensemble=ensemble, refit=refit, train=train)

    def export(self, to: str, path: str | Path) -> Path:
        """Write the whole sweep, repeats of finalists included, for another tool; it may still run.

        Args:
            to: "csv", "optuna", "tensorboard", "mlflow" or "wandb"; docs/exports.md says what each holds.
            path: The file or folder to be written; absent so far. It is there once it is whole.

        Returns:
            The path, absolute.

        Raises:
            BadInput: There is no such format, its package is missing, or the path is taken.

        Example:
            ::

                sweeps.load("runs/sweep").export("optuna", "study.db")
                optuna.load_study(study_name="sweep", storage="sqlite:///study.db")
        """
        from sweeps.export import export  # not before it is asked for

        return export(self, to, path)

    @cached_property
    def ended_by(self) -> str | None:
        """The limit that ended the search, such as "limits.time after 2h"; None where none did."""
        last = LogReader(self.path / LOG).last(SearchBegun, SearchEnded)
        return last.why if isinstance(last, SearchEnded) else None

    @cached_property
    def learned_from(self) -> tuple[LearnedFrom, ...]:
        """The earlier sweeps that it has learned from, and what each was worth to it."""
        return learned_from(self.path, lambda: self.space)

    def checkpoint(self, trial: int | None = None, folder: str | Path | None = None) -> Any:
        """What a trial saved at the epoch that its objective is from.

        Torch tensors come back as such where torch is loaded, as arrays elsewhere.

        Args:
            trial: Its number; by default `model_trial`, whose objective is one of those that the mean of
                `best` is over, and whose checkpoint is always kept.
            folder: Where to write the files that the trainable had in `run.folder`; made if need be.

        Returns:
            None where the trial saved nothing then but files, or where there was no reason to keep it.
        """
        trial = self.model_trial if trial is None else trial
        trials = self.tables.outcomes
        row = trials[trials["trial"] == trial]
        if row.empty or row["best_epoch"].isna().all():
            return None
        state = read_checkpoint(self._checkpoint_path(row["trial"].iloc[0], row["best_epoch"].iloc[0]))
        if state is not None and folder is not None:
            Path(folder).mkdir(parents=True, exist_ok=True)
            write_files(state, Path(folder))
        return None if state is None else unpacked(state)

    def _saved(self, trial: int, epoch: int) -> bool:
        return self._checkpoint_path(trial, epoch).is_file()

    def _checkpoint_path(self, trial: int, epoch: int) -> Path:
        return checkpoint_path(self.path / "checkpoints", int(trial), int(epoch))


def _is_spec(found: dict[str, Any]) -> bool:
    typed = all(isinstance(found.get(key), kind) for key, kind in _KEYS.items())
    return typed and found["mode"] in ("min", "max")


def load(path: str | Path) -> SweepResult:
    """Open a sweep's folder: its tables as frames, such as ``.trials``, and what they say, such as ``.best``.

    Raises `BadInput` if the folder holds no sweep.
    """
    path = Path(path)
    if not ((path / SPEC_FILE).is_file() and (path / "trials").is_dir()):
        rule = "holds no sweep" if path.is_dir() else "is not a folder"
        below = sorted(str(found.parent) for found in path.glob(f"*/{SPEC_FILE}"))
        such = f"one of these: {', '.join(below[:_SHOWN])}" if below else "such as runs/digits"
        more = f" and {len(below) - _SHOWN} more" if len(below) > _SHOWN else ""
        raise BadInput("dir", str(path), rule, f"give the folder that a sweep wrote, {such}{more}")
    return SweepResult(path)
