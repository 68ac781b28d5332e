"""In the process that trains: what was asked becomes an event, and the scheduler is told of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sweeps.errors import BadInput
from sweeps.events import Event, Noticed, Nudged
from sweeps.nudges import FORK, GO_ON, KEEP, PAUSE, ROLL_BACK, SET, Asked, Nudge
from sweeps.nudging.alarms import Alarm
from sweeps.nudging.alarms.watch import AlarmWatch
from sweeps.nudging.deciding import Deciding, lineage
from sweeps.nudging.values import described
from sweeps.store import RunDirectory


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
    _said_lost: bool = False

    def take(self, emit: Callable[[Event], None], say: Callable[[str], None]) -> bool:
        """See `sweeps.sweep.loop.Nudges`."""
        self._say_lost(say)
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
        text = f"branch {trial}, {alarm.words}"
        emit(Noticed(time=time.time(), text=text))
        say(text)
        deciding = self.deciding
        if not self.autopilot or not alarm.nudge or deciding.scheduler.branches[trial].left:
            return False
        held = lineage(deciding.ledger, deciding.checkpoints, trial)
        what, epoch = (ROLL_BACK, alarm.rollback) if alarm.rollback in held else (SET, None)
        reason = f"{alarm.kind}: {alarm.reason}"
        self._take(Asked(what, trial, epoch, alarm.nudge, AUTOPILOT, reason), emit, say)
        return True

    def hear(self, event: Event) -> None:
        """See `sweeps.sweep.loop.Nudges`."""
        self.watch.take(event)

    def _take(self, asked: Asked, emit: Callable[[Event], None], say: Callable[[str], None]) -> None:
        try:
            nudge = self.deciding.decided(asked)
            self._check_saved(nudge)
        except BadInput as error:
            text = f"{REFUSED} {asked.author or 'somebody'} ({asked.name}): {error}"
            emit(Noticed(time=time.time(), text=text))
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
        branch, deciding = self.deciding.scheduler.branches[nudge.branch], self.deciding
        if branch.reached and branch.reached not in lineage(
            deciding.ledger, deciding.checkpoints, branch.trial
        ):
            rule = f"has no checkpoint of epoch {branch.reached} to go on from: the trainable did not save"
            fix = "let it call run.save(state) before each epoch's metrics, and begin with run.restore()"
            raise BadInput("--branch", branch.trial, rule, fix)

    def _change(self, nudge: Nudge) -> str:
        if nudge.branch is None or not nudge.config:
            return ""
        return described(nudge.before or self.deciding.scheduler.branches[nudge.branch].config, nudge.config)

    def _say_lost(self, say: Callable[[str], None]) -> None:
        scheduler = self.deciding.scheduler
        if scheduler.waits and not self._said_lost:
            last = max(each.reached for each in scheduler.branches if not each.left)
            say(
                f"the model was lost at epoch {last}, and nothing is trained; to go on from an epoch before:"
                f" caviar nudge {self.directory.path} --rollback EPOCH; Ctrl-C ends it"
            )
        self._said_lost = scheduler.waits


AUTOPILOT = "autopilot"
REFUSED = "refused is the nudge of"


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
    why = f" ({nudge.reason})" if nudge.reason else ""
    return f"{nudge.author or 'somebody'}:{where} {what}{why}"


def _at(nudge: Nudge) -> str:
    return "" if nudge.epoch is None else f" at epoch {nudge.epoch}"
