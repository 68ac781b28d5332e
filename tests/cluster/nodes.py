"""A driver on a Ray cluster of several nodes here, of which one is lost or joins: a process of its own."""

import os
import socket
import sys
import time
from contextlib import closing
from pathlib import Path

from cluster import RayExecutor, ray_session
from sweeps.execution import Workload
from sweeps.trial import Job, Outcome


def train(config, run):
    """In training until enough workers have begun, each of which leaves its process's number."""
    (run.data / str(os.getpid())).touch()
    while len(list(run.data.iterdir())) < config["workers"]:
        time.sleep(0.02)
    yield {"val_loss": 1.0}


def train_all(executor, jobs, meanwhile=lambda: None):
    """The outcomes by trial; `meanwhile` is called between two polls."""
    waiting, outcomes = list(jobs), {}
    while len(outcomes) < len(jobs):
        while waiting and executor.free:
            executor.submit(waiting.pop(0))
        for report in executor.poll(0.1):
            if report.outcome is not Outcome.RUNNING:
                outcomes[report.trial] = report.outcome
        meanwhile()
    return outcomes


def main(folder):
    """Two trials end only once a second node has joined; four more, once it is lost in the middle of them."""
    from ray.cluster_utils import Cluster

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    head = {"num_cpus": 1, "include_dashboard": False, "dashboard_port": port}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    nodes, notices = [], []

    def add():
        if not nodes and list(folder.iterdir()):
            nodes.append(cluster.add_node(num_cpus=1))

    def remove():
        if nodes and all(slot.held for slot in executor._crew.slots):
            cluster.remove_node(nodes.pop(), allow_graceful=False)
        notices.extend(executor.notices())
        if any("died with trial" in notice for notice in notices):
            (folder / "lost").touch()

    with (
        ray_session(cluster.address, None) as session,
        closing(RayExecutor(Workload(train, "val_loss", data=folder), session, None)) as executor,
    ):
        assert executor.workers == 1
        jobs = [Job(trial, {"workers": 2}, stop=1) for trial in range(2)]
        assert set(train_all(executor, jobs, add).values()) == {Outcome.DONE}
        assert executor.workers == 2
        assert any("1 more worker starts, 2 in all" in notice for notice in executor.notices())
        jobs = [Job(trial, {"workers": 3}, stop=1) for trial in range(2, 6)]
        assert set(train_all(executor, jobs, remove).values()) == {Outcome.DONE}
        assert (folder / "lost").exists()
    cluster.shutdown()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
