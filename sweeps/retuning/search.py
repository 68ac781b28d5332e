"""The search after a check whose winner has lost: the same sweep goes on, and knows of all trials so far."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sweeps.results import SweepResult
from sweeps.retuning.conclude import conclude
from sweeps.retuning.outcome import read_retuned
from sweeps.schedulers import CoarseToFineSettings, rung_cost, rung_epochs
from sweeps.spec import Finalists, as_retuning

_TOP, _SEEDS = 1, 3  # of the finals after the search, in which the earlier winner always is
_LEAST = 8  # trials


def search_after(result: SweepResult) -> dict[str, Any] | None:
    """The keys by which a retune goes on as a search, old best first; None where none is to follow.

    None, too, where a limit or a person has ended the check: what it says then is no verdict yet.
    """
    rule = as_retuning(result.spec.get("retune"))
    if rule is None or rule.search or not rule.after or result.ended_by is not None:
        return None
    found = read_retuned(result.path) or conclude(result, rule)
    if found.verdict.kind != "lost":
        return None
    settings = CoarseToFineSettings()
    levels = rung_epochs(result.spec["epochs"], settings.factor, settings.rungs)
    more = max(round(rule.after / rung_cost(levels, settings.promotion_share)), _LEAST)
    return {
        "trials": result.spec["trials"] + more,
        "finalists": Finalists(top=_TOP, seeds=_SEEDS),
        "extend": rule.extend,
        "retune": replace(rule, search=True),
    }
