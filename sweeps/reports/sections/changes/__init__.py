"""What changed while models were trained: by hand, or in a population."""

from __future__ import annotations

from sweeps.reports.blocks import Section
from sweeps.reports.sections.changes.interventions import interventions
from sweeps.reports.sections.changes.population import population
from sweeps.reports.view import View
from sweeps.schedulers import is_population


def changes(view: View) -> Section | None:
    """The section; None where all configs stayed as they were."""
    if is_population(view.result.spec["scheduler"]):
        return population(view)
    return None if view.result.changes.empty else interventions(view)
