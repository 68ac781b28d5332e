"""What a nudge comes to, by how the branches stand: who goes on with which config from which checkpoint."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sweeps.errors import BadInput
from sweeps.nudges import FORK, GO_ON, KEEP, PAUSE, ROLL_BACK, SET, Asked, Nudge
from sweeps.nudging.values import Rules, changed
from sweeps.schedulers.panda import Branch, PandaScheduler
from sweeps.space import Config
from sweeps.store import Checkpoints
from sweeps.sweep.ledger import Ledger
from sweeps.trial import Status

_OPTIONS = {FORK: "--from", ROLL_BACK: "--rollback"}


@dataclass
class Deciding:
    """Makes a nudge of what a person asks.

    Args:
        scheduler: Whose branches they are of.
        ledger: Knows what each checkpoint was trained with.
        checkpoints: Those there are.
        rules: What may be changed.
    """

    scheduler: PandaScheduler
    ledger: Ledger
    checkpoints: Checkpoints
    rules: Rules

    def decided(self, asked: Asked) -> Nudge:
        """What is asked, with all that it depends on now. Raises `BadInput` where it cannot be."""
        nudge = Nudge(asked.what, author=asked.author, reason=asked.reason, name=asked.name)
        if asked.what in (PAUSE, GO_ON) and asked.branch is None:
            return nudge
        branch = self.scheduler.branches[self._branch(asked)]
        nudge = replace(nudge, branch=branch.trial)
        if asked.what in (PAUSE, GO_ON, KEEP):
            return nudge
        if asked.what == SET and not branch.live:
            fix = "roll it back, or fork it: --fork, with --from EPOCH"
            raise BadInput("--branch", branch.trial, "is over", fix)
        if asked.what == SET or (asked.what == FORK and asked.epoch is None and not branch.lost):
            self._check_left(self.scheduler.next_stop(branch))
            config = changed(asked.values, branch.config, branch.trained, self.rules)
            if asked.what == FORK:
                _check_differs(config, [branch.config])
            return replace(nudge, config=config)
        nudge = self.at_checkpoint(nudge, asked.epoch)
        config = changed(asked.values, nudge.before, nudge.before, self.rules)
        if asked.what == FORK and not branch.lost:
            later = range((nudge.epoch or 0) + 1, branch.reached + 1)
            _check_differs(config, [branch.config, *(self._config_at(branch, epoch) for epoch in later)])
        return replace(nudge, config=config)

    def at_checkpoint(self, nudge: Nudge, epoch: int | None = None) -> Nudge:
        """The nudge of a branch as one that goes on from its checkpoint of an epoch; by default the last, or,
        where the branch diverged, the last before.

        Raises:
            BadInput: There is none, or nothing would be trained from there.
        """
        branch = self.scheduler.branches[nudge.branch or 0]
        held = self.held(branch)
        epoch = max(each for each in held if each < self._diverged(branch)) if epoch is None else epoch
        if epoch not in held:
            place, rule = _OPTIONS[nudge.what], f"is an epoch without a checkpoint of branch {branch.trial}"
            raise BadInput(place, epoch, rule, f"there are checkpoints of {_numbers(held)}")
        self._check_left(epoch)
        of = held[epoch]
        return replace(nudge, epoch=epoch, of=of, before=self.ledger.config_at(of, epoch))

    def held(self, branch: Branch) -> dict[int, int]:
        """The epochs that a branch can go on from, each with the trial that has the checkpoint.

        Of one that has not begun, those of the branch that it begins from; where that is none, raises
        `BadInput`.
        """
        if branch.trial in self.ledger.rows:
            return lineage(self.ledger, self.checkpoints, branch.trial)
        if branch.parent is None:
            raise BadInput("--branch", branch.trial, "has not begun", "wait for its first epoch")
        trial, most = branch.parent
        found = lineage(self.ledger, self.checkpoints, trial)
        return {epoch: of for epoch, of in found.items() if epoch <= most}

    def _config_at(self, branch: Branch, epoch: int) -> Config:
        """What the branch, or one that it began from, trained an epoch with."""
        if branch.trial in self.ledger.rows:
            return self.ledger.config_at(branch.trial, epoch)
        return branch.trained

    def _diverged(self, branch: Branch) -> float:
        """The epoch in which a branch diverged, whose checkpoint is no good; infinity where it did not."""
        row = self.ledger.rows.get(branch.trial)
        return row.epochs if row is not None and row.status == Status.INFEASIBLE else math.inf

    def _check_left(self, epoch: int) -> None:
        """Raise `BadInput` where a branch that begins at this epoch would have nothing to train."""
        if epoch >= self.scheduler.epochs:
            fix = "give an epoch before it with --from, or train longer: caviar resume DIR --set epochs=…"
            raise BadInput("epoch", epoch, "is the last: nothing would be trained from there", fix)

    def _branch(self, asked: Asked) -> int:
        branches = self.scheduler.branches
        if asked.branch is None:
            rest = [each.trial for each in branches if each.live] or [
                each.trial for each in branches if not each.left
            ]
            if len(rest) == 1:
                return rest[0]
            raise BadInput("--branch", None, "is missing", f"say which: --branch {_either(rest)}")
        if not 0 <= asked.branch < len(branches):
            fix = f"choose one of {_numbers(each.trial for each in branches)}"
            raise BadInput("--branch", asked.branch, "is no branch", fix)
        return asked.branch


def _check_differs(config: Config, others: Iterable[Config]) -> None:
    """Raise `BadInput` where a fork would train what its branch has trained, or trains, all along."""
    if all(config == other for other in others):
        rule = "changes nothing: both branches would be equal"
        raise BadInput("--fork", None, rule, "give a value that it does not have: --fork learning_rate=/3")


def lineage(ledger: Ledger, store: Checkpoints, trial: int) -> dict[int, int]:
    """The epochs that a branch has checkpoints of, those of its parents before it began among them, each with
    the trial that has it; epoch 0, from which anything may begin, too."""
    found: dict[int, int] = {}
    most: float = float("inf")
    while True:
        row = ledger.rows.get(trial)
        found |= {epoch: trial for epoch in store.epochs(trial) if epoch <= most and epoch not in found}
        if row is None or row.parent is None:
            return {0: trial} | found
        trial, most = row.parent, min(most, row.parent_epoch or 0)


def _either(numbers: Iterable[int]) -> str:
    return " or ".join(map(str, sorted(numbers)))


def _numbers(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))
