"""Simulates one sweep, and holds it against the laws and against its like that had no faults."""

import tempfile
from pathlib import Path

import pandas as pd

from tests.simulation.laws import check, decisions, events_in_order
from tests.simulation.world import World


def simulate(seed):
    """Raise where a sweep of this seed breaks a promise.

    Returns:
        How many processes worked on it.
    """
    with tempfile.TemporaryDirectory() as folder:
        world = World(seed)
        result = world.run(Path(folder) / "run")
        check(result, world)
        events_in_order(result)
        if world.repeatable and not world.changed:
            calm = World(seed, calm=True).run(Path(folder) / "calm")
            pd.testing.assert_frame_equal(decisions(result), decisions(calm))
            pd.testing.assert_frame_equal(result.rounds, calm.rounds)
    return world.lives
