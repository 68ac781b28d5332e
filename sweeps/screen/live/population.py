"""A population in the picture: how far its members are, and who went on from whom last."""

from __future__ import annotations

from rich.text import Text

from sweeps.results.population import Exploit, Population
from sweeps.screen.figures import show_moved
from sweeps.screen.live.lines import line
from sweeps.screen.live.state import LiveState


def population(state: LiveState) -> list[Text]:
    """Two lines; none where the sweep trains no population, or none of it has begun."""
    found = state.population
    if found is None or not found.members:
        return []
    lines = [line(_standing(found), "bold")]
    return [*lines, line(f"the last: {_told(found.exploits[-1])}")] if found.exploits else lines


def _standing(found: Population) -> str:
    members, low, high = len(found.members), min(found.reached), max(found.reached)
    at = f"at epoch {low}" if low == high else f"at epochs {low} to {high}"
    exploits = len(found.exploits)
    return f"population: {members} member{'s'[: members != 1]} {at}, {exploits} exploit{'s'[: exploits != 1]}"


def _told(last: Exploit) -> str:
    moved = show_moved(last.before, last.config) or "as it was"
    return f"trial {last.trial} in place of {last.was}, from {last.donor} at epoch {last.epoch}: {moved}"
