"""Who trains: workers on Ray."""

import os

# Ray reads this once, as it is imported. Its handler in C++ prints a stack at SIGTERM and ends the process
# without clean-up. Ray's own processes, which are started later, keep theirs.
_VARIABLE = "RAY_DISABLE_FAILURE_SIGNAL_HANDLER"
_is_ours = _VARIABLE not in os.environ
os.environ.setdefault(_VARIABLE, "1")

from cluster.metrics import SweepMetrics  # noqa: E402
from cluster.pool.arriving import arriving  # noqa: E402
from cluster.pool.executor import RayExecutor  # noqa: E402
from cluster.pool.loading import LOAD_SECONDS  # noqa: E402
from cluster.session import Session, ray_session  # noqa: E402

if _is_ours:
    del os.environ[_VARIABLE]

__all__ = ["LOAD_SECONDS", "RayExecutor", "Session", "SweepMetrics", "arriving", "ray_session"]
