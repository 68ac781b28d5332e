"""How a panda stands by its log: its branches, and what was decided of them and is not trained yet."""

from __future__ import annotations

from dataclasses import replace

from sweeps.events import JobReported, JobsAsked, Nudged, SearchBegun
from sweeps.observation import Observation
from sweeps.schedulers.panda import Branch, PandaScheduler, every_of, pending_of
from sweeps.space import Space
from sweeps.spec import overridden
from sweeps.store import SPEC_FILE
from sweeps.sweep.replay import Replay, report_of
from sweeps.trial import Outcome


def panda_by_log(search: SearchBegun, replay: Replay) -> PandaScheduler:
    """What decides there, brought to where it is.

    Args:
        search: The last of the log. replay: Has taken in all of it.
    """
    spec = overridden(search.spec, SPEC_FILE)
    panda = PandaScheduler(
        Space(spec.space), epochs=spec.epochs, mode=spec.mode, seed=spec.seed, every=every_of(spec.scheduler)
    )
    panda.observe([replay.own(seen) for seen in search.observed], search.first_round)
    for event in replay.decisions:
        if isinstance(event, JobsAsked):
            panda.follow(event.jobs)
        elif isinstance(event, JobReported):
            panda.tell(report_of(event))
        elif isinstance(event, Nudged) and panda.has(event.nudge.branch):
            panda.nudge(event.nudge)
    return panda


def observed_branches(search: SearchBegun, replay: Replay, space: Space) -> list[Observation]:
    """All branches there are, those that have not begun among them, for a fresh scheduler to take over.

    Args:
        search, replay: See `panda_by_log`.
        space: In which it goes on; configs get its new hyperparameters.
    """
    begun = {seen.trial: seen for seen in replay.begun()}
    branches = panda_by_log(search, replay).branches
    return [_observed(begun.get(each.trial) or _to_begin(each), each, space) for each in branches]


def _to_begin(branch: Branch) -> Observation:
    standing = branch.trial, branch.trained, branch.reached, None, Outcome.DONE
    return Observation(*standing, seed=branch.seed, parent=branch.parent)


def _observed(seen: Observation, branch: Branch, space: Space) -> Observation:
    pending = pending_of(branch)
    if pending is not None:
        forks = [replace(nudge, config=space.completed(nudge.config)) for nudge in pending.forks]
        pending = replace(pending, config=space.completed(pending.config), forks=forks)
    return replace(seen, config=space.completed(seen.config), pending=pending)
