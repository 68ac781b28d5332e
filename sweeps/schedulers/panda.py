"""A scheduler that is a person: one model, or a few branches of it, nudged between epochs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sweeps.errors import BadInput
from sweeps.nudges import FORK, GO_ON, KEEP, PAUSE, ROLL_BACK, SET, Nudge, Pending
from sweeps.observation import Observation
from sweeps.schedulers.protocol import check_limits, whole_space
from sweeps.space import Config, Space
from sweeps.trial import Change, Job, Mode, Outcome, Report, Round

PANDA = "panda"


@dataclass
class Branch:
    """One line of training.

    Attributes:
        config: What it goes on with. trained: What its last checkpoint was trained with.
        reached: The epochs behind it. parent: The trial and the epoch of the checkpoint it began from.
        lost: Whether it diverged or failed. over: Whether it has ended by itself, or was lost.
        left: Whether it was given up for another one.
        notes: Author and reason of what was decided since its last job.
        forks: What is to begin at its next stop.
    """

    trial: int
    config: Config
    trained: Config
    seed: int
    reached: int = 0
    parent: tuple[int, int] | None = None
    running: bool = False
    paused: bool = False
    lost: bool = False
    over: bool = False
    left: bool = False
    notes: list[tuple[str, str]] = field(default_factory=list)
    forks: list[Nudge] = field(default_factory=list)

    @property
    def live(self) -> bool:
        """Whether it may be trained on."""
        return not self.over and not self.left


class PandaScheduler:
    """Trains one model in jobs of a few epochs, so that what a person nudges counts from the next one on.

    Trial 0 is the model. A fork and what is rolled back are further trials, which begin from a checkpoint.
    The branch with the fewest epochs goes on first. Where the last branch is lost, the scheduler waits for
    a person to roll back.

    Args:
        space: What a config may be. Where something in it is searched, the config to begin with is observed.
        trials: Unused: there are as many as a person makes.
        epochs: How long each branch trains.
        mode: Unused: a person compares.
        seed: Of the training.
        every: How many epochs a job has.

    Examples:
        >>> panda = PandaScheduler(Space({"rate": 0.1}), trials=1, epochs=9)
        >>> (job,) = panda.ask(1)
        >>> panda.nudge(Nudge(SET, 0, config={"rate": 0.05}, author="ann", reason="it jumps"))
        >>> panda.tell(Report(0, 1, 0.5))
        >>> panda.ask(1)[0].config
        {'rate': 0.05}
    """

    def __init__(
        self,
        space: Space,
        *,
        trials: int = 1,
        epochs: int,
        mode: Mode = "min",
        seed: int = 0,
        every: int = 1,
    ) -> None:
        check_limits(trials, epochs, mode)
        self.space, self.trials, self.epochs, self.mode, self.seed = space, trials, epochs, mode, seed
        self.every = every
        self.branches: list[Branch] = []
        self._rounds = (Round(0, whole_space(space, "the whole range: a person decides")),)

    def ask(self, capacity: int) -> list[Job]:
        if not self.branches:
            self._begin()
        ready = [each for each in self.branches if self._is_ready(each)]
        return [self._job(each) for each in sorted(ready, key=lambda each: each.reached)[:capacity]]

    def tell(self, report: Report) -> None:
        branch = self.branches[report.trial]
        branch.running, branch.reached = False, max(report.epochs, branch.reached)
        branch.lost = report.outcome.lost
        branch.over = report.outcome is not Outcome.DONE
        if branch.lost:  # its forks wait to be told from which checkpoint before
            return
        forks, branch.forks = branch.forks, []
        for nudge in forks:
            self._fork(branch, nudge)

    def has(self, branch: int | None) -> bool:
        """Whether there is such a branch; None stands for all of them."""
        return branch is None or 0 <= branch < len(self.branches)

    def follow(self, jobs: Sequence[Job]) -> None:
        """Go on as if it had been asked, and had given these jobs."""
        if not self.branches:
            self._begin()
        for job in jobs:
            if self.has(job.trial):
                self._begun(self.branches[job.trial], job.config)

    def next_stop(self, branch: Branch) -> int:
        """The epoch from which on something else can be trained."""
        return min(branch.reached + self.every, self.epochs) if branch.running else branch.reached

    def nudge(self, nudge: Nudge) -> None:
        """Take in what a person has decided; it counts from the next job on."""
        if nudge.what in (PAUSE, GO_ON):
            for branch in self.branches if nudge.branch is None else [self.branches[nudge.branch]]:
                branch.paused = nudge.what == PAUSE
                branch.left = branch.left and not (nudge.what == GO_ON and nudge.branch is not None)
            return
        branch = self.branches[nudge.branch or 0]
        if nudge.what == SET:
            branch.config = nudge.config
            branch.notes.append((nudge.author, nudge.reason))
        elif nudge.what == KEEP:
            for each in self.branches:
                each.left, each.forks = each is not branch, []
        elif nudge.what == FORK and nudge.epoch is None and branch.running:
            branch.forks.append(nudge)
        else:
            branch.forks = [each for each in branch.forks if each.name != nudge.name or not branch.lost]
            self._fork(branch, nudge)
            branch.left = branch.left or nudge.what == ROLL_BACK

    def observe(self, observations: Sequence[Observation], rounds: int = 0) -> None:
        """Each trial is a branch; those that may go on do."""
        for seen in observations:
            branch = Branch(seen.trial, seen.config, seen.config, self._seed_of(seen), seen.epochs)
            branch.parent, branch.running = seen.parent, seen.running
            branch.lost = seen.outcome.lost
            branch.over = not seen.waits and not seen.running
            if seen.pending is not None:
                _take_over(branch, seen.pending)
            self.branches.append(branch)
        self._rounds = (Round(rounds, whole_space(self.space, "the whole range: a person decides")),)

    @property
    def finished(self) -> bool:
        if not self.branches:
            return False
        live = [each for each in self.branches if each.live and each.reached < self.epochs]
        if live or any(each.running or each.forks for each in self.branches):
            return False
        return not self.waits

    @property
    def waits(self) -> bool:
        """Whether all that is not given up was lost, so that a person must decide how to go on."""
        rest = [each for each in self.branches if not each.left]
        return bool(rest) and all(each.lost for each in rest)

    @property
    def rounds(self) -> Sequence[Round]:
        return self._rounds

    def _is_ready(self, branch: Branch) -> bool:
        return branch.live and not branch.running and not branch.paused and branch.reached < self.epochs

    def _begin(self) -> None:
        config = self.space.decide(lambda _, distribution: distribution.from_unit(0.5))
        self.branches.append(Branch(0, config, config, self.seed))

    def _seed_of(self, seen: Observation) -> int:
        return self.seed if seen.seed is None else seen.seed

    def _fork(self, branch: Branch, nudge: Nudge) -> None:
        """Begin a branch at the epoch that the nudge says, or where the branch stands."""
        if nudge.epoch is not None:
            parent, trained = (branch.trial if nudge.of is None else nudge.of, nudge.epoch), nudge.before
        elif (
            branch.parent is not None and branch.parent[1] == branch.reached
        ):  # it has no epoch of its own yet
            parent, trained = branch.parent, branch.trained
        else:
            parent, trained = (branch.trial, branch.reached), branch.trained
        config = nudge.config or branch.config
        fork = Branch(len(self.branches), config, trained, branch.seed, parent[1], parent)
        fork.notes.append((nudge.author, nudge.reason))
        self.branches.append(fork)

    def _job(self, branch: Branch) -> Job:
        job = Job(
            branch.trial,
            branch.config,
            start=branch.reached,
            stop=min(branch.reached + self.every, self.epochs),
            round=self._rounds[0].index,
            seed=branch.seed,
            parent=branch.parent,
            change=_change(branch),
        )
        self._begun(branch, job.config)
        return job

    def _begun(self, branch: Branch, config: Config) -> None:
        branch.running, branch.config, branch.trained, branch.notes = True, config, config, []


def pending_of(branch: Branch) -> Pending | None:
    """What was decided of a branch and is not trained yet; None where that is nothing."""
    pending = Pending(branch.config, tuple(branch.notes), tuple(branch.forks), branch.paused, branch.left)
    return None if pending == Pending(branch.trained) else pending


def _take_over(branch: Branch, pending: Pending) -> None:
    branch.config, branch.notes, branch.forks = pending.config, list(pending.notes), list(pending.forks)
    branch.paused, branch.left = pending.paused, pending.left


def every_of(name: str) -> int:
    """How many epochs a job has, as the scheduler's name says: `panda`, or `panda:5`. Raises `BadInput`."""
    _, colon, said = name.partition(":")
    if not colon:
        return 1
    if not said.isdecimal() or int(said) < 1:
        raise BadInput("scheduler", name, "does not say how many epochs a job has", "write panda or panda:5")
    return int(said)


def _change(branch: Branch) -> Change | None:
    """What was decided since the branch's last job; None where that comes to nothing."""
    begins = branch.parent is not None and branch.reached == branch.parent[1]
    if not branch.notes or (branch.config == branch.trained and not begins):
        return None
    authors = dict.fromkeys(author for author, _ in branch.notes if author)
    reasons = dict.fromkeys(reason for _, reason in branch.notes if reason)
    return Change(branch.reached, branch.trained, ", ".join(authors), "; ".join(reasons))
