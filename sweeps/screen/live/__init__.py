"""The live picture of a sweep: its state, fed by events, and what a terminal or a notebook shows of it."""

from sweeps.screen.live.follow import Follower, state_so_far
from sweeps.screen.live.html import harmless, html_line, html_picture
from sweeps.screen.live.panels import standing
from sweeps.screen.live.picture import picture
from sweeps.screen.live.state import LiveState

__all__ = [
    "Follower",
    "LiveState",
    "harmless",
    "html_line",
    "html_picture",
    "picture",
    "standing",
    "state_so_far",
]
