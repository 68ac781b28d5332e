"""What the variable RAY_ADDRESS asks for."""

from __future__ import annotations

import os

_FOR_JOBS = ("http://", "https://")  # where `ray job submit` sends a job, and no cluster to join


def named_by_variable() -> str | None:
    """The address that RAY_ADDRESS gives: host:port, "auto", or "local" for none; None where it is not set.

    Empty is not set, as for Ray itself.
    """
    found = os.environ.get("RAY_ADDRESS") or None
    return "local" if found is not None and found.startswith(_FOR_JOBS) else found
