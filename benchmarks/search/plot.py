"""Draw regret against budget, a line a peer, a panel a number of workers.

python -m benchmarks.search.plot search.csv --source lcbench --out lcbench.svg
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.search.extra import not_installed
from benchmarks.search.report import regret_table
from benchmarks.search.results import Results

OURS = "caviar"
_SIZE = (5.2, 4.0)  # inches, of a panel


def draw(results: pd.DataFrame, source: str, out: Path) -> None:
    """One figure of a source, in the format that the file's name ends in; equal results give equal files."""
    import matplotlib

    matplotlib.use("agg")
    matplotlib.rcParams.update({"svg.hashsalt": source, "font.size": 9, "axes.spines.right": False})
    import matplotlib.pyplot as plt

    chosen = results[results.source == source]
    workers = sorted(chosen.workers.unique())
    colours = {peer: f"C{k % 10}" for k, peer in enumerate(sorted(chosen.peer.unique()))}
    size = (_SIZE[0] * len(workers), _SIZE[1])
    figure, panels = plt.subplots(1, len(workers), figsize=size, sharey=True, squeeze=False)
    for panel, count in zip(panels[0], workers, strict=True):
        _panel(panel, regret_table(results, source, int(count)), colours)
        panel.set_title(f"{source}, {count} worker{'s' if count > 1 else ''}", loc="left")
    panels[0][0].set_ylabel("normalised regret")
    figure.tight_layout()
    figure.savefig(out, metadata={"Date": None} if out.suffix == ".svg" else None)
    plt.close(figure)


def _panel(panel: Any, regrets: pd.DataFrame, colours: dict[str, str]) -> None:
    """The best peer's label on top, so that the legend reads like the lines' right ends."""
    budgets = np.array([float(name) for name in regrets.columns])
    for peer, row in reversed(list(regrets.iterrows())):
        colour, width = ("black", 2.4) if peer == OURS else (colours[str(peer)], 1.2)
        panel.plot(budgets, row, marker="o", markersize=3, color=colour, linewidth=width, label=str(peer))
    panel.set_xscale("log")
    panel.set_yscale("log")
    panel.set_xticks(budgets, [f"{budget:g}" for budget in budgets])
    panel.xaxis.minorticks_off()
    ticks = [tick for tick in (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 2, 4) if tick < 1.1 * regrets.max().max()]
    panel.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    panel.yaxis.minorticks_off()
    panel.set_xlabel("budget, full trainings' worth of epochs")
    panel.grid(alpha=0.3)
    handles, labels = panel.get_legend_handles_labels()
    panel.legend(handles[::-1], labels[::-1], fontsize=7, frameon=False, loc="lower left")


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m benchmarks.search.plot")
    options.add_argument("results", type=Path, help="what --out of the benchmark wrote")
    options.add_argument("--source", required=True)
    options.add_argument("--out", type=Path, required=True, help="a file that ends in .svg, .png or .pdf")
    given = options.parse_args()
    results = Results(given.results).read()
    if given.source not in set(results.source):
        known = ", ".join(sorted(set(results.source))) or "none"
        print(f"--source {given.source}: {given.results} has no rows of it; it has: {known}", file=sys.stderr)
        raise SystemExit(2)
    try:
        draw(results, given.source, given.out)
    except ModuleNotFoundError as error:
        print(not_installed("--out", str(given.out), error), file=sys.stderr)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
