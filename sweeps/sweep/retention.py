"""Which checkpoints a sweep keeps, and why: those of trials that may go on, and of models that may win."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Collection, Iterable, Mapping

from sweeps.objective import standing
from sweeps.spec.objective import ObjectiveRule
from sweeps.store import Checkpoints, TrialRow
from sweeps.trial import Checkpoint, Job, Mode, Report, Status

MAY_GO_ON = "the trial may go on from here"
BEST_EPOCH = "the objective's epoch of a trial that may win"
FINALIST = "the objective's epoch of a finalist"
REPEAT = "the objective's epoch of a finalist's repeat"
BEST = "the objective's epoch of the best trial of the search"
CANDIDATE = "the objective's epoch of a trial that may be of the ensemble"
WINNER = "the objective's epoch of the winner"
CHANGED = "something was changed here"
PARENT = "another trial begins from here"
DONOR = "another trial may go on from here"
RECENT = "one of the last epochs, to roll back to"
MEDIAN = "the objective's epoch of the winner's repeat that result.checkpoint() reads, the median one"

_OPEN = (Status.RUNNING, Status.PAUSED, Status.INTERRUPTED)
ENSEMBLE_CANDIDATES = 8
RECENT_EPOCHS = 20  # that a model which a person babysits can be rolled back to
_SPARE = 2  # times as many as there will be finalists: one of those may still diverge when it is promoted


def most_that_may_win(finalists: int) -> int:
    """Of how many trials that are over a sweep with so many finalists keeps the checkpoints."""
    return _SPARE * max(finalists, 1)


class Retention:
    """Tells the store of checkpoints, report by report, what to keep.

    A trial that may go on keeps its last checkpoint and its objective's. One that is over keeps the latter
    as long as it is among the best; a repeat of a finalist always does.

    Args:
        store: Where the checkpoints are.
        mode: Whether a smaller or a larger objective is better.
        finalists: How many trials the finals take.
        rule: How a trial's epochs make its objective.
        candidates: How many of the best trials are kept for an ensemble, where there are no finals.
        recent: How many of each trial's last checkpoints are kept, to roll back to.
        wanted: Of which of a trial's epochs the checkpoints are kept, since other trials may begin from them,
            where that changes; None where all that others began from are kept to the end.
    """

    def __init__(
        self,
        store: Checkpoints,
        mode: Mode,
        finalists: int,
        rule: ObjectiveRule | None = None,
        candidates: int = 0,
        recent: int = 0,
        wanted: Callable[[int], Collection[int]] | None = None,
    ) -> None:
        self._store, self._mode, self._rule = store, mode, rule or ObjectiveRule()
        self._candidates = 0 if finalists else candidates
        self._most = max(most_that_may_win(finalists), self._candidates)
        self._best: list[tuple[tuple[bool, float], int]] = []  # of the trials that are over, best first
        self._recent, self._wanted = recent, wanted
        self._held: dict[int, dict[int, str]] = {}  # by trial and epoch, whatever becomes of the trial

    def hold(self, trial: int, epoch: int, why: str) -> None:
        """Keep a checkpoint to the end, if there is one."""
        self._held.setdefault(trial, {})[epoch] = why

    def hold_parent(self, job: Job) -> None:
        """A trial begins from another one's checkpoint, which is kept, unless it is known until when."""
        if job.parent is not None and self._wanted is None:
            self.hold(*job.parent, PARENT)

    def let_go(self, row: TrialRow) -> None:
        """Another trial goes on in place of this one: of its checkpoints stays what may win, or is wanted."""
        reasons = self._reasons(row, []) if row.status is Status.STOPPED else {}
        self._keep(row.trial, reasons)

    def _keep(self, trial: int, reasons: Mapping[int, str]) -> None:
        self._store.keep(trial, {**self._others(trial), **reasons})

    def _others(self, trial: int, given: Iterable[int] = ()) -> dict[int, str]:
        """What is kept of a trial whatever becomes of it; given: epochs that may be saved now."""
        if not self._recent and trial not in self._held and self._wanted is None:
            return {}
        wanted = self._wanted(trial) if self._wanted is not None else ()
        epochs = sorted({*self._store.epochs(trial), *given})
        recent = epochs[-self._recent :] if self._recent else []
        return {**dict.fromkeys(recent, RECENT), **dict.fromkeys(wanted, DONOR), **self._held.get(trial, {})}

    def take(self, row: TrialRow, report: Report) -> None:
        """A job has ended: save what there is a reason for, and let go of what has none any more."""
        given = [checkpoint for checkpoint in (report.checkpoint, report.best) if checkpoint is not None]
        reasons = self._reasons(row, given)
        reasons = {**self._others(row.trial, [checkpoint.epoch for checkpoint in given]), **reasons}
        for checkpoint in given:
            if checkpoint.epoch in reasons:
                self._store.save(row.trial, checkpoint, reasons[checkpoint.epoch])
        self._store.keep(row.trial, reasons)

    def resume(self, rows: Mapping[int, TrialRow]) -> None:
        """Go on from the checkpoints that another process left: those that no event speaks of are removed."""
        for row in rows.values():
            if row.parent is not None and self._wanted is None:
                self.hold(row.parent, row.parent_epoch or 0, PARENT)
            if row.status not in _OPEN:
                self._may_win(row)
        best = {trial for _, trial in self._best}
        for trial in self._store.trials:
            known = rows.get(trial)
            self._keep(trial, {} if known is None else self._resumed(known, trial in best))

    def _resumed(self, row: TrialRow, is_among_best: bool) -> dict[int, str]:
        reasons: dict[int, str] = {}
        reached = [epoch for epoch in self._store.epochs(row.trial) if epoch <= row.epochs]
        if reached and row.status in _OPEN:
            reasons[max(reached)] = MAY_GO_ON
        if row.best_epoch is not None and (is_among_best or row.status in _OPEN or row.repeats is not None):
            reasons[row.best_epoch] = BEST_EPOCH
        return reasons

    def finish(self, rows: Iterable[TrialRow], best: TrialRow | None) -> None:
        """The sweep is over, its rows final: keep the finalists', and what an interrupted sweep may need."""
        rows = list(rows)
        finalists = {row.repeats for row in rows if row.repeats is not None}
        candidates = self._of_an_ensemble(rows) if self._candidates and not finalists else set()
        for row in rows if self._store.any else ():
            why = CANDIDATE if row.trial in candidates else None
            why = BEST if best is not None and row.trial == best.trial else why
            why = FINALIST if row.trial in finalists else REPEAT if row.repeats is not None else why
            reasons = self._to_go_on(row, [])
            if why is not None and row.best_epoch is not None:
                reasons[row.best_epoch] = why
            self._keep(row.trial, reasons)

    def _of_an_ensemble(self, rows: Iterable[TrialRow]) -> set[int]:
        able = [
            (standing(row.objective, row.status is Status.COMPLETED, self._rule, self._mode), row.trial)
            for row in rows
            if row.objective is not None and row.best_epoch in self._store.epochs(row.trial)
        ]
        return {trial for _, trial in sorted(able)[: self._candidates]}

    def crown(self, row: TrialRow) -> None:
        """Name the checkpoint of the model to take, and keep no other of its trial.

        row: of the winner's repeat that stands for its mean, or of the winner itself where it has none.
        """
        if row.best_epoch is not None:
            self._keep(row.trial, {row.best_epoch: WINNER if row.repeats is None else MEDIAN})

    def _reasons(self, row: TrialRow, given: list[Checkpoint]) -> dict[int, str]:
        reasons = self._to_go_on(row, given)
        if row.best_epoch is not None and self._may_win(row):
            reasons[row.best_epoch] = BEST_EPOCH
        return reasons

    def _to_go_on(self, row: TrialRow, given: list[Checkpoint]) -> dict[int, str]:
        epochs = self._store.epochs(row.trial) | {checkpoint.epoch for checkpoint in given}
        return {max(epochs): MAY_GO_ON} if epochs and row.status in _OPEN else {}

    def _may_win(self, row: TrialRow) -> bool:
        if row.objective is None or row.status is Status.MEASURED:
            return False
        if row.status in _OPEN or row.repeats is not None:
            return True
        complete = row.status is Status.COMPLETED
        insort(self._best, (standing(row.objective, complete, self._rule, self._mode), row.trial))
        dropped = [trial for _, trial in self._best[self._most :]]
        del self._best[self._most :]
        for trial in dropped:
            self._keep(trial, {})
        return row.trial not in dropped
