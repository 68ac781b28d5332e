"""The picture at several sizes: it fits, and what matters most is on it."""

import io
import time
from dataclasses import replace

import pytest
from rich.cells import cell_len

from sweeps.events import JobReported, ProcessBegun, SearchBegun
from sweeps.results.state import State
from sweeps.screen.console import Screen
from sweeps.screen.live import Follower, LiveState, picture
from sweeps.screen.live.bars import region_bar, region_text, status_bar
from sweeps.screen.live.curve import plotted
from sweeps.screen.watch import LiveWatcher
from sweeps.space import Space
from sweeps.spec import as_spec
from sweeps.store.log import LogReader
from sweeps.trial import Outcome, Region, Status
from tests import trainables
from tests.screen.live_sweeps import SPACE, sweep

EVIL = "a\x1b[31mb\x1b]0;title\x07c\x9b2Jd\re\u202ef\x00g\x7fh\nnext line"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("live") / "run"
    sweep(out, limits={"time": "2h", "epochs": 5000})
    return out


def shown(state, width, height, status=None, **options):
    out = io.StringIO()
    status = status or State("running")
    Screen(file=out, width=width).print(
        picture(state, status, now=time.time(), width=width, height=height, **options)
    )
    return out.getvalue()


def state_of(folder, events=None):
    state = Follower(folder).state
    for event in list(LogReader(folder / "log"))[:events]:
        state.take(event)
    return state


SIZES = [(80, 23), (200, 59), (40, 23), (120, 30), (20, 5), (10, 1), (300, 100)]


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("events", [0, 1, 2, 3, 20, 60, None])
def test_it_fits_any_screen_at_any_moment(folder, width, height, events):
    lines = shown(state_of(folder, events), width, height).splitlines()
    assert len(lines) <= height
    assert all(cell_len(line) <= width for line in lines)


@pytest.mark.parametrize(("width", "height"), [(80, 23), (200, 59)])
def test_what_matters_is_on_it(folder, width, height):
    state = state_of(folder, 60)
    out = shown(state, width, height)
    progress = state.progress(time.time())
    assert f"{progress.done}/24 trials" in out
    assert " running" in out
    assert f"{progress.epochs} epochs of 5,000 in the search" in out
    assert " of 2 h, " in out
    assert "epochs/s" in out
    assert f"best of the search: val_loss {progress.best.objective:.4g} (trial {progress.best.trial}, " in out
    assert "regions of round" in out
    assert "best over" in out
    for row in state.top(5):
        assert any(line.split()[:1] == [str(row.trial)] for line in out.splitlines())


def test_more_room_shows_more(folder):
    state = state_of(folder, 60)
    assert "workers: 1; jobs with them: " in shown(state, 200, 59)
    low = shown(state, 80, 23)
    high = shown(state, 80, 60)
    assert len(low.splitlines()) == 23 < len(high.splitlines())
    for name in SPACE:
        assert any(line.strip().startswith(name) for line in high.splitlines())
    assert "on a higher screen" in low
    assert "on a higher screen" not in high


def test_failures_name_the_last_one_on_a_line(folder):
    state = state_of(folder)
    lost = [line for line in shown(state, 200, 59).splitlines() if "the last, trial" in line]
    counts = state.progress(time.time()).counts
    assert len(lost) == 1
    assert f"{counts['failed']} failed, {counts['infeasible']} diverged" in lost[0]
    assert f"trial {state.lost.trial}: " in lost[0]


def test_a_population_has_its_members_and_the_last_exploit(tmp_path):
    keys = {"space": {"rate": {"log": [1e-3, 0.5]}}, "trials": 8, "scheduler": "pbt:3", "finalists": False}
    result = sweep(tmp_path / "s", trainables.shrinking, **keys)
    follower = Follower(tmp_path / "s")
    assert "population" not in shown(follower.state, 80, 24)
    follower.read()
    text = shown(follower.state, 120, 40)
    exploits = result.trials[result.trials["parent"].notna()]
    last = exploits.iloc[-1]
    assert f"population: 8 members at epoch 9, {len(exploits)} exploits" in text
    assert f"the last: trial {last.trial} in place of" in text
    assert f"from {last.parent} at epoch {last.parent_epoch}: rate" in text
    assert len(shown(follower.state, 30, 10).splitlines()) <= 10


def test_hostile_names_and_values_move_nothing():
    spec = as_spec(
        {
            "trainable": "m:t",
            "metric": EVIL,
            "trials": 3,
            "space": {"kind": {"choice": [EVIL, "x" * 5000]}, "rate": {"uniform": [0, 1]}},
        }
    )
    state = LiveState(spec)
    from sweeps.events import JobsAsked, Noticed
    from sweeps.trial import Job

    state.take(ProcessBegun(time=1.0, host=EVIL))
    state.take(SearchBegun(time=1.0, spec=""))
    jobs = tuple(Job(trial, {"kind": EVIL, "rate": 0.5}, stop=9) for trial in range(3))
    state.take(JobsAsked(time=2.0, capacity=3, jobs=jobs))
    done = JobReported(
        time=3.0, trial=0, epochs=1, outcome=Outcome.RUNNING, rows={EVIL: [0.5]}, count=1, worker=EVIL
    )
    state.take(done)
    state.take(replace(done, trial=1, outcome=Outcome.FAILED, rows={}, count=0, epochs=0, error=EVIL))
    state.take(Noticed(time=4.0, text=EVIL))
    for width, height in SIZES:
        out = shown(state, width, height, notes=[EVIL])
        assert not set(out) & set("\x1b\x07\x9b\r\u202e\x00\x7f")
        assert len(out.splitlines()) <= height
        assert all(cell_len(line) <= width for line in out.splitlines())


def test_the_watcher_draws_it_in_place_and_leaves_three_lines(folder, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")  # as on a terminal
    out = io.StringIO()
    screen = Screen(file=out, width=100)
    watcher = LiveWatcher(screen)
    watcher.started("in this process", str(folder))
    state = state_of(folder)
    progress = state.progress(time.time())
    watcher.update(progress)
    assert "regions of round" in out.getvalue()
    size = len(out.getvalue())
    watcher.update(progress)
    assert len(out.getvalue()) == size, "at most a few pictures a second"
    watcher.finished(progress)
    last = out.getvalue()[size:]
    assert "24/24 trials" in last
    assert "regions" not in last


def test_a_status_bar_has_a_column_for_each_status_and_is_as_wide_as_asked():
    counts = {Status.COMPLETED: 997, Status.FAILED: 1, Status.RUNNING: 2}
    for width in (1, 3, 5, 40):
        bar = status_bar(counts, 2000, width).plain
        assert len(bar) == width
    bar = status_bar(counts, 2000, 40).plain
    assert (bar.count("█"), bar.count("░"), bar.count("x"), bar.count("·")) == (20, 1, 1, 18)
    assert status_bar({}, 0, 10).plain == "·" * 10


def region(name, low, high):
    return Region(name, low, high, 3, "why")


def test_regions_shrink_on_their_own_scale():
    space = Space(SPACE).distributions
    whole = region("rate", 1e-3, 1.0)
    decade = region("rate", 1e-2, 1e-1)
    assert region_bar(space["rate"], [whole], 30).plain == "█" * 30
    assert region_bar(space["rate"], [whole, decade], 30).plain == "▒" * 10 + "█" * 10 + "▒" * 10
    assert region_bar(space["batch"], [region("batch", 32, 64)], 8).plain == "··████··"
    assert region_bar(space["kind"], [region("kind", None, None)], 4).plain == "████"
    point = region_bar(space["units"], [region("units", 256, 256)], 10).plain
    assert point == "·" * 9 + "█"
    wider = region("rate", 1e-4, 1.0)
    assert region_bar(space["rate"], [decade, wider], 8).plain == "████████", "a range that has grown"
    assert region_text(space["rate"], decade) == "0.01 … 0.1"
    assert region_text(space["batch"], region("batch", 32, 32)) == "32"


def test_a_plot_is_as_high_as_its_values():
    assert plotted([1.0, 8.0], 1)[0] == ["▁█"]
    rows, low, high = plotted([None, 0.0, 15.0], 2)
    assert (rows, low, high) == (["  █", " ▁█"], 0.0, 15.0)
    rows, _, _ = plotted([1.0, 10.0, 100.0], 1)
    assert rows == ["▁▄█"] or rows == ["▁▅█"], "decades are alike"
    assert plotted([], 2)[0] == ["", ""]
    assert plotted([2.0, 2.0], 1)[0] == ["▁▁"]
