"""Workers of a sweep that is over."""

import atexit
from dataclasses import replace

from cluster import RayExecutor, ray_session
from sweeps.execution import Workload
from sweeps.trial import Job


def test_idle_workers_clear_up_after_themselves(ray_cluster, tmp_path):
    """As joblib does, which removes its files in shared memory when its process ends."""

    def train(config, run):
        atexit.register((run.data / str(config["x"])).touch)
        yield {"val_loss": 1.0}

    with ray_session(None, 2) as session:
        executor = RayExecutor(Workload(train, "val_loss", "min", tmp_path), replace(session, is_own=True), 2)
    jobs, ended = [Job(trial, {"x": trial}, stop=1) for trial in range(6)], 0
    while ended < 6:
        while jobs and executor.free:
            executor.submit(jobs.pop())
        ended += len(executor.poll(0.1))
    executor.close()
    assert {path.name for path in tmp_path.iterdir()} == set("012345")
