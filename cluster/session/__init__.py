"""A connection to Ray for as long as a sweep lasts, and whether there is room for its workers."""

from cluster.session.session import (
    Choice,
    Session,
    choose,
    describe,
    quiet_raylet,
    ray_session,
    starts_here,
)

__all__ = ["Choice", "Session", "choose", "describe", "quiet_raylet", "ray_session", "starts_here"]
