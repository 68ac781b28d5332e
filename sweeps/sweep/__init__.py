"""A sweep: its plan, its loop, and what is known of its trials."""

from sweeps.sweep.ledger import Ledger
from sweeps.sweep.loop import SweepLoop
from sweeps.sweep.planning.plan import Plan, make_plan
from sweeps.sweep.retention import Retention

__all__ = ["Ledger", "Plan", "Retention", "SweepLoop", "make_plan"]
