"""Who trains: workers on Ray."""

import os
import warnings

from sweeps.logs import errors_alone

# Ray reads this once, as it is imported. Its handler in C++ prints a stack at SIGTERM and ends the process
# without clean-up. Ray's own processes, which are started later, keep theirs.
_VARIABLE = "RAY_DISABLE_FAILURE_SIGNAL_HANDLER"
_is_ours = _VARIABLE not in os.environ
os.environ.setdefault(_VARIABLE, "1")

# In a notebook Ray and tqdm would ask for widgets as they are imported; nothing here shows any.
with errors_alone("ray.widgets.util"), warnings.catch_warnings():
    warnings.filterwarnings("ignore", "IProgress not found")
    from cluster.metrics import SweepMetrics
    from cluster.pool.arriving import arriving
    from cluster.pool.executor import RayExecutor
    from cluster.pool.loading import LOAD_SECONDS
    from cluster.session import Session, ray_session

if _is_ours:
    del os.environ[_VARIABLE]

__all__ = ["LOAD_SECONDS", "RayExecutor", "Session", "SweepMetrics", "arriving", "ray_session"]
