"""Packs: a job in one reports what it would alone, whoever comes and goes beside it."""

import math

import numpy as np
import pytest

import sweeps
from sweeps.execution import SerialExecutor, Workload
from sweeps.trial import Job, Outcome
from tests import trainables
from tests.execution.test_executors import train_all


class Decays:
    """`trainables.decay`, packed by the config's `key`. calls: what was asked of the pack, in order."""

    def __init__(self, calls, config, run):
        self.calls, self.seats, self.w, self.trained, self.configs = calls, 3, {}, {}, {}
        calls.append(("pack", config.get("key")))

    def enter(self, seat, config, run):
        if config.get("raises") == "enter":
            raise ValueError("not this one")
        saved = run.restore()
        self.w[seat] = 10.0 if saved is None else float(saved["w"])
        self.trained[seat], self.configs[seat] = run.start, config
        self.calls.append(("enter", seat))

    def leave(self, seat):
        del self.w[seat]
        self.calls.append(("leave", seat))

    def epoch(self):
        self.calls.append(("epoch", tuple(sorted(self.w))))
        rows = {}
        for seat, config in [(seat, self.configs[seat]) for seat in self.w]:
            if self.trained[seat] == config.get("ends"):
                continue
            if self.trained[seat] == config.get("raises"):
                raise RuntimeError(f"no such luck with {config['rate']}")
            if self.trained[seat] == config.get("interrupts"):
                raise KeyboardInterrupt
            self.w[seat] -= 2 * config["rate"] * self.w[seat]
            self.trained[seat] += 1
            rows[seat] = {"val_loss": self.w[seat] * self.w[seat], "weight": self.w[seat]}
        return rows

    def save(self, seat):
        return {"w": np.array(self.w[seat])}


class Packed:
    def __init__(self, pack=Decays):
        self.calls, self._pack = [], pack

    def pack_key(self, config, run):
        return config.get("key", "one")

    def pack(self, config, run):
        return self._pack(self.calls, config, run)


@pytest.fixture
def start():
    executors = []

    def _start(train, **options):
        executors.append(SerialExecutor(Workload(train, "val_loss", **options)))
        return executors[-1]

    yield _start
    for executor in executors:
        executor.close()


def jobs(*rates, stop=4, **own):
    return [Job(trial, {"rate": rate, **own}, stop=stop) for trial, rate in enumerate(rates)]


def same(one, other, without=None):
    """Whether two reports are of the same training: all but times, and one of the metrics."""
    names = ("epochs", "objective", "outcome", "error")
    assert [getattr(one, name) for name in names] == [getattr(other, name) for name in names]
    rows = [{name: row[name] for name in row if name != without} for row in one.rows]
    assert rows == list(other.rows)
    for mine, own in ((one.checkpoint, other.checkpoint), (one.best, other.best)):
        assert (mine and (mine.epoch, float(mine.state["w"]))) == (own and (own.epoch, float(own.state["w"])))


@pytest.mark.parametrize("mode", ["min", "max"])
def test_a_job_in_a_pack_reports_what_it_does_alone(start, mode):
    """Ones that converge, that grow until they have diverged, that train for longer; 3 seats for 6."""
    asked = [
        *jobs(0.1, 0.2, 1.9, 30.0),
        Job(4, {"rate": 0.3}, stop=9),
        Job(5, {"rate": 1.2}, stop=1),
    ]
    packed = Packed()
    together, _ = train_all(start(packed, mode=mode), asked)
    own, _ = train_all(start(trainables.decay, mode=mode), asked)
    for trial in own:
        same(together[trial], own[trial])
    assert max(len(seats) for what, seats in packed.calls if what == "epoch") == 3


def test_whoever_is_over_leaves_at_once_and_the_next_takes_the_seat(start):
    packed = Packed()
    executor = start(packed)
    asked = [Job(0, {"rate": 0.1}, stop=5), Job(1, {"rate": 0.1}, stop=1), Job(2, {"rate": 50.0}, stop=5)]
    executor.submit(asked[0])
    assert executor.free == 0  # nobody knows yet that it packs
    executor.poll(0)
    assert (executor.free, executor.workers) == (2, 3)
    train_all(executor, [*asked[1:], Job(3, {"rate": 0.2}, stop=2)])
    seats = [seats for what, seats in packed.calls if what == "epoch"]
    assert seats[0] == (0,)
    assert (0, 1, 2) in seats
    left = packed.calls.index(("leave", 1))
    assert packed.calls[left - 1] == ("epoch", (0, 1, 2))
    assert ("enter", 1) in packed.calls[left:]


def test_one_pack_a_key_and_they_take_turns(start):
    packed = Packed()
    executor = start(packed)
    executor.submit(Job(9, {"rate": 0.1, "key": "a"}, stop=10**6))
    executor.poll(0)
    for trial, key in enumerate("ba"):
        executor.submit(Job(trial, {"rate": 0.1, "key": key}, stop=3))
    done = set()
    while len(done) < 2:
        done |= {each.trial for each in executor.poll(0) if each.outcome is Outcome.DONE}
    assert [each for each in packed.calls if each[0] == "pack"] == [("pack", "a"), ("pack", "b")]


def test_one_without_a_key_is_trained_alone(start):
    class Some(Packed):
        def pack_key(self, config, run):
            return None if config["rate"] > 0.2 else "one"

        def __call__(self, config, run):
            yield from trainables.decay(config, run)

    packed = Some()
    last, _ = train_all(start(packed), jobs(0.1, 0.3))
    own, _ = train_all(start(trainables.decay), jobs(0.1, 0.3))
    for trial in own:
        same(last[trial], own[trial])
    assert [seats for what, seats in packed.calls if what == "epoch"] == [(0,)] * 4


def test_one_that_is_refused_fails_alone(start):
    asked = [Job(0, {"rate": 0.1}, stop=4), Job(1, {"rate": 0.1, "raises": "enter"}, stop=4)]
    last, _ = train_all(start(Packed()), asked)
    assert (last[0].outcome, last[1].outcome) == (Outcome.DONE, Outcome.FAILED)
    assert "ValueError: not this one" in last[1].error


def test_one_that_ends_by_itself_has_ended(start):
    asked = [Job(0, {"rate": 0.1}, stop=4), Job(1, {"rate": 0.1, "ends": 2}, stop=4)]
    last, _ = train_all(start(Packed()), asked)
    assert (last[0].outcome, last[0].epochs) == (Outcome.DONE, 4)
    assert (last[1].outcome, last[1].epochs, last[1].checkpoint.epoch) == (Outcome.ENDED, 2, 2)


@pytest.mark.parametrize("at", [0, 2])
def test_a_pack_that_raises_is_taken_apart(start, at):
    """The one that it was fails with what it raised; the others go on alone, from their checkpoints."""
    asked = [*jobs(0.1, 0.2), Job(2, {"rate": 0.3, "raises": at}, stop=4)]
    packed = Packed()
    executor = start(packed)
    executor.submit(Job(9, {"rate": 0.1}, stop=1))
    while executor.poll(0)[0].outcome is Outcome.RUNNING:
        pass
    last, _ = train_all(executor, asked)
    own, _ = train_all(start(trainables.decay), asked[:2])
    same(last[0], own[0])
    same(last[1], own[1])
    assert last[2].outcome is Outcome.FAILED
    assert "no such luck with 0.3" in last[2].error
    assert last[2].epochs == at
    again, _ = train_all(executor, [Job(5, {"rate": 0.2}, stop=4)])  # in a new pack
    assert again[5].outcome is Outcome.DONE


def test_a_job_of_a_pack_that_raises_goes_on_from_what_it_came_with(start):
    """Not from the beginning of the trial, though the pack has saved nothing of it."""
    executor = start(Packed())
    first, _ = train_all(executor, jobs(0.1, 0.2, stop=2))
    asked = [
        Job(0, {"rate": 0.1}, start=2, stop=4),
        Job(1, {"rate": 0.2, "raises": 2}, start=2, stop=4),
    ]
    last, _ = train_all(executor, asked, {trial: each.checkpoint for trial, each in first.items()})
    own, _ = train_all(start(trainables.decay), jobs(0.1, stop=4))
    assert list(last[0].rows) == list(own[0].rows)[2:]
    assert last[1].outcome is Outcome.FAILED


def test_one_that_is_stopped_leaves_with_what_it_has(start):
    packed = Packed()
    executor = start(packed)
    for trial in (0, 1):
        executor.submit(Job(trial, {"rate": 0.1}, stop=10**6))
        executor.poll(0)
    executor.stop(0, "enough")
    asked = len(packed.calls)
    reports = {each.trial: each for each in executor.poll(0)}
    assert len(packed.calls) == asked  # nobody waits for an epoch of the others
    assert (reports[0].outcome, reports[0].error) == (Outcome.STOPPED, "enough")
    assert reports[0].checkpoint.epoch == reports[0].epochs == len(reports[0].rows) > 0
    assert reports[1].outcome is Outcome.RUNNING
    assert ("leave", 0) in packed.calls
    assert executor.free == 2


def test_one_may_be_stopped_while_it_waits_for_a_seat(start):
    """A pack that has less room than there was."""
    packed = Packed()
    executor = start(packed)
    executor.submit(Job(0, {"rate": 0.1}, stop=10**6))
    executor.poll(0)
    pack = next(iter(executor._turns._packs.values()))._pack
    pack.seats = 1
    executor.submit(Job(1, {"rate": 0.1}, stop=3))
    executor.poll(0)
    executor.stop(1)
    ended = [each for each in executor.poll(0) if each.outcome is not Outcome.RUNNING]
    assert [(each.trial, each.outcome, each.epochs) for each in ended] == [(1, Outcome.STOPPED, 0)]


def test_ctrl_c_in_an_epoch_is_no_failure(start):
    executor = start(Packed())
    executor.submit(Job(0, {"rate": 0.1, "interrupts": 1}, stop=3))
    assert executor.poll(0)[0].epochs == 1
    with pytest.raises(KeyboardInterrupt):
        executor.poll(0)


def test_a_pack_that_never_restores_trains_from_the_beginning_and_is_told_of(start):
    class Forgets(Decays):
        def enter(self, seat, config, run):
            run.restore, restore = lambda: None, run.restore
            super().enter(seat, config, run)
            self.trained[seat] = 0
            run.restore = restore

    executor = start(Packed(Forgets))
    first, _ = train_all(executor, jobs(0.1, 0.2, stop=2))
    asked = [Job(trial, {"rate": rate}, start=2, stop=4) for trial, rate in enumerate((0.1, 0.2))]
    last, _ = train_all(executor, asked, {trial: each.checkpoint for trial, each in first.items()})
    own, _ = train_all(start(trainables.decay), jobs(0.1, 0.2, stop=4))
    assert [list(last[trial].rows) for trial in (0, 1)] == [list(own[trial].rows) for trial in (0, 1)]
    assert any("never run.restore()" in (each.note or "") for each in last.values())


@pytest.mark.parametrize("reported", [{"val_loss": "high"}, {"trial": 1.0}], ids=str)
def test_what_is_no_metric_fails_its_trial_alone(start, reported):
    class Odd(Decays):
        def epoch(self):
            rows = super().epoch()
            return {
                seat: reported if self.configs[seat]["rate"] == 0.3 else row for seat, row in rows.items()
            }

    last, _ = train_all(start(Packed(Odd)), jobs(0.1, 0.3))
    assert [last[trial].outcome for trial in (0, 1)] == [Outcome.DONE, Outcome.FAILED]


SPACE = {"rate": sweeps.LogUniform(0.01, 0.4), "key": sweeps.Choice(["a", "b"])}


@pytest.mark.parametrize("scheduler", ["random", "asha"])
def test_a_sweep_with_packs_has_the_tables_of_one_without(serial, tmp_path, scheduler):
    options = {
        "space": SPACE,
        "trials": 30,
        "epochs": 9,
        "scheduler": scheduler,
        "finalists": {"top": 2, "seeds": 2},
    }
    packed = serial(Packed(), **options)
    own = serial(trainables.decay, **options, out=tmp_path / "own")
    objectives = [each.trials.set_index("config").objective for each in (packed, own)]
    common = objectives[0].index.intersection(objectives[1].index)
    assert len(common) > 10
    if scheduler == "random":  # asha promotes by what came first
        assert (
            packed.metrics.sort_values(["trial", "epoch"])
            .reset_index(drop=True)
            .equals(own.metrics.sort_values(["trial", "epoch"]).reset_index(drop=True))
        )
    assert packed.best.config == own.best.config or scheduler == "asha"
    assert math.isfinite(float(packed.checkpoint()["w"]))
