"""The worker by itself, in this process."""

from sweeps.execution import Workload
from sweeps.execution.worker import Order, Worker
from sweeps.trial import Job, Outcome


def test_a_job_that_is_over_is_told_of_by_train_alone():
    """Asked how the job stands just before and just after its last epoch, from within the trainable."""
    seen = []

    def train(config, run):
        try:
            for _ in range(3):
                seen.append(worker.progress(after=0).running[0][1])
                yield {"val_loss": 1.0}
        finally:
            seen.append(worker.progress(after=0).running[0][1])

    worker = Worker("w")
    assert worker.load("here", lambda: (train, None), Workload(train, "val_loss"), threads=1).error == ""
    with worker._limits:
        ((number, report),) = worker.train([Order(1, Job(0, {}, stop=3), None)]).ended
    assert (number, report.outcome) == (1, Outcome.DONE)
    assert [report.epochs for report in seen[:-1]] == [0, 1, 2]
    assert (seen[-1].epochs, seen[-1].outcome) == (3, Outcome.RUNNING)
    assert worker.progress(after=0) == ([], [])
