"""In the process that trains: what was asked becomes an event, and the scheduler is told of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from sweeps.errors import BadInput
from sweeps.errors import in_words as as_said
from sweeps.events import Event, Noticed, Nudged
from sweeps.nudges import FORK, GO_ON, KEEP, PAUSE, ROLL_BACK, SET, Asked, Nudge
from sweeps.nudging.alarms import Alarm
from sweeps.nudging.alarms.watch import AlarmWatch
from sweeps.nudging.curves import standing
from sweeps.nudging.deciding import Deciding
from sweeps.nudging.possible import possible
from sweeps.nudging.values import described
from sweeps.schedulers.panda import Branch, PandaScheduler
from sweeps.store import RunDirectory
from sweeps.trial import Status

_LONGEST_REASON = 400  # letters that are shown


@dataclass
class Taking:
    """Takes in the nudges that wait in a run directory, in the order in which they were asked.

    A nudge is in the log before its request is removed, so that none is lost, and none counts twice.

    Args:
        deciding: Says what each comes to.
        directory: Has the requests and the log.
        watch: Tells alarms.
        known: The names of those that an earlier process has taken in.
        autopilot: Whether what an alarm proposes is done.
    """

    deciding: Deciding
    directory: RunDirectory
    watch: AlarmWatch
    known: set[str] = field(default_factory=set)
    autopilot: bool = False
    _said: str = ""

    def take(self, emit: Callable[[Event], None], say: Callable[[str], None]) -> bool:
        """See `sweeps.sweep.loop.Nudges`."""
        self._begin_forks_of_lost(emit, say)
        self._say_still(say)
        followed = [self._tell(*each, emit, say) for each in self.watch.alarms()]
        waiting = self.directory.requests.nudges()
        new = [asked for asked in waiting if asked.name not in self.known]
        for asked in new:
            self.known.add(asked.name)
            self._take(asked, emit, say)
        if waiting and self.directory.log.write():
            for asked in waiting:
                self.directory.requests.done(asked.name)
        return bool(new) or any(followed)

    def _tell(
        self, trial: int, alarm: Alarm, emit: Callable[[Event], None], say: Callable[[str], None]
    ) -> bool:
        """Say an alarm, and, on autopilot, do what it proposes; whether that is so."""
        branch = self.deciding.scheduler.branches[trial]
        if branch.left:
            return False
        alarm = self._possible(branch, alarm)
        text = f"branch {trial}, {alarm.words}"
        emit(Noticed(time=time.time(), text=text))
        say(text)
        if not self.autopilot or not alarm.nudge:
            return False
        what, epoch = (SET, None) if alarm.rollback is None else (ROLL_BACK, alarm.rollback)
        reason = f"{alarm.kind}: {alarm.reason}"
        self._take(Asked(what, trial, epoch, alarm.nudge, AUTOPILOT, reason), emit, say)
        return True

    def _possible(self, branch: Branch, alarm: Alarm) -> Alarm:
        """The alarm with what of its proposal can be done now."""
        nudge, back = possible(self.deciding, branch, alarm.nudge, alarm.rollback)
        return replace(alarm, nudge=nudge, rollback=back)

    def hear(self, event: Event) -> None:
        """See `sweeps.sweep.loop.Nudges`."""
        self.watch.take(event)

    def counts(self) -> Counter[Status]:
        """See `sweeps.sweep.loop.Nudges`."""
        rows, branches = self.deciding.ledger.rows, self.deciding.scheduler.branches
        rest = [(rows[each.trial].status, each) for each in branches if each.trial in rows]
        return Counter(standing(status, paused=each.paused, left=each.left) for status, each in rest)

    def _take(self, asked: Asked, emit: Callable[[Event], None], say: Callable[[str], None]) -> None:
        try:
            nudge = self.deciding.decided(asked)
            self._check_saved(nudge)
        except BadInput as error:
            text = f"{refusal(asked)}{error}"
            emit(Noticed(time=time.time(), text=text, refused=asked.name))
            say(text)
            return
        change = self._change(nudge)
        emit(Nudged(time=time.time(), nudge=nudge))
        self.deciding.scheduler.nudge(nudge)
        say(in_words(nudge, change))

    def _check_saved(self, nudge: Nudge) -> None:
        """Raise `BadInput` where a branch has no checkpoint of its last epoch: it would be trained from the
        beginning with the new config, and its first epochs in the table would be those of another model."""
        if nudge.what not in (SET, FORK) or nudge.epoch is not None or nudge.branch is None:
            return
        branch = self.deciding.scheduler.branches[nudge.branch]
        if branch.reached and branch.reached not in self.deciding.held(branch):
            rule = (
                f"has no checkpoint of epoch {branch.reached} to go on from: the trainable did not save then"
            )
            fix = "let it call run.save(state) before each epoch's metrics, and begin with run.restore(); one"
            fix += " that saves every third epoch is nudged after such a one, as with --every 3"
            raise BadInput("--branch", branch.trial, rule, fix)

    def _change(self, nudge: Nudge) -> str:
        if nudge.branch is None or not nudge.config:
            return ""
        return described(nudge.before or self.deciding.scheduler.branches[nudge.branch].config, nudge.config)

    def _begin_forks_of_lost(self, emit: Callable[[Event], None], say: Callable[[str], None]) -> None:
        """A fork that was to begin at the end of a job which its branch was lost in begins before it."""
        scheduler = self.deciding.scheduler
        for branch in [each for each in scheduler.branches if each.lost]:
            for fork in list(branch.forks):
                nudge = self.deciding.at_checkpoint(fork)
                begins = f"the fork of {_whose(fork)} begins at epoch {nudge.epoch}"
                text = f"branch {branch.trial} was lost, and {begins}, its last checkpoint"
                emit(Nudged(time=time.time(), nudge=nudge))
                scheduler.nudge(nudge)
                emit(Noticed(time=time.time(), text=text))
                say(text)

    def _say_still(self, say: Callable[[str], None]) -> None:
        """Say once that nothing is trained, and how it goes on."""
        why = _still(self.deciding.scheduler, self.directory.path)
        if why and why != self._said:
            say(f"{why}; Ctrl-C ends it")
        self._said = why


AUTOPILOT = "autopilot"


def _still(scheduler: PandaScheduler, path: Path) -> str:
    """Why nothing is trained until a person decides; "" where something is."""
    if scheduler.waits:
        last = max(each.reached for each in scheduler.branches if not each.left)
        back = f"to go on from an epoch before: caviar nudge {path} --rollback EPOCH"
        return f"the model was lost at epoch {last}, and nothing is trained; {back}"
    rest = [each for each in scheduler.branches if each.live and each.reached < scheduler.epochs]
    if rest and all(each.paused and not each.running for each in rest):
        return f"it is paused; to go on: caviar nudge {path} --resume"
    return ""


def in_words(nudge: Nudge, change: str = "") -> str:
    """A nudge as its user is told of it."""
    where = "" if nudge.branch is None else f" branch {nudge.branch}"
    what = {
        SET: f"goes on with {change}" if change else "goes on as it is",
        FORK: f"is forked{_at(nudge)}{f': {change}' if change else ''}",
        ROLL_BACK: f"is rolled back to epoch {nudge.epoch}{f': {change}' if change else ''}",
        PAUSE: "waits",
        GO_ON: "goes on",
        KEEP: "is kept alone",
    }[nudge.what]
    why = f" ({as_said(nudge.reason, _LONGEST_REASON)})" if nudge.reason else ""
    return f"{_whose(nudge)}:{where} {what}{why}"


def refusal(asked: Asked) -> str:
    """What is said before the reason for which a nudge was refused."""
    return f"the nudge of {_whose(asked)} was refused: "


def _whose(nudge: Nudge | Asked) -> str:
    return as_said(nudge.author) if nudge.author else "somebody"


def _at(nudge: Nudge) -> str:
    return "" if nudge.epoch is None else f" at epoch {nudge.epoch}"
