"""Does an earlier sweep's winner still win on other data? Cheap where it does, certain before it says no.

First the earlier best and some new configs are trained up to a low rung: the new ones are where coarse to
fine, which has been told of all others, expects most. Then the best go on from rung to rung, as in
successive halving (Jamieson and Talwalkar, 2016), the earlier winner always among them. Who is clearly ahead
of it at the end is a suspect, and is raced against it on seeds that nobody was chosen by (see `race`). Most
often there is none, and all has cost a fifth of a sweep.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sweeps.observation import Observation
from sweeps.schedulers.coarse_to_fine import CoarseToFine, CoarseToFineSettings
from sweeps.schedulers.protocol import check_limits
from sweeps.schedulers.retune.race import Lead, lead_of
from sweeps.schedulers.retune.sizes import retune_levels, upper_counts
from sweeps.schedulers.wrappers.finals import fresh_seeds
from sweeps.space import Config, Space
from sweeps.spec.retuning import Retuning
from sweeps.trial import Job, Mode, Outcome, Report, Round

WINNER = 0  # the trial that has the earlier winner's config
_FILL = 4  # new configs that fill the space before the model has a say
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
        settings = CoarseToFineSettings(rungs=1, first_round=rule.elites + _FILL)
        self._probe = CoarseToFine(
            space, trials=trials, epochs=self._levels[0], mode=mode, seed=seed, settings=settings
        )
        self._trials: dict[int, _Trial] = {}
        self._running: dict[int, Job] = {}
        self._waiting: deque[Job] = deque()
        self._level = 0  # that trials are on their way to
        self._seeds = fresh_seeds(seed, rule.seeds)
        self._losses: dict[int, dict[int, float]] = {}  # of repeats, by trial and seed
        self._paid = 0
        self._rivals: list[int] | None = None  # once they are known

    def ask(self, capacity: int) -> list[Job]:
        if not self._level and not self._probe.finished:
            jobs = self._probe.ask(capacity)
        else:
            self._go_on()
            jobs = [self._waiting.popleft() for _ in range(min(capacity, len(self._waiting)))]
        for job in jobs:
            self._running[job.trial] = job
            self._paid += job.stop - job.start
            if job.repeats is None:
                self._trials.setdefault(job.trial, _Trial(job.config, job.round))
        return jobs

    def tell(self, report: Report) -> None:
        job = self._running.pop(report.trial)
        if job.repeats is not None:
            self._losses.setdefault(job.repeats, {})[job.seed] = self._loss(report, math.inf)
            return
        trial = self._trials[report.trial]
        trial.loss, trial.epochs = self._loss(report, trial.loss), report.epochs
        trial.over = report.outcome is not Outcome.DONE or trial.loss == math.inf
        if not self._level:
            self._probe.tell(report)

    def observe(self, observations: Sequence[Observation], rounds: int = 0) -> None:
        """The earlier best wait to be trained. Where some were trained before, the check begins anew with
        what is known of them."""
        self._probe.observe(observations, rounds)
        for seen in observations:
            loss = self._signed(seen.result)
            over = not (seen.waits or seen.running) or (loss == math.inf and seen.epochs > 0)
            self._trials[seen.trial] = _Trial(seen.config, seen.round, seen.epochs, loss, over)
            if seen.running:
                stop = seen.stop or self._levels[0]
                self._running[seen.trial] = Job(seen.trial, seen.config, stop, seen.epochs, seen.round)

    @property
    def finished(self) -> bool:
        if self._running or not self._probe.finished:
            return False
        self._go_on()
        return not self._waiting

    @property
    def rounds(self) -> Sequence[Round]:
        return self._probe.rounds

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
                self._waiting.extend(self._promotions())
                continue
            if self._rivals is None:
                self._rivals = self._suspects()
            self._waiting.extend(self._repeats())
            return

    def _promotions(self) -> Iterator[Job]:
        """The winner and the best of the others, up to the next level; the best new config and the best of
        the earlier ones are among them, whatever the rest."""
        count, stop = self._counts[self._level - 1], self._levels[self._level]
        for trial in self._chosen(count):
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
            (each.loss, trial)
            for trial, each in self._trials.items()
            if each.loss < math.inf and (each.over or each.epochs >= reached)
        ]
        return [trial for _, trial in sorted(able)]

    def _suspects(self) -> list[int]:
        """The complete ones that are clearly ahead of the winner; where none is, the best of the others, which
        is raced as far as the budget goes."""
        top = self._levels[-1]
        complete = [
            (each.loss, trial)
            for trial, each in self._trials.items()
            if trial != WINNER and each.loss < math.inf and (each.over or each.epochs >= top)
        ]
        ranked = sorted(complete)
        self._for_sure = [trial for loss, trial in ranked if self._is_suspect(loss)]
        return self._for_sure or [trial for _, trial in ranked[:1]]

    def _is_suspect(self, loss: float) -> bool:
        return self._trials[WINNER].loss - loss > SUSPECT * math.sqrt(2) * self._rule.noise

    def _repeats(self) -> Iterator[Job]:
        """The winner and those still in the race on the next seed; none where the race is over."""
        leads = self._leads()
        racing = [trial for trial, lead in leads if lead.standing == "open"]
        pairs = max((lead.pairs for _, lead in leads), default=0)
        decided = any(lead.standing == "ahead" for _, lead in leads)
        if decided or not racing or pairs >= len(self._seeds):
            return
        if not self._for_sure and self._paid + 2 * self.epochs > self._rule.epochs:
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
                lead_of(winner, self._losses.get(rival, {}), seeds=len(self._seeds), rivals=len(rivals)),
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
