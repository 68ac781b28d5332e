"""Asynchronous successive halving: random draws, most of them trained shortly, the best up to the end."""

from __future__ import annotations

from collections.abc import Sequence

from sweeps.errors import BadInput
from sweeps.observation import Observation, with_known
from sweeps.schedulers.baselines.promotion import Promotions
from sweeps.schedulers.protocol import check_limits, whole_space
from sweeps.schedulers.record import INFEASIBLE, Arrival, TrialRecord
from sweeps.schedulers.rungs import rung_epochs
from sweeps.schedulers.sampling import RandomSampler
from sweeps.space import Space
from sweeps.trial import Job, Mode, Outcome, Report, Round

_ORIGIN = "the whole range: successive halving of random draws"


class Asha:
    """Li et al. (2020), "A System for Massively Parallel Hyperparameter Tuning", algorithm 2.

    The paper goes on for ever; here the sweep ends once all trials have begun and none may be promoted. Once
    a rung expects no more arrivals, its best may be promoted even where 1/factor of the arrivals is less
    than one trial; so one trial at least reaches the last epoch, if any can.

    Args:
        space: What to search.
        trials: How many configs to draw, uniformly in each hyperparameter's scale; none is drawn twice from a
            space without continuous ranges, which may have fewer.
        epochs: How long the best train.
        mode: Whether a smaller ("min") or a larger ("max") objective is better.
        seed: Of the draws, and of the training.
        factor: η, a whole number from 2 on; a rung passes on the best 1/factor of all that have arrived
            there.
        min_epochs: r, the least a trial is trained for. The rungs lie at epochs, epochs/factor,
            epochs/factor², …, rounded, as far as that is min_epochs at least: the paper counts from below and
            needs epochs to be min_epochs times a power of factor.

    Raises:
        BadInput: On limits that no sweep can have, and on rungs that there cannot be.

    Examples:
        >>> space = Space({"learning_rate": {"log": [1e-4, 1e-1]}})
        >>> Asha(space, trials=64, epochs=27, factor=3).ask(1)[0].stop
        1
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
        self.space, self.trials, self.epochs, self.mode, self.seed = space, trials, epochs, mode, seed
        # As many rungs as there can be, were the factor 2; those below one epoch fall away.
        levels = rung_epochs(epochs, factor, count=epochs.bit_length())
        levels = tuple(level for level in levels if level >= min_epochs)
        self._record = TrialRecord(space, levels, trials=trials, mode=mode, seed=seed)
        self._promotions = Promotions(levels, factor)
        self._sampler = RandomSampler(len(space.searched), seed)
        self._rounds = (Round(0, whole_space(space, _ORIGIN)),)

    def ask(self, capacity: int) -> list[Job]:
        jobs: list[Job] = []
        while len(jobs) < capacity and (job := self._next_job()) is not None:
            jobs.append(job)
        return jobs

    def tell(self, report: Report) -> None:
        arrival = self._record.take(report)
        if arrival is None:
            return
        self._promotions.arrive(arrival.trial, arrival.level, arrival.loss)
        if arrival.ended:
            self._end(arrival)

    def observe(self, observations: Sequence[Observation], rounds: int = 0) -> None:
        """Those inside the space have arrived at every rung that they have passed.

        Where it is not known how they stood at a rung, they are compared there as they stand now. Trials that
        have come to no rung yet are trained to the lowest before new ones begin.
        """
        for seen in observations:
            arrivals = self._record.observe(seen)
            self._arrive(arrivals)
            if arrivals and seen.outcome is Outcome.ENDED:
                self._end(arrivals[-1])
            elif arrivals and (arrivals[-1].ended or not seen.waits):
                self._promotions.leave(seen.trial, arrivals[-1].level)
        reason = with_known(_ORIGIN, len(observations))
        self._rounds = (Round(rounds, whole_space(self.space, reason)),)

    @property
    def finished(self) -> bool:
        none_begin = not self._record.to_begin and not self._record.waiting
        return none_begin and not self._record.running and self._promotable() is None

    @property
    def rounds(self) -> Sequence[Round]:
        return self._rounds

    def _end(self, arrival: Arrival) -> None:
        """The trial has ended by itself, or cannot go on."""
        self._promotions.leave(arrival.trial, arrival.level)
        self._promotions.any_completed |= arrival.loss < INFEASIBLE

    def _arrive(self, arrivals: Sequence[Arrival]) -> None:
        """All arrivals of one trial, and those at the rungs between; it is promoted from all but the last."""
        passed = 0
        for arrival in arrivals:
            for level in range(passed, arrival.level + 1):
                self._promotions.arrive(arrival.trial, level, arrival.loss)
            for level in range(max(passed - 1, 0), arrival.level):
                self._promotions.leave(arrival.trial, level)
            passed = arrival.level + 1

    def _next_job(self) -> Job | None:
        """What waits below the lowest rung goes first, then a promotion; else a new trial begins."""
        if self._record.waiting:
            return self._record.go_on(self._record.waiting.popleft(), 0)
        promoted = self._promotable()
        if promoted is not None:
            trial, level = promoted
            self._promotions.leave(trial, level - 1)
            return self._record.go_on(trial, level)
        if not self._record.to_begin:
            return None
        point = self._record.untried.draw(self._sampler, len(self._record))
        return self._record.begin(self.space, point, self._rounds[0].index)

    def _promotable(self) -> tuple[int, int] | None:
        all_asked = not self._record.to_begin and not self._record.waiting
        return self._promotions.next(all_asked, self._record.pending.values())


def _check_rungs(factor: int, min_epochs: int, epochs: int) -> None:
    if isinstance(factor, bool) or not isinstance(factor, int) or factor < 2:
        raise BadInput("factor", factor, "must be a whole number from 2 on", "4 is a good start")
    if isinstance(min_epochs, bool) or not isinstance(min_epochs, int) or not 1 <= min_epochs <= epochs:
        raise BadInput("min_epochs", min_epochs, f"must be a whole number from 1 to epochs = {epochs}")
