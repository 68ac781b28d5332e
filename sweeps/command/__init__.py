"""The `caviar` command."""

from sweeps.command.app import main

__all__ = ["main"]
