"""What of a proposal can be done: within the space's bounds, from a checkpoint that there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sweeps.errors import BadInput
from sweeps.nudging.deciding import Deciding
from sweeps.nudging.values import Rules, changed, clipped
from sweeps.schedulers.panda import Branch
from sweeps.space import Config

Proposal = tuple[Mapping[str, Any], int | None]
"""Values, as `sweeps.nudge` takes them, and the epoch to roll back to, if any."""

NOTHING: Proposal = ({}, None)


def possible(
    deciding: Deciding, branch: Branch, values: Mapping[str, Any], rollback: int | None, *, works: bool = True
) -> Proposal:
    """What is left of a proposal for a branch; `NOTHING` where that is nothing.

    Args:
        deciding: Knows how the branches stand.
        branch: For which it is made. values, rollback: What is proposed.
        works: Whether somebody trains it; else it may be trained longer, once it is resumed.
    """
    back = _nearest(deciding, branch, rollback)
    if branch.left or (back is None and not _goes_on(deciding, branch, works)):
        return NOTHING
    config, trained = branch.config, branch.trained
    if back is not None:
        config = trained = deciding.ledger.config_at(deciding.held(branch)[back], back)
    found = _allowed(values, config, trained, deciding.rules)
    return NOTHING if values and not found else (found, back)


def _nearest(deciding: Deciding, branch: Branch, epoch: int | None) -> int | None:
    """This epoch, or the last before it that has a checkpoint; None where there is none but the very
    beginning, which is another proposal."""
    if epoch is None or epoch in (held := deciding.held(branch)):
        return epoch
    return max((each for each in held if 0 < each < epoch), default=None)


def _goes_on(deciding: Deciding, branch: Branch, works: bool) -> bool:
    """Whether something is left to train of it from where it stands."""
    if not works:
        return not branch.lost
    return branch.live and deciding.scheduler.next_stop(branch) < deciding.scheduler.epochs


def _allowed(values: Mapping[str, Any], config: Config, trained: Config, rules: Rules) -> Mapping[str, Any]:
    found = clipped(values, config, rules.space)
    try:
        changed(found, config, trained, rules)
    except BadInput:
        return {}
    return found
