"""Asynchronous successive halving: random draws, most of them trained shortly, the best up to the end."""

from __future__ import annotations

from collections.abc import Sequence

from sweeps.errors import BadInput
from sweeps.sampling import RandomSampler
from sweeps.scheduler.climb import Climb
from sweeps.scheduler.reasons import whole_space
from sweeps.scheduler.rungs import Ladder, rung_epochs
from sweeps.scheduler.scheduler import Round, check_limits
from sweeps.space import Space
from sweeps.trial import Job, Mode


class Asha(Climb):
    """Li et al. (2020), "A System for Massively Parallel Hyperparameter Tuning", algorithm 2.

    space: what to search. trials: how many to draw, uniformly in each hyperparameter's scale.
    epochs: how long the best train. mode: whether a smaller or a larger objective is better.
    factor: η, a whole number from 2 on; a rung passes on the best 1/factor of all that have arrived there.
    min_epochs: r, the least a trial is trained for. The rungs lie at epochs, epochs/factor, epochs/factor²,
        …, rounded, as far as that is min_epochs at least: the paper counts from below and needs epochs to be
        min_epochs times a power of factor.

    No config is drawn twice from a space that has no continuous range; it may have fewer than `trials`.

    The paper goes on for ever; here the sweep ends once all trials have begun and nobody may climb. Once a
    rung expects nobody any more, its best may climb even where 1/factor of the arrivals is less than one
    trial; so one trial at least reaches the last epoch, if any can. Raises `BadInput`.
    """

    def __init__(
        self,
        space: Space,
        *,
        trials: int,
        epochs: int,
        mode: Mode = "min",
        seed: int = 0,
        factor: int = 4,
        min_epochs: int = 1,
    ) -> None:
        check_limits(trials, epochs, mode)
        _check_rungs(factor, min_epochs, epochs)
        # As many rungs as there can be, were the factor 2; those below one epoch fall away.
        levels = rung_epochs(epochs, factor, count=epochs.bit_length())
        levels = tuple(level for level in levels if level >= min_epochs)
        super().__init__(space, levels, trials=trials, epochs=epochs, mode=mode, seed=seed)
        self._ladder = Ladder(levels, factor)
        self._sampler = RandomSampler(len(space.searched), seed)
        self._rounds = (Round(0, whole_space(space, "the whole range: successive halving of random draws")),)

    @property
    def rounds(self) -> Sequence[Round]:
        return self._rounds

    @property
    def finished(self) -> bool:
        return self._all_begun and not self._running and self._climber() is None

    def _next_job(self) -> Job | None:
        """Who may climb goes first; else a new trial begins."""
        climber = self._climber()
        if climber is not None:
            trial, level = climber
            self._ladder.leave(trial, level - 1)
            return self._job(trial, level)
        return None if self._all_begun else self._begin(self._untried.draw(self._sampler), 0)

    def _arrive(self, trial: int, level: int, ended: bool) -> None:
        self._ladder.arrive(trial, level, self._losses[trial])
        if ended:
            self._ladder.leave(trial, level)

    def _climber(self) -> tuple[int, int] | None:
        return self._ladder.climber(self._all_begun, self._running.values())


def _check_rungs(factor: int, min_epochs: int, epochs: int) -> None:
    if isinstance(factor, bool) or not isinstance(factor, int) or factor < 2:
        raise BadInput("factor", factor, "must be a whole number from 2 on", "4 is a good start")
    if isinstance(min_epochs, bool) or not isinstance(min_epochs, int) or not 1 <= min_epochs <= epochs:
        raise BadInput("min_epochs", min_epochs, f"must be a whole number from 1 to epochs = {epochs}")
