"""A worker's process by itself, at the other end of its pipe."""

import pickle
import time

import numpy as np
import pytest

from sweeps.execution import Workload
from sweeps.execution.process import Payload, ProcessActor, WorkerDied
from sweeps.execution.trainables.modules import UserModules
from sweeps.execution.worker import Order
from sweeps.trial import Checkpoint, Job

_LARGE = 1 << 20  # numbers; many times what a pipe holds


def train(config, run):
    """Saves more than a pipe holds, and says when it has."""
    run.restore()
    run.save({"weights": np.zeros(_LARGE)})
    yield {"val_loss": 0.0}
    (run.data / f"trained-{run.start}").touch()


@pytest.fixture
def actor(tmp_path):
    actor = ProcessActor("worker-00")
    parts = [(pickle.dumps(part), []) for part in (train, tmp_path)]
    loading = actor.load(Payload(UserModules(), parts, Workload(None, "val_loss")))
    assert answer(actor, loading).error == ""
    yield actor
    actor.kill()


def answer(actor, pending):
    while not pending.done:
        actor.receive()
    return pending.take()


def test_large_checkpoints_pass_each_other_in_the_pipe(actor, tmp_path):
    """The sweep hands out a job while the answer to the last, and one to a question, have no room yet."""
    first = actor.train([Order(0, Job(0, {}, stop=1), None)], "train")
    while not (tmp_path / "trained-0").exists():
        time.sleep(0.01)
    standing = actor.progress(-1)
    checkpoint = Checkpoint(1, {"weights": np.zeros(_LARGE)})
    second = actor.train([Order(1, Job(1, {}, start=1, stop=2), checkpoint)], "train")
    for pending in (first, second):
        ((_, report),) = answer(actor, pending).ended
        assert report.checkpoint.state["weights"].shape == (_LARGE,)
    assert standing.done


def test_what_is_asked_of_a_process_that_is_gone_has_no_answer(actor):
    actor.kill()
    with pytest.raises(WorkerDied, match="SIGKILL"):
        actor.progress(-1).take()


def test_all_is_answered_before_it_leaves(actor):
    last = actor.train([Order(0, Job(0, {}, stop=1), None)], "train")
    left = actor.leave()
    assert answer(actor, last).ended
    with pytest.raises(WorkerDied, match="exit code 0"):
        answer(actor, left)


def holds_the_interpreter(config, run):
    """One long call of C code that lets no other thread of its process run."""
    (run.data / "holds").touch()
    sum(range(10**8))
    yield {"val_loss": 0.0}


def test_a_process_that_does_not_read_for_long_holds_nobody_up(tmp_path):
    actor = ProcessActor("worker-00")
    parts = [(pickle.dumps(part), []) for part in (holds_the_interpreter, tmp_path)]
    answer(actor, actor.load(Payload(UserModules(), parts, Workload(None, "val_loss"))))
    actor.train([Order(0, Job(0, {}, stop=1), None)], "train")
    while not (tmp_path / "holds").exists():
        time.sleep(0.01)
    checkpoint = Checkpoint(1, {"weights": np.zeros(_LARGE)})
    last = actor.train([Order(1, Job(1, {}, start=1, stop=2), checkpoint)], "train")
    assert not last.done
    actor.kill()
    with pytest.raises(WorkerDied):
        last.take()
