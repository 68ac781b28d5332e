"""Who trains: workers on Ray."""

from cluster.executor import RayExecutor
from cluster.session import Session, ray_session

__all__ = ["RayExecutor", "Session", "ray_session"]
