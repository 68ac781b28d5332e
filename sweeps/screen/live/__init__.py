"""The live picture of a sweep: its state, fed by events, and what a terminal shows of it."""

from sweeps.screen.live.follow import Follower
from sweeps.screen.live.picture import picture
from sweeps.screen.live.state import LiveState

__all__ = ["Follower", "LiveState", "picture"]
