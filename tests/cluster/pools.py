"""Pools of workers for tests."""


def ray_executor(workload, workers):
    """On the Ray that this process is connected to."""
    from cluster import RayExecutor, ray_session

    with ray_session(None, workers) as session:
        return RayExecutor(workload, session, workers)


def process_executor(workload, workers):
    """In processes of this machine, since its Ray never comes up."""
    from cluster import RayExecutor

    return RayExecutor(workload, on_its_way(workload), workers)


def on_its_way(workload, head=None):
    """A Ray that is not up yet."""
    from cluster.pool.arriving import Arriving
    from cluster.workers.shipping import payload_of

    return Arriving(payload_of(workload), 2, head or Nowhere)


class Nowhere:
    """The head of a Ray that takes its time."""

    def address(self):
        return None

    def close(self): ...
