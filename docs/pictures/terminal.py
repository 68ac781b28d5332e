"""The screen half way through the demo, docs/terminal.svg.

make demo; python docs/pictures/terminal.py runs/digits
"""

import io
import itertools
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

from sweeps.results import load
from sweeps.results.state import State
from sweeps.screen.live import LiveState, picture
from sweeps.spec import as_spec
from sweeps.store import LOG, LogReader

WIDTH = 110


def half_way(folder: Path, part: float = 0.5) -> LiveState:
    """What was known of a sweep when so much of its log had been written."""
    events = list(LogReader(folder / LOG).more())
    state = LiveState(as_spec(load(folder).spec))
    for event in itertools.islice(events, int(part * len(events))):
        state.take(event)
    return state


def draw(folder: Path) -> str:
    """The picture as an SVG."""
    state = half_way(folder)
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(picture(state, State("running"), now=state.last_time, width=WIDTH))
    svg = console.export_svg(title="caviar run examples/digits.yaml", theme=MONOKAI, unique_id="caviar")
    return re.sub(r" *@font-face \{.*?\}\n", "", svg, flags=re.DOTALL)  # it loads nothing from elsewhere


if __name__ == "__main__":
    (Path(__file__).parents[1] / "terminal.svg").write_text(draw(Path(sys.argv[1])), encoding="utf-8")
