"""`sweeps.report`: the report of one sweep, or of several side by side, as an HTML file."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from sweeps.analysis import labels_of
from sweeps.errors import BadInput
from sweeps.reports.blocks import Section
from sweeps.reports.page import Page, render
from sweeps.reports.sections import SECTIONS
from sweeps.reports.sections.compare import compare
from sweeps.reports.view import View
from sweeps.results import SweepResult, load
from sweeps.store.atomic import write_bytes

_NAME = "report.html"


def report(
    directory: str | Path | SweepResult | Sequence[str | Path | SweepResult], out: str | Path | None = None
) -> Path:
    """Write what a sweep has shown as one HTML file, which works offline and asks nobody for anything.

    It may be written while the sweep runs, and again.

    Args:
        directory: The sweep's folder, or what `sweeps.run` or `sweeps.load` gave; or several, of which
            the first is reported and all are compared.
        out: The file; by default ``report.html`` in the (first) folder.

    Returns:
        The path of the file.

    Raises:
        BadInput: A folder holds no sweep, or is damaged; plotly is not there; or the file cannot be written.

    Example:
        ::

            sweeps.report("runs/digits")
            sweeps.report(["runs/wide", "runs/narrow"], out="compared.html")
    """
    one = isinstance(directory, str | Path | SweepResult)
    given: Sequence[str | Path | SweepResult] = [directory] if one else directory  # type: ignore[assignment, list-item]
    if not given:
        raise BadInput("directory", given, "names no sweep", "give a folder, such as runs/digits")
    results = [each if isinstance(each, SweepResult) else load(each) for each in given]
    path = results[0].path / _NAME if out is None else Path(out)
    check_out(path)
    text = page_of(results)
    try:
        write_bytes(path, text.encode())
    except OSError as error:
        raise _cannot_write(path, error.strerror) from error
    return path


def page_of(results: Sequence[SweepResult], poll: str = "") -> str:
    """The HTML of a report. poll: what a server says of the folders now, where one serves it.

    Raises:
        BadInput: A folder is damaged, or plotly is not there.
    """
    check_plotly()
    view = View(results[0])
    made = [section(view) for section in SECTIONS]
    sections = [section for section in made if section is not None]  # what a sweep has nothing to say of
    if len(results) > 1:
        sections.insert(_place(sections, "next"), compare([View(result) for result in results]))
    names = labels_of(results)
    subtitle = f"{view.metric_name} · {results[0].path}"
    footer = f"Written by Caviar from {', '.join(str(result.path) for result in results)}."
    page = Page(" and ".join(names), subtitle, sections, dict(view.cards()), footer, poll)
    return render(page)


def check_plotly() -> None:
    """Raises `BadInput` where plotly is not installed."""
    if find_spec("plotly") is None:
        fix = 'pip install "caviar-sweeps[report]"'
        raise BadInput("report", "plotly", "is not installed, and draws the pictures", fix)


def check_out(path: Path) -> None:
    """Raises `BadInput` where a file cannot be written there, before anything is read."""
    if path.is_dir():
        raise BadInput("out", str(path), "is a folder", f"give a file, such as {path / _NAME}")
    if not path.absolute().parent.is_dir():
        raise BadInput(
            "out", str(path), "lies in a folder that is not there", "make the folder, or give another"
        )


def _place(sections: Sequence[Section], key: str) -> int:
    return next(k for k, section in enumerate(sections) if section.key == key)


def _cannot_write(path: Path, why: str | None) -> BadInput:
    return BadInput(
        "out", str(path), f"cannot be written: {why}", "give another file with --out (out= in Python)"
    )
