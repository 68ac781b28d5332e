"""The process that keeps a cluster: it starts Ray, waits until it is told to end, and ends Ray.

python -m cluster.kept.head CPUS
"""

from __future__ import annotations

import logging
import os
import platform
import signal
import sys
import threading
from typing import Any

import ray

from cluster.connect.ray_here import PRIVATE, keep_here
from cluster.connect.signals import own_handlers
from cluster.kept.processes import process
from cluster.kept.state import KeptCluster, forget, write_kept

_LOOK_SECONDS = 1.0


def main(cpus: int) -> None:
    """Keep Ray until SIGTERM comes, or a process of Ray's has ended."""
    os.umask(PRIVATE)
    logging.getLogger("ray").setLevel(logging.ERROR)
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    try:
        with own_handlers():
            keep_here(cpus)
        kept = _described(cpus)
        write_kept(kept)
        while not told.wait(_LOOK_SECONDS) and all(each.runs for each in kept.processes):
            pass
        forget(kept)
    finally:
        ray.shutdown()


def _described(cpus: int) -> KeptCluster:
    node: Any = ray._private.worker._global_node
    started = [info.process.pid for infos in node.all_processes.values() for info in infos]
    return KeptCluster(
        address=node.address,
        dashboard=node.webui_url or "",
        cpus=cpus,
        head=process(os.getpid()),
        processes=[process(pid) for pid in started],
        ray=ray.__version__,
        python=platform.python_version(),
        prefix=sys.prefix,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
