"""Workers in place of Ray's: real jobs, in turns and with faults that a seed decides."""

import signal

from sweeps.execution import Lost
from sweeps.execution.job_run import Habits, JobRun
from sweeps.trial import Outcome, Report

_MOST_POLLS = 3000
_MOST_DEATHS = 2  # of one job's workers; more, and it would fail


class Workers:
    """An executor whose jobs go on one epoch here, one there.

    Args:
        workload: Of the sweep.
        count: How many train at once; each has one more job waiting.
        rng: Decides; a `random.Random`.
        clock: Goes on while they train.
        faulty: The probability, at each poll, that a worker dies, or that the clock jumps.
        interrupted_at: The poll at which Ctrl-C is pressed; None for none.
        before_poll: Called at each poll.
    """

    description = "simulated"

    def __init__(
        self, workload, count, rng, clock, faulty=0.0, interrupted_at=None, before_poll=lambda: None
    ):
        self._workload, self.workers, self._rng, self._clock = workload, count, rng, clock
        self._faulty, self._interrupted_at, self._before_poll = faulty, interrupted_at, before_poll
        self._given = {}  # by trial: the job and its checkpoint
        self._runs = {}  # by trial: the job in training
        self._deaths, self._to_stop, self._killed, self._retried = {}, {}, {}, []
        self._polls = 0

    @property
    def free(self):
        return 2 * self.workers - len(self._given)

    def submit(self, job, checkpoint=None):
        assert job.trial not in self._given, "a trial has two jobs"
        assert self.free > 0, "more jobs than there is room for"
        assert checkpoint is None or checkpoint.epoch <= job.start
        self._given[job.trial] = (job, checkpoint)
        self._deaths[job.trial] = 0

    def poll(self, timeout):
        self._before_poll()
        self._polls += 1
        assert self._polls < _MOST_POLLS, "the sweep does not end"
        if self._polls == self._interrupted_at:
            signal.raise_signal(signal.SIGINT)
        self._clock.pass_by(self._rng.choice((0.01, timeout, timeout, 10 * timeout)))
        if self._rng.random() < self._faulty:
            self._clock.jump(self._rng.choice((-3600, 3600, 86_400)))
        if self._runs and self._rng.random() < self._faulty:
            self._die(self._rng.choice(sorted(self._runs)))
        ended = [self._ended_before(trial) for trial in sorted(self._to_stop.keys() | self._killed.keys())]
        return [*filter(None, ended), *self._train()]

    def _train(self):
        for trial in [trial for trial in self._given if trial not in self._runs]:
            if len(self._runs) < self.workers:
                job, checkpoint = self._given[trial]
                self._runs[trial] = JobRun(self._workload, job, checkpoint, "simulated", Habits())
        for trial in list(self._runs):
            for _ in range(self._rng.randrange(4)):
                if not self._runs[trial].advance():
                    break
        reports = [self._runs[trial].report() for trial in list(self._runs) if self._rng.random() < 0.7]
        for report in reports:
            if report.outcome is not Outcome.RUNNING:
                self._forget(report.trial)
        self._rng.shuffle(reports)
        return reports

    def _die(self, trial):
        """The trial's worker is gone with all that it has not reported; another trains its job again."""
        if self._deaths[trial] < _MOST_DEATHS:
            self._deaths[trial] += 1
            self._runs.pop(trial).close()
            self._retried.append(Lost(trial, "its worker died", self._rng.random()))

    def _ended_before(self, trial):
        """The report of a job that was to be ended; None where it goes on to tell itself."""
        if trial not in self._given:
            return None
        job, _ = self._given[trial]
        run = self._runs.get(trial)
        if trial in self._killed:
            why = self._killed[trial]
            self._forget(trial)
            return Report(trial, job.start, None, Outcome.FAILED, error=why)
        if run is not None:
            run.ask_to_stop(self._to_stop.pop(trial))
            return None
        why = self._to_stop[trial]
        self._forget(trial)
        return Report(trial, job.start, None, Outcome.STOPPED, error=why)

    def _forget(self, trial):
        for each in (self._given, self._runs, self._to_stop, self._killed):
            each.pop(trial, None)

    def stop(self, trial, why=None):
        if trial in self._given:
            self._to_stop[trial] = why

    def kill(self, trial, why):
        if trial in self._given:
            self._killed[trial] = why

    def silent(self):
        return {}

    def retried(self):
        told, self._retried = self._retried, []
        return told

    def notices(self):
        return []

    def close(self):
        for run in self._runs.values():
            run.close()
        self._given, self._runs = {}, {}
