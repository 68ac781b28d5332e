"""What watching costs: the live picture, `caviar watch` of a long sweep, the report.

- pairs: CPU seconds of the sweep's own process, with the picture on a terminal of its own and with no
  progress at all, in turns. Pairs differ by more than the picture costs, so the CPU time of the watcher's own
  calls is counted as well.
- beside: `caviar watch` on its own terminal beside a sweep on two workers, in turns with nobody watching:
  the watcher's CPU seconds by those of the sweep and its workers, and the ratio of the sweeps' wall times.
- watch: a sweep of many trials of ten epochs, as `caviar watch` reads it from its log: first from the
  beginning, then a thousand events at a time, which half a second of a fast sweep brings, with their picture.
- report: seconds of `caviar report` from its start to the page on disk, the command's own start included.

Run it with:

    python -m benchmarks.watching [pairs | beside | watch | report] [--pairs P] [--trials N]
"""

from __future__ import annotations

import argparse
import io
import os
import pty
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import sweeps
from benchmarks import noop
from sweeps.screen.console import Screen
from sweeps.screen.live import Follower, picture
from sweeps.sweep.progress import Observer

_SPACE = {
    "x": sweeps.Uniform(0, 1),
    "learning_rate": sweeps.LogUniform(1e-5, 1),
    "momentum": sweeps.ReverseLogUniform(0.5, 0.999),
    "l2": sweeps.LogUniform(1e-6, 1),
    "keep_probability": sweeps.Uniform(0.5, 1),
    "hidden_units": sweeps.LogIntUniform(16, 256),
    "optimizer": sweeps.Choice(["momentum", "adam", "rmsprop"]),
    "batch_size": sweeps.Choice([16, 32, 64]),
}
# The demo's network on two workers, so that none of the training is in the sweep's own process.
_DIGITS = """
import sys, tempfile, time
from pathlib import Path
from benchmarks.watching import counted
from sweeps.face import execute, plan_from_spec
from sweeps.face.resolve import watcher_if
from sweeps.spec import read_spec
spec = read_spec(Path("examples/digits.yaml"), ["finalists=false", "limits={time: 1m}", "workers=2"])
with tempfile.TemporaryDirectory() as folder:
    plan = plan_from_spec(spec, Path("examples"))
    watcher = watcher_if(sys.argv[1] == "shown")
    spent = counted(watcher)
    began = time.process_time()
    execute(plan, out=Path(folder) / "run", observer=watcher)
    print(time.process_time() - began, sum(spent))
"""
# Fixed work, so that wall times compare.
_OVERRIDES = ("finalists=false", "limits={}", "workers=2", "trials=4000", "scheduler=random", "epochs=8")
_BESIDE = ["run", "examples/digits.yaml", *(part for each in _OVERRIDES for part in ("--set", each))]
_NEWS = 1000  # events between two pictures
_LOOKS = 20
_REPORT_TRIALS = 1000


def swept(folder: Path, trials: int, scheduler: str = "random") -> None:
    """A finished sweep of trials that train nothing."""
    sweeps.run(
        noop.train,
        space=_SPACE,
        trials=trials,
        epochs=noop.ROWS,
        scheduler=scheduler,
        finalists=False,
        serial=True,
        progress=False,
        out=folder,
    )


def counted(watcher: Observer) -> list[float]:
    """CPU seconds of each of its calls, once it has been told of the sweep."""
    spent: list[float] = []

    def wrapped(real: Callable[..., None]) -> Callable[..., None]:
        def call(*arguments: object) -> None:
            began = time.thread_time()
            try:
                real(*arguments)
            finally:
                spent.append(time.thread_time() - began)

        return call

    for name in ("starting", "started", "event", "printed", "update", "finished"):
        setattr(watcher, name, wrapped(getattr(watcher, name)))
    return spent


def own_seconds(shown: bool) -> tuple[float, float]:
    """CPU seconds of a sweep's own process, and of its watcher's calls.

    The picture goes to a terminal that is read as fast as it comes.
    """
    leader, terminal = pty.openpty()
    reading = threading.Thread(target=_read_all, args=(leader,), daemon=True)
    reading.start()
    arguments = [sys.executable, "-c", _DIGITS, "shown" if shown else "hidden"]
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "110", "LINES": "40"}
    done = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=terminal, env=environment, check=True)
    os.close(terminal)
    reading.join()
    os.close(leader)
    whole, watching = map(float, done.stdout.split()[-2:])
    return whole, watching


def _read_all(leader: int) -> None:
    try:
        while os.read(leader, 65536):
            pass
    except OSError:  # the other end is closed
        return


def pairs(count: int) -> None:
    """The ratio in each of so many pairs, in turns."""
    own_seconds(False)  # files in the system's memory
    ratios, shares = [], []
    for number in range(count):
        order = (True, False) if number % 2 else (False, True)
        took = {shown: own_seconds(shown) for shown in order}
        (shown, watching), (hidden, _) = took[True], took[False]
        ratios.append(shown / hidden)
        shares.append(watching / (shown - watching))
        print(f"{shown:.2f} s shown, {hidden:.2f} s hidden: {ratios[-1]:.3f}; counted {shares[-1]:.2%}")
    print(
        f"with the picture {statistics.median(ratios):.3f} times the CPU seconds; "
        f"the watcher's own calls: {statistics.median(shares):.2%}"
    )


def beside(count: int) -> None:
    """What a watcher in a process of its own takes from the sweep, in each of so many pairs."""
    swept_seconds(watched=False)  # files in the system's memory
    ratios, shares = [], []
    for number in range(count):
        order = (True, False) if number % 2 else (False, True)
        took = {watched: swept_seconds(watched) for watched in order}
        (watched, sweep, watcher), (alone, *_) = took[True], took[False]
        ratios.append(watched / alone)
        shares.append(watcher / sweep)
        print(f"{watched:.1f} s watched, {alone:.1f} s alone: {ratios[-1]:.3f}; CPU {shares[-1]:.2%}")
    print(f"watched: {statistics.median(ratios):.3f} times the time; CPU {statistics.median(shares):.2%}")


def swept_seconds(watched: bool) -> tuple[float, float, float]:
    """Wall seconds of a sweep; CPU seconds of it with its workers, and of its watcher."""
    caviar = str(Path(sys.executable).parent / "caviar")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "run"
        folder.mkdir()
        began = time.perf_counter()
        sweep = subprocess.Popen(
            [caviar, *_BESIDE, "--out", str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        watching = _watching([caviar, "watch", str(folder)]) if watched else None
        sweep_cpu = _cpu_of(sweep)
        wall = time.perf_counter() - began
        return wall, sweep_cpu, watching() if watching else 0.0


def _watching(command: list[str]) -> Callable[[], float]:
    """Start a watcher on a terminal; the call waits for its end and gives its CPU seconds."""
    leader, terminal = pty.openpty()
    reading = threading.Thread(target=_read_all, args=(leader,), daemon=True)
    reading.start()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "110", "LINES": "40"}
    watcher = subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal, env=environment)
    os.close(terminal)

    def ended() -> float:
        seconds = _cpu_of(watcher)
        reading.join()
        os.close(leader)
        return seconds

    return ended


def _cpu_of(process: subprocess.Popen[bytes]) -> float:
    """Wait for its end; CPU seconds of it and of those of its children that it has waited for."""
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{process.args} ended with status {status}")
    return used.ru_utime + used.ru_stime


def watch(trials: int) -> None:
    """Seconds of reading a log from its beginning, and from where the last picture was."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "run"
        swept(folder, trials)
        log = sorted((folder / "log").glob("segment-*.log"))[-1]
        lines = log.read_bytes().splitlines(keepends=True)
        kept = len(lines) - _NEWS * _LOOKS
        log.write_bytes(b"".join(lines[:kept]))
        follower, screen = Follower(folder), Screen(file=io.StringIO(), width=110)
        wall, cpu = _timed(lambda: _look(follower, screen))
        print(f"first read of {trials:,} trials: {wall:.2f} s, {cpu:.2f} s CPU")
        looks = []
        for first in range(kept, len(lines), _NEWS):
            with log.open("ab") as end:
                end.write(b"".join(lines[first : first + _NEWS]))
            looks.append(_timed(lambda: _look(follower, screen)))
        walls, cpus = ([1000 * each for each in part] for part in zip(*looks, strict=True))
        print(
            f"{_NEWS:,} new events, read and drawn: {statistics.median(walls):.0f} ms, "
            f"at most {max(walls):.0f} ms, {statistics.median(cpus):.0f} ms CPU"
        )
        walls, _ = zip(*(_timed(lambda: _look(follower, screen)) for _ in range(_LOOKS)), strict=True)
        print(f"without news: {1000 * statistics.median(walls):.0f} ms")


def _look(follower: Follower, screen: Screen) -> None:
    follower.read()
    assert follower.state is not None
    screen.print(picture(follower.state, follower.status, now=time.time(), width=110, height=39))


def _timed(work: object) -> tuple[float, float]:
    began, cpu = time.perf_counter(), time.process_time()
    work()  # type: ignore[operator]
    return time.perf_counter() - began, time.process_time() - cpu


def report(trials: int) -> None:
    """Seconds of the command, and of importing what it needs."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "run"
        swept(folder, trials, "coarse_to_fine")
        command = [str(Path(sys.executable).parent / "caviar"), "report", str(folder)]
        seconds = []
        for _ in range(5):
            began = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            seconds.append(time.perf_counter() - began)
        size = (folder / "report.html").stat().st_size / 1e6
        runs = ", ".join(f"{each:.2f}" for each in seconds)
        print(f"report of {trials:,} trials: {statistics.median(seconds):.2f} s [{runs}], {size:.1f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="*", default=["report", "watch", "beside", "pairs"])
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--trials", type=int, default=100_000)
    given = parser.parse_args()
    if "report" in given.what:
        report(_REPORT_TRIALS)
    if "watch" in given.what:
        watch(given.trials)
    if "beside" in given.what:
        beside(given.pairs)
    if "pairs" in given.what:
        pairs(given.pairs)


if __name__ == "__main__":
    main()
