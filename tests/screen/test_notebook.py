"""Sweeps in a notebook: real kernels, and what is left in the cells."""

import asyncio
import re
import time
from pathlib import Path

import pytest

pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

import nbformat
from nbclient import NotebookClient

import sweeps
from sweeps.events import JobReported, ProcessBegun, SweepEnded
from sweeps.screen.live import LiveState
from sweeps.screen.notebook import NotebookWatcher, in_notebook
from sweeps.screen.watch import LineWatcher, watcher
from sweeps.store.log import LogReader
from tests.screen.live_sweeps import sweep

MARKUP = "<img src=x onerror=alert(1)>"
EVIL = f"{MARKUP}\x1b[31m\u202e&quot;'\""
TRAIN = """
import time
from pathlib import Path
import sweeps

def train(config, run):
    for epoch in range(run.start, run.epochs):
        if not Path("go").exists():
            time.sleep(0.05)  # so slow that there is always something to interrupt
        yield {"val_loss": config["x"] / (epoch + 1)}

given = {"space": {"x": {"uniform": [0, 1]}}, "epochs": 9, "finalists": False, "limits": {"time": "55s"}}
"""
CHILDREN = """
import os, time
def children():
    pids = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    kinds = [Path(f"/proc/{pid}/stat") for pid in pids]
    return [kind for kind in kinds if kind.exists() and kind.read_text().rpartition(")")[2].split()[0] != "Z"]
deadline = time.monotonic() + 60
while children() and time.monotonic() < deadline:
    time.sleep(0.05)
print(len(children()), "children")
"""


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """Runs the cells one after the other, each with what is to be done while it runs; gives their outputs."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))

    async def run(cells):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell, _ in cells])
        client = NotebookClient(
            notebook, kernel_name="python3", allow_errors=True, resources={"metadata": {"path": tmp_path}}
        )
        async with client.async_setup_kernel():
            for number, (_, meanwhile) in enumerate(cells):
                running = asyncio.ensure_future(client.async_execute_cell(notebook.cells[number], number))
                if meanwhile is not None:
                    await meanwhile(client, running)
                await running
        return [cell.outputs for cell in notebook.cells]

    return lambda *cells: asyncio.run(run([(c, None) if isinstance(c, str) else c for c in cells]))


def interrupt_after_a_trial(folder):
    """As the button of a notebook does, once a trial has ended."""

    async def meanwhile(client, running):
        log = folder / "log"
        while not (log.exists() and any(_ended(event) for event in LogReader(log))):
            assert not running.done(), running.result()
            await asyncio.sleep(0.02)
        await client.km.interrupt_kernel()

    return meanwhile


def _ended(event):
    return isinstance(event, JobReported) and event.outcome != "running"


def test_a_finished_sweep_leaves_one_output(kernel):
    code = f"""
def train(config, run):
    for epoch in range(600):
        yield {{{EVIL!r}: config["x"] / (epoch + 1)}}
space = {{"x": {{"uniform": [1, 2]}}, "kind": {{"choice": [{EVIL!r}, "b"]}}}}
given = {{"metric": {EVIL!r}, "trials": 30, "epochs": 600, "serial": True, "name": "its"}}
result = sweeps.run(train, space=space, out="run", **given)
"""
    imports, swept, shown = kernel("import sweeps", code, "result")
    assert imports == []
    (output,) = swept
    assert output.output_type == "display_data"
    assert output.data["text/plain"].splitlines()[0].startswith("its: complete, after ")
    assert "30/30 trials" in output.data["text/html"]
    assert "<svg" in output.data["text/html"]
    assert "<table" in output.data["text/html"]
    for html in (output.data["text/html"], shown[0].data["text/html"]):
        assert "<img" not in html
        assert "&lt;img" in html


@pytest.mark.parametrize("how", [{"serial": True}, {"workers": 2}], ids=str)
def test_an_interrupt_ends_the_sweep_and_the_kernel_goes_on(kernel, tmp_path, how):
    run = tmp_path / "run"
    outputs = kernel(
        TRAIN,
        (f"sweeps.run(train, trials=300, out='run', **given, **{how})", interrupt_after_a_trial(run)),
        CHILDREN,
        "len(sweeps.load('run').trials)",
        f"Path('go').touch(); found = sweeps.resume('run', train=train, trials=9, **{how})",
        f"len(sweeps.run(train, trials=5, out='next', **given, **{how}).trials)",
    )
    _, stopped, children, loaded, resumed, following = outputs
    assert [each.output_type for each in stopped] == ["display_data", "error"]
    assert re.search("interrupted at [-:0-9 ]+; sweeps.resume goes on with it", stopped[0].data["text/html"])
    assert stopped[1].ename == "Interrupted"
    assert stopped[1].traceback == ["Interrupted: interrupted; what had finished is on disk"]
    assert children[0].text == "0 children\n"
    assert int(loaded[0].data["text/plain"]) > 0
    assert [each.output_type for each in resumed] == ["display_data"]
    assert following[-1].data["text/plain"] == "5"
    ends = [event.how for event in LogReader(run / "log") if isinstance(event, SweepEnded)]
    assert ends == ["interrupted", "complete"]
    assert "running" not in set(sweeps.load(run).trials["status"])


def test_outside_a_kernel_there_are_lines():
    assert not in_notebook()
    assert isinstance(watcher(), LineWatcher)


class Shown:
    """The output of a cell, each time that it was drawn."""

    def __init__(self):
        self.drawn = []

    def show(self, html, text):
        self.drawn.append((html, text))


def test_it_is_drawn_once_a_second_and_at_the_end(tmp_path):
    sweep(tmp_path / "run")
    output = Shown()
    watching = NotebookWatcher(output)
    watching.starting("in this process")
    watching.started("in this process", str(tmp_path / "run"))
    watching.hint("a hint")
    progress = _progress(tmp_path / "run")
    before = len(output.drawn)
    for _ in range(100):
        watching.update(progress)
        watching.notice("said while it runs")
    assert len(output.drawn) == before + 1
    watching.finished(progress)
    html, text = output.drawn[-1]
    assert html.count("said while it runs") == 5
    assert "hint: a hint" in text
    assert "infeasible" in html
    assert f"best of the search: val_loss {progress.best.objective:.4g}" in html
    assert html.count("<tr>") == 6


def test_nothing_of_a_user_is_markup(tmp_path):
    output = Shown()
    watching = NotebookWatcher(output)
    watching.hint(EVIL)
    watching.described([EVIL])
    watching.starting(EVIL)
    watching.started(EVIL, EVIL)
    watching.notice(EVIL)
    watching.finished(_progress(_swept(tmp_path)))
    html, text = output.drawn[-1]
    assert "<img" not in html
    assert not set(html + text) & set("\x1b\u202e")


def test_sentences_are_shown_to_their_ends(tmp_path):
    output = Shown()
    watching = NotebookWatcher(output)
    watching.described([f"data: {'many columns, ' * 40}as the last"])
    watching.started("in this process", str(_swept(tmp_path)))
    watching.hint(f"{'why, ' * 60}: what to do")
    watching.notice(
        f"the log {tmp_path / ('long' * 60)} cannot be written: free some space within 10 minutes"
    )
    html, _ = output.drawn[-1]
    for end in ("as the last", "what to do", "free some space within 10 minutes"):
        assert f"{end}</div>" in html


def test_an_error_is_said_in_a_line_and_what_to_do_after_it(tmp_path):
    def train(config, run):
        raise ValueError("no luck " * 200)

    with pytest.raises(sweeps.AllTrialsFailed):
        sweep(tmp_path / "run", train)
    output = Shown()
    watching = NotebookWatcher(output)
    watching.started("in this process", str(tmp_path / "run"))
    watching.finished(_progress(tmp_path / "run"))
    html, text = output.drawn[-1]
    (standing,) = [part for part in html.split("</div>") if "sweeps.resume goes on with it" in part]
    for said in (standing, text.splitlines()[0]):
        assert "all of the first 16 trials failed, this one first; sweeps.resume" in said


def test_a_sweep_that_another_process_has_taken_over_runs_no_more_here(tmp_path):
    """Its loop says no end then: its log is the other's."""
    progress = _progress(_swept(tmp_path))
    output = Shown()
    watching = NotebookWatcher(output)
    watching.started("in this process", str(tmp_path / "run"))
    for event in LogReader(tmp_path / "run" / "log"):
        if isinstance(event, ProcessBegun):
            watching.event(event)
    watching.update(progress)
    assert "running for" in output.drawn[-1][1]
    watching.finished(progress)
    for said in output.drawn[-1]:
        assert "another process goes on with it" in said
        assert "running for" not in said


def _swept(folder):
    sweep(folder / "run")
    return folder / "run"


def _progress(folder):
    state = LiveState(sweeps.spec.as_spec(sweeps.load(folder).spec))
    for event in LogReader(folder / "log"):
        state.take(event)
    return state.progress(time.time())
