"""The example of an analysis runs from its first cell to its last."""

import runpy
from pathlib import Path

import matplotlib as mpl

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "analysis.py"


def test_every_cell_runs(in_folder, capsys):
    mpl.use("Agg")
    runpy.run_path(str(EXAMPLE))
    mpl.pyplot.close("all")
    said = capsys.readouterr().out
    assert "rate (" in said  # which matters by far
    assert "is ahead" in said
    assert "space:" in said  # the refined spec
