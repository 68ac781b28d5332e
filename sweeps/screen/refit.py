"""A winner that was trained again on more data, on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from sweeps.screen.console import Screen
from sweeps.screen.figures import show_path

if TYPE_CHECKING:
    from sweeps.face.models.refit import Refit


def print_refit(found: Refit, screen: Screen | None = None) -> None:
    """What was trained, and its figures on the test data beside those of before."""
    screen = screen or Screen()
    seeds = f"{len(found.seeds)} seed{'s'[: len(found.seeds) != 1]}"
    parts = f", by its schedule of {len(found.schedule)} configs" if len(found.schedule) > 1 else ""
    what = f"trial {found.trial}: {found.epochs} epochs on training and validation data{parts}, {seeds}"
    screen.print(Text(what, "bold"), soft_wrap=True)
    for name, value in found.metrics.items():
        spread = f" ± {found.spreads[name]:.2g}" if name in found.spreads else ""
        before = f" (before: {found.before[name]:.4g})" if name in found.before else ""
        screen.print(Text(f"  {name} {value:.4g}{spread}{before}"), soft_wrap=True)
    screen.print(Text(f"wrote {show_path(found.path)}"), soft_wrap=True)
