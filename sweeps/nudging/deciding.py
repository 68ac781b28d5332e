"""What a nudge comes to, by how the branches stand: who goes on with which config from which checkpoint."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sweeps.errors import BadInput
from sweeps.nudges import FORK, GO_ON, KEEP, PAUSE, SET, Asked, Nudge
from sweeps.nudging.values import Rules, changed
from sweeps.schedulers import PandaScheduler
from sweeps.store import Checkpoints
from sweeps.sweep.ledger import Ledger


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
            self._check_left(branch.reached if asked.what == FORK else 0)
            config = changed(asked.values, branch.config, branch.trained, self.rules)
            return replace(nudge, config=config)
        of, epoch = self._checkpoint(branch.trial, asked.epoch)
        self._check_left(epoch)
        before = self.ledger.config_at(of, epoch)
        config = changed(asked.values, before, before, self.rules)
        return replace(nudge, epoch=epoch, of=of, config=config, before=before)

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
            raise BadInput("--branch", None, "is missing", f"there are several: {_numbers(rest)}")
        if not 0 <= asked.branch < len(branches):
            fix = f"choose one of {_numbers(each.trial for each in branches)}"
            raise BadInput("--branch", asked.branch, "is no branch", fix)
        return asked.branch

    def _checkpoint(self, trial: int, epoch: int | None) -> tuple[int, int]:
        """The trial that has the checkpoint of a branch's epoch, and the epoch; the last by default."""
        held = lineage(self.ledger, self.checkpoints, trial)
        if epoch is None:
            epoch = max(held)
        if epoch not in held:
            fix = f"there are checkpoints of {_numbers(held)}"
            raise BadInput("--rollback", epoch, f"is an epoch without a checkpoint of branch {trial}", fix)
        return held[epoch], epoch


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


def _numbers(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))
