"""The store: a sweep's folder, its tables and its checkpoints, written while it runs."""

from sweeps.store.checkpoints import Checkpoints
from sweeps.store.run_directory import RunDirectory, claimed
from sweeps.store.trials import TrialRow

__all__ = ["Checkpoints", "RunDirectory", "TrialRow", "claimed"]
