"""Does an earlier sweep's winner still win on other data? Cheap where it does, certain before it says no.

First the earlier best and some new configs are trained up to a low rung: the new ones are steps from the
earlier winner (see `probes`). Then the best go on from rung to rung, as in successive halving (Jamieson and
Talwalkar, 2016), the earlier winner always among them. Who is clearly ahead of it at the end is a suspect,
and is raced against it on seeds that nobody was chosen by (see `race`). Where nothing has changed, there is
mostly none, and all has cost less than a fifth of a sweep.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sweeps.observation import Observation
from sweeps.schedulers.protocol import check_limits, whole_space
from sweeps.schedulers.retune.growth import Growth
from sweeps.schedulers.retune.probes import combined, probes
from sweeps.schedulers.retune.race import Lead, lead_of
from sweeps.schedulers.retune.sizes import retune_levels, upper_counts
from sweeps.schedulers.wrappers.finals import fresh_seeds
from sweeps.space import Config, Space
from sweeps.spec.retuning import Retuning
from sweeps.trial import Job, Mode, Outcome, Report, Round

WINNER = 0  # the trial that has the earlier winner's config
SUSPECT = 2.0  # a rival ahead by so many deviations of a difference is raced


@dataclass(slots=True)
class _Trial:
    """A trial as it stands. over: it can or must not go on."""

    config: Config
    round: int
    epochs: int = 0
    loss: float = math.inf
    over: bool = False


class Retune:
    """Asks for probes, then halves them, then races the suspects. The earlier winner is observed first.

    Args:
        space: Of the sweep.
        trials: How many configs, the earlier best among them.
        epochs: How long the best are trained.
        mode: Whether a smaller or a larger objective is better.
        seed: The sweep's; those of the race follow from it.
        rule: How many of the observed configs are the earlier best, and what the check may cost.
    """

    def __init__(
        self, space: Space, *, trials: int, epochs: int, mode: Mode, seed: int, rule: Retuning
    ) -> None:
        check_limits(trials, epochs, mode)
        self.space, self.trials, self.epochs, self.mode, self.seed = space, trials, epochs, mode, seed
        self._rule, self._levels = rule, retune_levels(epochs)
        self._counts = upper_counts(rule.epochs, self._levels)
        self._growth = Growth(rule.growth)
        self._trials: dict[int, _Trial] = {}
        self._running: dict[int, Job] = {}
        self._waiting: deque[Job] = deque()
        self._rounds: list[Round] = []
        self._first_round = 0
        self._level = -1  # that trials are on their way to
        self._seeds = fresh_seeds(seed, rule.seeds)
        self._losses: dict[int, dict[int, float]] = {}  # of repeats, by trial and seed
        self._paid = 0
        self._rivals: list[int] | None = None  # once they are known
        self._suspected = False  # whether they are clearly ahead

    def ask(self, capacity: int) -> list[Job]:
        self._go_on()
        jobs = [self._waiting.popleft() for _ in range(min(capacity, len(self._waiting)))]
        for job in jobs:
            self._running[job.trial] = job
            self._paid += job.stop - job.start
        return jobs

    def tell(self, report: Report) -> None:
        job = self._running.pop(report.trial)
        if job.repeats is not None:
            self._losses.setdefault(job.repeats, {})[job.seed] = self._loss(report, math.inf)
            return
        trial = self._trials[report.trial]
        trial.loss, trial.epochs = self._loss(report, trial.loss), report.epochs
        trial.over = report.outcome is not Outcome.DONE or trial.loss == math.inf

    def observe(self, observations: Sequence[Observation], rounds: int = 0) -> None:
        """The earlier best wait to be trained. Where some were trained before, the check begins anew with
        what is known of them."""
        self._first_round = rounds
        for seen in observations:
            loss = self._signed(seen.result)
            over = not (seen.waits or seen.running) or (loss == math.inf and seen.epochs > 0)
            self._trials[seen.trial] = _Trial(seen.config, seen.round, seen.epochs, loss, over)
            if seen.running:
                stop = seen.stop or self._levels[0]
                self._running[seen.trial] = Job(seen.trial, seen.config, stop, seen.epochs, seen.round)

    @property
    def finished(self) -> bool:
        self._go_on()
        return not self._waiting and not self._running

    @property
    def rounds(self) -> Sequence[Round]:
        return self._rounds

    @property
    def planned_epochs(self) -> float:
        """What the check is to cost; a race may cost more."""
        return float(self._rule.epochs)

    @property
    def lead(self) -> Lead | None:
        """Of the rival that is ahead of the winner, once one is."""
        return next((lead for _, lead in self._leads() if lead.standing == "ahead"), None)

    def _go_on(self) -> None:
        """Decide what comes next, where all that was asked for is in."""
        while not self._waiting and not self._running:
            if self._level < len(self._levels) - 1:
                self._level += 1
                self._waiting.extend(self._promotions() if self._level else self._first())
                continue
            if self._rivals is None:
                self._rivals = self._suspects()
            self._waiting.extend(self._repeats())
            return

    def _first(self) -> Iterator[Job]:
        """The earlier best, and new configs, up to the lowest level."""
        reason = f"steps from the earlier winner, beside {self._rule.elites} of the earlier best"
        self._rounds.append(Round(self._first_round, whole_space(self.space, reason)))
        known = [each.config for each in self._trials.values()]
        count = max(self.trials - len(known) - 1, 0)  # one is for good moves together
        for config in probes(self.space, known[WINNER], count, self.seed, known) if known else ():
            self._begin(config)
        stop = self._levels[0]
        for trial, each in self._trials.items():
            if not each.over and each.epochs < stop:
                yield Job(trial, each.config, stop, each.epochs, each.round, self.seed)

    def _begin(self, config: Config) -> int:
        trial = len(self._trials)
        self._trials[trial] = _Trial(config, self._first_round)
        return trial

    def _together(self) -> Iterator[int]:
        """A new trial with all steps that have gained."""
        winner = self._trials[WINNER]
        if winner.loss == math.inf or len(self._trials) >= self.trials:
            return
        new = [each for trial, each in self._trials.items() if trial >= self._rule.elites]
        gains = [(self._expected(winner) - self._expected(each), each.config) for each in new]
        config = combined(self.space, winner.config, gains)
        if config is not None and all(config != each.config for each in self._trials.values()):
            yield self._begin(config)

    def _promotions(self) -> Iterator[Job]:
        """The winner and the best of the others, up to the next level; the best new config and the best of
        the earlier ones are among them, whatever the rest."""
        count, stop = self._counts[self._level - 1], self._levels[self._level]
        together = list(self._together()) if self._level == 1 else []
        for trial in [*self._chosen(count - len(together)), *together]:
            known = self._trials[trial]
            if not known.over and known.epochs < stop:
                yield Job(trial, known.config, stop, known.epochs, known.round, self.seed)

    def _chosen(self, count: int) -> list[int]:
        ranked = [trial for trial in self._ranked() if trial != WINNER]
        chosen = ranked[: count - 1]
        old = [trial < self._rule.elites for trial in chosen]
        if len(chosen) > 1 and all(is_old == old[0] for is_old in old):
            others = [trial for trial in ranked if (trial < self._rule.elites) != old[0]]
            chosen[-1:] = others[:1] or chosen[-1:]
        return [*([] if self._trials[WINNER].loss == math.inf else [WINNER]), *chosen]

    def _ranked(self) -> list[int]:
        """Those at the last level, or that ended by themselves, and have a loss; the best first."""
        reached = self._levels[self._level - 1]
        able = [
            (self._expected(each), trial)
            for trial, each in self._trials.items()
            if each.loss < math.inf and (each.over or each.epochs >= reached)
        ]
        return [trial for _, trial in sorted(able)]

    def _expected(self, trial: _Trial) -> float:
        """What its loss is expected to come to."""
        if trial.over:
            return trial.loss
        level = max(bisect_right(self._levels, trial.epochs) - 1, 0)
        return self._growth.expected(trial.loss, self.space.point(trial.config), level)

    def _suspects(self) -> list[int]:
        """The complete ones that are clearly ahead of the winner; where none is, the best of the others,
        which is raced as far as the budget goes."""
        top = self._levels[-1]
        complete = [
            (each.loss, trial)
            for trial, each in self._trials.items()
            if trial != WINNER and each.loss < math.inf and (each.over or each.epochs >= top)
        ]
        ranked = sorted(complete)
        suspects = [trial for loss, trial in ranked if self._is_suspect(loss)]
        self._suspected = bool(suspects)
        return suspects or [trial for _, trial in ranked[:1]]

    def _is_suspect(self, loss: float) -> bool:
        least = max(SUSPECT * math.sqrt(2) * self._rule.noise, self._rule.spread)
        return self._trials[WINNER].loss - loss > least

    def _repeats(self) -> Iterator[Job]:
        """The winner and those still in the race on the next seed; none where the race is over."""
        leads = self._leads()
        racing = [trial for trial, lead in leads if lead.standing == "open"]
        pairs = max((lead.pairs for _, lead in leads), default=0)
        decided = any(lead.standing == "ahead" for _, lead in leads)
        if decided or not racing or pairs >= len(self._seeds):
            return
        if not self._suspected and self._paid + 2 * self.epochs > self._rule.epochs:
            return
        number, seed = len(self._trials) + sum(map(len, self._losses.values())), self._seeds[pairs]
        for place, trial in enumerate([WINNER, *racing]):
            of = self._trials[trial]
            yield Job(number + place, of.config, self.epochs, round=of.round, seed=seed, repeats=trial)

    def _leads(self) -> list[tuple[int, Lead]]:
        rivals = self._rivals or []
        winner = self._losses.get(WINNER, {})
        return [
            (
                rival,
                lead_of(
                    winner,
                    self._losses.get(rival, {}),
                    seeds=len(self._seeds),
                    rivals=len(rivals),
                    spread=self._rule.spread,
                ),
            )
            for rival in rivals
        ]

    def _loss(self, report: Report, otherwise: float) -> float:
        if report.outcome.lost:
            return math.inf
        return otherwise if report.objective is None else self._signed(report.objective)

    def _signed(self, objective: float | None) -> float:
        if objective is None or not math.isfinite(objective):
            return math.inf
        return objective if self.mode == "min" else -objective
