"""The pool of workers: who trains which job, who has died, who waits. It knows no call of Ray's."""

from cluster.pool.arriving import arriving
from cluster.pool.executor import RayExecutor
from cluster.pool.loading import LOAD_SECONDS

__all__ = ["LOAD_SECONDS", "RayExecutor", "arriving"]
