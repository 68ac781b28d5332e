"""Population based training: exploit and explore between epochs, without a barrier."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sweeps.observation import Observation, with_known
from sweeps.schedulers.population.explore import Allowed, Explorer
from sweeps.schedulers.population.members import Member, lineages, observed_member, reason_of
from sweeps.schedulers.population.settings import PBT, PopulationSettings
from sweeps.schedulers.population.standings import Standing, Standings, loss_of, share_of
from sweeps.schedulers.protocol import check_limits, whole_space
from sweeps.schedulers.sampling import Draws, RandomSampler
from sweeps.schedulers.untried import Untried
from sweeps.space import Config, Space
from sweeps.trial import Change, Job, Mode, Outcome, Report, Round

_ORIGIN = "the whole range: a population of random draws"
_DRAWS = 2  # tells its draws from those of the first configs
_PATIENCE = 3  # times in a row that a member is replaced before it is given up


class PopulationTraining:
    """Jaderberg et al. (2017), "Population Based Training of Neural Networks".

    A population trains side by side. Each time a member is ready, and is among the worst quarter, it goes on
    from the checkpoint of one of the best quarter (exploit), with hyperparameters near that one's (explore).
    It does so as a new trial, whose parent the other one is, since a trial's epochs never go back; its old
    trial ends there. So there are more trials than members.

    Members are compared as they stood at the same epoch, and it is decided only when a worker is free for
    one: whoever has the fewest epochs goes first, so that nearly all have come there by then, and yet nobody
    waits. One that diverges or fails is replaced in the same way.

    Args:
        space: What to search.
        trials: How many members there are; fewer where the space has fewer configs.
        epochs: How long each member trains, whatever trials it has been.
        mode: Whether a smaller ("min") or a larger ("max") objective is better.
        seed: Of all draws, and of the training.
        settings: When members are ready, and how far they explore.
        allowed: Whether what was trained with one config may go on with another; by default always.

    Raises:
        BadInput: On limits that no sweep can have.

    Examples:
        >>> from sweeps.trial import Report
        >>> space = Space({"learning_rate": {"log": [1e-4, 1e-1]}})
        >>> pbt = PopulationTraining(space, trials=4, epochs=4, settings=PopulationSettings(ready=2))
        >>> for job in pbt.ask(4):
        ...     pbt.tell(Report(job.trial, job.stop, objective=float(job.trial)))
        >>> [(job.trial, job.parent, job.start, job.stop) for job in pbt.ask(4)]
        [(0, None, 2, 4), (1, None, 2, 4), (2, None, 2, 4), (4, (0, 2), 2, 4)]
    """

    def __init__(
        self,
        space: Space,
        *,
        trials: int,
        epochs: int,
        mode: Mode = "min",
        seed: int = 0,
        settings: PopulationSettings | None = None,
        allowed: Allowed | None = None,
    ) -> None:
        check_limits(trials, epochs, mode)
        self.space, self.trials, self.epochs, self.mode, self.seed = space, trials, epochs, mode, seed
        self.settings = settings or PopulationSettings()
        self._interval = self.settings.interval(epochs)
        self._explorer = Explorer(space, self.settings, allowed)
        self._draws = Draws(seed, _DRAWS)
        self._sampler = RandomSampler(len(space.searched), seed)
        self._untried = Untried(space)
        self._standings = Standings()
        self._members: list[Member] = []
        self._outside: set[int] = set()  # members whose configs are none of the space's
        self._by_trial: dict[int, Member] = {}  # those in training
        self._configs: list[Config] = []  # of all trials that there are
        self._of: dict[int, Member] = {}  # whose trial it is, or was
        self._begun: dict[
            tuple[int, int], list[Config]
        ] = {}  # by checkpoint, with what members went on from it
        self.planned_epochs = float(
            self._untried.fewer(trials) * epochs
        )  # what replaces lost ones comes on top
        self._rounds = (Round(0, whole_space(space, _ORIGIN)),)

    def ask(self, capacity: int) -> list[Job]:
        jobs: list[Job] = []
        while len(jobs) < capacity and (job := self._next_job()) is not None:
            jobs.append(job)
        return jobs

    def tell(self, report: Report) -> None:
        member = self._by_trial.pop(report.trial)
        stop, member.stop = member.stop or report.epochs, None
        if member.number in self._outside or report.outcome is Outcome.STOPPED:
            member.over = True
            return
        if report.outcome.lost:
            self._lose(member, stop)
            return
        value = report.objective if report.recent is None else report.recent
        ended = report.outcome is Outcome.ENDED
        self._standings.add(
            member.number, member.trial, report.epochs, loss_of(value, self.mode), kept=not ended
        )
        member.reached, member.losses, member.decided = report.epochs, 0, False
        member.over = ended or report.epochs >= self.epochs

    def observe(self, observations: Sequence[Observation], rounds: int = 0) -> None:
        """Each observed trial that no other one replaces is a member, and stands where it was left.

        One whose config is none of the space's is trained no more, and another one begins in its place.
        """
        self._configs = [self.space.own(seen.config) or seen.config for seen in observations]
        for seen, config in zip(observations, self._configs, strict=True):
            if seen.parent is not None:
                self._begun.setdefault(seen.parent, []).append(config)
        for trials in lineages(observations):
            member = self._taken_over(trials)
            self._members.append(member)
            self._of |= {seen.trial: member for seen in trials}
            if member.stop is not None:
                self._by_trial[member.trial] = member
        reason = with_known(_ORIGIN, len(observations))
        self._rounds = (Round(rounds, whole_space(self.space, reason)),)

    @property
    def finished(self) -> bool:
        return not self._by_trial and not self._to_begin and self._next_member() is None

    @property
    def rounds(self) -> Sequence[Round]:
        return self._rounds

    def kept(self, trial: int) -> set[int]:
        """The epochs of a trial whose checkpoints a member may still go on from."""
        if trial not in self._of or all(each.over for each in self._members):
            return set()
        return self._standings.kept(self._of[trial].number, trial, self._first)

    @property
    def _first(self) -> int:
        """The fewest epochs of a member that is not over: what lies before them, nobody goes on from."""
        return min((each.reached for each in self._members if not each.over), default=self.epochs)

    @property
    def _to_begin(self) -> bool:
        """Whether more members may begin; there are no more than configs."""
        members = len(self._members) - len(self._outside)
        return self._untried.fewer(self.trials - members) > 0

    def _next_job(self) -> Job | None:
        """Of the member with the fewest epochs: observed ones first, then new ones, then ready ones."""
        member = self._next_member()
        if self._to_begin and (member is None or member.reached or member.lost_at is not None):
            member = self._begin()
        if member is None:
            return None
        change = self._decide(member)
        stop = member.stop = self._next_stop(member.reached)
        self._by_trial[member.trial] = member
        return Job(
            member.trial,
            member.config,
            start=member.reached,
            stop=stop,
            round=member.round,
            seed=member.seed,
            parent=member.parent,
            change=change,
            replaces=member.replaces,
        )

    def _next_member(self) -> Member | None:
        """Of those that wait and can go on, the one with the fewest epochs."""
        able = (each for each in self._members if each.waits and (each.lost_at is None or self._donors(each)))
        return min(able, key=lambda each: (each.reached, each.number), default=None)

    def _donors(self, member: Member) -> list[Standing]:
        """Those of the best whose checkpoint the member is to go on from; none where it is to go on as it is.

        They are at its own epoch; where it was lost, they may be behind the one that it was on its way to.
        """
        if member.lost_at is not None:
            ranked = self._standings.at(member.lost_at)
            best = ranked[: max(share_of(len(ranked), self.settings.share), 1)]
            able = [each for each in best if each.kept and each.epoch >= self._first]
            latest = max((each.epoch for each in able), default=0)
            return [each for each in able if each.epoch == latest]
        own = self._standings.of(member.number, member.reached)
        ranked = self._standings.at(member.reached)
        count = share_of(len(ranked), self.settings.share)
        if own is None or own not in ranked[len(ranked) - count :]:
            return []
        best = [each for each in ranked[:count] if each.loss < own.loss]
        return [each for each in best if each.kept and each.epoch == member.reached]

    def _begin(self) -> Member:
        point = self._untried.draw(self._sampler, len(self._configs))
        config = self.space.config(point)
        self._untried.add(config)
        number = len(self._members)
        member = Member(number, len(self._configs), config, self.seed, self._rounds[0].index)
        self._members.append(member)
        self._note(member)
        return member

    def _note(self, member: Member) -> None:
        """The member is a new trial."""
        self._configs.append(member.config)
        self._of[member.trial] = member
        if member.parent is not None:
            self._begun.setdefault(member.parent, []).append(member.config)

    def _decide(self, member: Member) -> Change | None:
        """Exploit and explore, where the member is among the worst; None where it goes on as it is."""
        waits_to_begin = member.lost_at is None and not member.reached
        donors = [] if member.decided or waits_to_begin else self._donors(member)
        member.decided = True
        if not donors:
            return None
        rng = self._draws.of(len(self._configs))
        donor = donors[int(rng.integers(len(donors)))]
        before = self._configs[donor.trial]
        at = member.reached if member.lost_at is None else member.lost_at
        reason = reason_of(member, donor, self._standings.at(at))
        member.replaces, member.trial = member.trial, len(self._configs)
        taken = [before, *self._begun.get((donor.trial, donor.epoch), ())]
        member.config = self._explorer.another(before, taken, rng)
        member.parent, member.reached, member.lost_at = (donor.trial, donor.epoch), donor.epoch, None
        self._note(member)
        return Change(donor.epoch, before, PBT, reason)

    def _lose(self, member: Member, stop: int) -> None:
        """The trial diverged or failed: it stands last at the epoch that it was on its way to."""
        self._standings.add(member.number, member.trial, stop, math.inf)
        member.losses, member.lost_at, member.decided = member.losses + 1, stop, False
        member.over = member.losses > _PATIENCE

    def _taken_over(self, trials: Sequence[Observation]) -> Member:
        """A member by the trials that it has been; the last of them is what it is now."""
        number, last = len(self._members), trials[-1]
        for seen in (each for each in trials if self.space.own(each.config) is not None):
            for epochs, objective in (*seen.earlier, (seen.epochs, seen.result)):
                if epochs > (seen.parent[1] if seen.parent else 0):
                    kept = seen.outcome is not Outcome.ENDED or epochs < seen.epochs
                    self._standings.add(number, seen.trial, epochs, loss_of(objective, self.mode), kept)
        own = self._untried.observe(last.config)
        if own is None:
            self._outside.add(number)
        seed = self.seed if last.seed is None else last.seed
        member = observed_member(number, last, last.config if own is None else own, seed, self.epochs)
        if last.outcome.lost:
            member.lost_at = self._next_stop(member.reached)
        member.over = member.over or (own is None and not last.running)
        return member

    def _next_stop(self, reached: int) -> int:
        return min((reached // self._interval + 1) * self._interval, self.epochs)
