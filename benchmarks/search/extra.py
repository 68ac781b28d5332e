"""What the extra `search-bench` brings, where it is not there."""

from __future__ import annotations

from sweeps.errors import BadInput


def not_installed(place: str, value: str, missing: ModuleNotFoundError) -> BadInput:
    """What to tell whoever asked for something that needs the missing package."""
    rule = f"needs {missing.name}, which is not installed"
    return BadInput(place, value, rule, 'pip install "caviar-sweeps[search-bench]"')
