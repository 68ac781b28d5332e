"""What reaches the screen, and what a screen that fails does to a sweep: nothing."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from rich.table import Table
from rich.text import Text

import sweeps
from sweeps.command import main
from sweeps.face import execute
from sweeps.screen.console import Screen, results
from sweeps.screen.watch import LineWatcher, LiveWatcher
from sweeps.spec import as_spec
from sweeps.store import TrialRow
from sweeps.sweep import make_plan
from sweeps.sweep.progress import Guarded, Progress, Silent

ROOT = Path(__file__).parents[2]
EVIL = "a\x1b[31mb\x1b]0;title\x07c\x9b2Jd\re\u202ef\x00g\x7fh"
HARMLESS = "a[31mb]0;titlec2Jdefgh"
SPEC = "trainable: mymodel:train\ntrials: 3\nepochs: 3\nfinalists: false\nspace: {rate: {log: [1e-3, 1]}}\n"
MODEL = """\
def train(config, run):
    for epoch in range(run.start, run.epochs):
        yield {'val_loss': config['rate']}
"""


def shown(*printed, encoding="utf-8", **options):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="")
    Screen(file=stream, width=60).print(*printed, **options)
    stream.flush()
    return stream.buffer.getvalue().decode(encoding)


def test_what_a_terminal_obeys_does_not_reach_it():
    table = Table(box=None, show_header=False)
    table.add_row(Text(EVIL), EVIL, "end")
    for printed in (EVIL, Text(EVIL), table, Text("x").append(EVIL)):
        out = shown(printed)
        assert HARMLESS in out
        assert not set(out) & set("\x1b\x07\x9b\r\u202e\x00\x7f")


def test_colours_of_our_own_do():
    stream = io.StringIO()
    screen = Screen(file=stream, width=60)
    screen._color_system = 1  # as on a terminal
    screen.print(Text(EVIL, "red"))
    assert stream.getvalue() == f"\x1b[31m{HARMLESS}\x1b[0m\n"


def test_columns_stay_in_line():
    table = Table(box=None, show_header=False)
    table.add_row(EVIL, "|")
    table.add_row(HARMLESS, "|")
    first, second = shown(table).splitlines()
    assert first == second


def test_text_is_not_read_as_markup_or_emoji():
    assert shown("[bold]x[/] [/red] :smile: \\[y]") == "[bold]x[/] [/red] :smile: \\[y]\n"


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "cp1252"])
def test_what_the_encoding_lacks_becomes_a_question_mark(encoding):
    assert shown("β 𝛼 \udcff", encoding=encoding) == "? ? ?\n"


def progress():
    best = TrialRow(0, 0, {"kind": EVIL, "x\x1b[2J": 1.0}, objective=0.5, best_epoch=1)
    return Progress(3, {}, 0, {}, 3, 3, 0, best, 1.0)


@pytest.mark.parametrize("watcher", [LiveWatcher, LineWatcher])
def test_the_live_view_obeys_nothing(watcher):
    stream = io.StringIO()
    screen = Screen(file=stream, width=100)
    watcher = watcher(screen)
    watcher.hint(EVIL)
    watcher.starting(EVIL)
    watcher.started(EVIL, EVIL)
    watcher.notice(EVIL)
    watcher.update(progress())
    watcher.finished(progress())
    assert stream.getvalue().count(HARMLESS) >= 5
    assert not set(stream.getvalue()) & set("\x1b\x07\x9b\u202e\x00\x7f")


def failing_plan():
    form = {
        "name": "x",
        "trainable": "m:t",
        "metric": "val_loss",
        "trials": 3,
        "epochs": 3,
        "finalists": False,
    }
    space = {"rate": {"log": [1e-3, 1]}}

    def train(config, run):
        for _ in range(run.start, run.epochs):
            yield {"val_loss": config["rate"]}

    return make_plan(as_spec({**form, "space": space}), train, None)


class Failing:
    """Raises whatever is called, as a closed terminal or a bug of the user's does."""

    def __init__(self, error):
        self.error, self.calls = error, []

    def __getattr__(self, name):
        def call(*arguments):
            self.calls.append(name)
            raise self.error

        return call


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        BrokenPipeError(),
        UnicodeEncodeError("x", "y", 0, 1, "z"),
        KeyError("a"),
    ],
)
def test_an_observer_that_raises_is_reported_once_and_the_sweep_goes_on(tmp_path, capsys, error):
    observer = Failing(error)
    result = execute(failing_plan(), out=tmp_path / "run", serial=True, observer=observer)
    assert result.trials["status"].isin(["completed", "stopped"]).all()
    assert {"starting", "started", "update", "finished"} <= set(observer.calls)
    err = capsys.readouterr().err
    assert err.count("the sweep goes on") == err.count("\n") == 1
    assert type(error).__name__ in err
    assert "test_screen.py, line" in err


def test_an_observer_without_a_method_is_reported_too(capsys):
    guarded = Guarded(object())
    guarded.update(progress())
    assert "has no attribute 'update'" in capsys.readouterr().err


def test_an_interrupt_in_an_observer_still_stops_the_sweep():
    with pytest.raises(KeyboardInterrupt):
        Guarded(Failing(KeyboardInterrupt())).update(progress())


def test_a_screen_that_cannot_even_report_its_failure(tmp_path, monkeypatch):
    class Closed(io.StringIO):
        def write(self, text):
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(sys, "stderr", Closed())
    result = sweeps.run(
        lambda config, run: config["x"],
        space={"x": sweeps.Uniform(0, 1)},
        trials=3,
        serial=True,
        out=tmp_path / "run",
    )
    assert len(result.trials) > 3


def test_a_silent_observer_watches_all_there_is_to_watch():
    """So that the guard, which lists the methods, misses none."""
    methods = {name for name in vars(Silent) if not name.startswith("_")}
    assert methods == {name for name in vars(Guarded) if not name.startswith("_")} - {"add"}


def test_results_for_a_full_disk_are_an_error(monkeypatch):
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(OSError, match="No space left"), results():
            print("x")


@pytest.mark.parametrize(
    "say", [lambda: typer.echo("x" * 100_000), lambda: Screen().print("x"), lambda: print("x")]
)
def test_results_that_nobody_reads_to_the_end_are_no_error(monkeypatch, say):
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        with results():
            say()
        print("more, which goes nowhere")


@pytest.fixture
def folder(in_folder):
    (in_folder / "spec.yaml").write_text(SPEC)
    (in_folder / "mymodel.py").write_text(MODEL)
    return in_folder


def caviar(arguments, redirection="", **streams):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **streams.pop("env", {})}
    command = f'exec "{sys.executable}" -m sweeps {arguments} {redirection}'
    return subprocess.run(["sh", "-c", command], env=environment, check=False, **streams)


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_prints_of_a_trainable_that_nobody_reads_fail_no_trial(folder, monkeypatch, stream):
    printing = MODEL.replace("yield", f"print('x' * 10_000, file=sys.{stream}, flush=True); yield")
    (folder / "printing.py").write_text(f"import sys\n{printing}")
    read, write = os.pipe()
    os.close(read)
    arguments = ["caviar", "run", "spec.yaml", "--serial", "--set", "trainable=printing:train"]
    monkeypatch.setattr(sys, "argv", arguments)
    with os.fdopen(write, "w") as pipe:
        monkeypatch.setattr(sys, stream, pipe)
        with pytest.raises(SystemExit) as end:
            main()
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), write)  # so that the pipe can be closed with what it still holds
    assert end.value.code == 0
    assert sweeps.load(folder / "runs" / "spec").trials["status"].isin(["completed", "stopped"]).all()
    sys.modules.pop("printing")
    sys.path[:] = [entry for entry in sys.path if entry != str(folder)]


def test_a_sweep_without_any_stream(folder):
    assert caviar("run spec.yaml --serial", "2>&- >&- <&-").returncode == 0
    assert len(sweeps.load(folder / "runs" / "spec").trials) == 3


def test_readers_that_went_away_are_no_error(folder):
    """As in `caviar run … 2>&1 | head -1`, with nobody at the other end from the beginning."""
    read, write = os.pipe()
    os.close(read)
    done = caviar("run spec.yaml --serial", stdout=write, stderr=write)
    os.close(write)
    assert done.returncode == 0
    assert len(sweeps.load(folder / "runs" / "spec").trials) == 3


def test_only_results_are_lost_where_they_cannot_be_written(folder):
    ascii_terminal = {"PYTHONIOENCODING": "ascii"}
    done = caviar(
        "run spec.yaml --serial", ">/dev/full", stderr=subprocess.PIPE, text=True, env=ascii_terminal
    )
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert len(sweeps.load(folder / "runs" / "spec").trials) == 3
