"""The live state: whatever part of the log it has heard, it says what the ledger and the tables say."""

import json
import random
import shutil
import time

import pytest

import sweeps
from sweeps.errors import BadInput
from sweeps.face import execute
from sweeps.results.look import top_trials
from sweeps.screen.live import Follower, LiveState
from sweeps.screen.live.curve import Curve
from sweeps.store.log import LogReader
from sweeps.sweep.progress import Silent
from tests.screen.live_sweeps import SPACE, sweep, uneven
from tests.sweep.plans import plan_of
from tests.trainables import decay, interrupted_at

RULES = ["best", "last", {"mean_of_last": 2}]


class Comparing(Silent):
    """Holds the state against what the loop says, each time that it says something."""

    def __init__(self, state):
        self.state, self.seen = state, 0

    def event(self, event):
        self.state.take(event)

    def update(self, progress):
        self.seen += 1
        self.state.hear(progress)
        ours = self.state.progress(time.time())
        for field in ("trials", "repeats", "repeat_epochs", "epochs", "round", "metric", "limit"):
            assert getattr(ours, field) == getattr(progress, field), field
        assert {s: n for s, n in ours.counts.items() if n} == {s: n for s, n in progress.counts.items() if n}
        assert +ours.repeat_counts == +progress.repeat_counts
        assert ours.best == progress.best
        assert self.state.top(1) == ([] if progress.best is None else [progress.best])

    finished = update


@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("mode", ["min", "max"])
def test_at_every_moment_it_says_what_the_loop_says(tmp_path, rule, mode):
    plan = plan_of(uneven, space=SPACE, trials=24, epochs=9, mode=mode, objective=rule)
    watching = Comparing(LiveState(plan.spec))
    failures = []

    class Loud(Comparing):
        def update(self, progress):
            try:
                Comparing.update(self, progress)
            except AssertionError as error:
                failures.append(error)

        finished = update

    watching = Loud(watching.state)
    execute(plan, out=tmp_path / "run", serial=True, observer=watching)
    assert not failures
    assert watching.seen > 10


@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("finalists", [False, {"top": 2, "seeds": 2}], ids=["search", "finals"])
def test_in_the_end_it_says_what_the_tables_say(tmp_path, rule, finalists):
    result = sweep(tmp_path / "run", objective=rule, finalists=finalists)
    follower = Follower(tmp_path / "run")
    follower.read()
    assert follower.status.kind == "complete"
    progress = follower.state.progress(time.time())
    search = result.trials[result.trials["repeats"].isna()]
    assert {str(s): n for s, n in progress.counts.items() if n} == search["status"].value_counts().to_dict()
    assert progress.epochs == result.trials["epochs"].sum()
    assert progress.repeats == progress.repeats_done == len(result.trials) - len(search)
    assert progress.best.trial == result.best_of_search.trial
    tops = follower.state.top(7)
    assert [row.trial for row in tops] == [each.trial for each in top_trials(result, 7)]
    assert [row.objective for row in tops] == [each.objective for each in top_trials(result, 7)]
    assert follower.state.curve.at(10**9) == result.best_of_search.objective


def test_any_prefix_of_the_log_counts_as_a_count_by_hand(tmp_path):
    sweep(tmp_path / "run", objective="last")
    events = list(LogReader(tmp_path / "run" / "log"))
    follower = Follower(tmp_path / "run")
    state = follower.state
    for event in events[:-1]:
        state.take(event)
        rows = [row for row in state.ledger.rows.values() if row.repeats is None]
        counts = state.progress(0.0).counts
        assert sum(counts.values()) == len(rows)
        for status in counts:
            assert counts[status] == sum(row.status == status for row in rows)
        able = [row for row in rows if row.objective is not None]
        first = sorted(able, key=lambda row: (row.status != "completed", row.objective, row.trial))
        assert state.top(5) == first[:5]


def test_a_log_that_grows_is_read_piece_by_piece_and_nothing_twice(tmp_path):
    sweep(tmp_path / "run")
    whole = (tmp_path / "run" / "log" / "segment-00000.log").read_bytes()
    copy = tmp_path / "copy"
    shutil.copytree(tmp_path / "run", copy)
    segment = copy / "log" / "segment-00000.log"
    segment.write_bytes(b"")
    follower, rng = Follower(copy), random.Random(0)
    taken = []
    while (size := segment.stat().st_size) < len(whole):
        with segment.open("ab") as file:
            file.write(whole[size : size + rng.randrange(1, 4000)])
        follower.read()
        taken.append(follower.state.events)
        assert follower.state.events == segment.read_bytes().count(b"\n"), "a record in writing is waited for"
    assert taken == sorted(taken)
    assert follower.state.events == len(list(LogReader(copy / "log")))
    assert not follower.notes


def test_it_follows_over_an_interruption_and_a_change_of_what_is_asked_for(tmp_path):
    out = tmp_path / "run"
    space = {"rate": {"log": [1e-3, 0.5]}}
    with pytest.raises(KeyboardInterrupt):
        sweep(out, interrupted_at(decay, 30), space=space, finalists=False)
    follower = Follower(out)
    follower.read()
    assert follower.status.kind == "interrupted"
    assert "caviar resume" in follower.status.text
    assert follower.state.progress(time.time()).counts["interrupted"] == 1
    result = sweeps.resume(
        out, train=decay, serial=True, progress=False, changed_code=True, metric="weight", trials=30
    )
    follower.read()
    assert follower.status.kind == "complete"
    assert follower.state.spec.metric == "weight"
    progress = follower.state.progress(time.time())
    assert progress.best.trial == result.best_of_search.trial
    assert progress.best.objective == result.best_of_search.objective
    assert (progress.begun, progress.epochs) == (30, result.trials["epochs"].sum())
    fresh = Follower(out)
    fresh.read()
    assert fresh.state.progress(0.0).counts == follower.state.progress(0.0).counts


def test_a_sweep_that_was_killed_is_said_to_be_gone(tmp_path):
    sweep(tmp_path / "run")
    segment = tmp_path / "run" / "log" / "segment-00000.log"
    lines = segment.read_bytes().splitlines(keepends=True)
    segment.write_bytes(b"".join(lines[:40]) + lines[40][:50])
    follower = Follower(tmp_path / "run")
    follower.read()
    assert follower.status.kind == "died"
    assert follower.state.events == 40


def test_a_log_that_has_lost_a_record_or_contradicts_itself_is_said_to_be_damaged(tmp_path):
    sweep(tmp_path / "run")
    segment = tmp_path / "run" / "log" / "segment-00000.log"
    lines = segment.read_bytes().splitlines(keepends=True)
    segment.write_bytes(b"".join(lines[:20] + lines[21:]))
    with pytest.raises(BadInput, match="has lost record 20"):
        Follower(tmp_path / "run").read()
    asked = next(line for line in lines if b'"kind":"reported"' in line)
    form = json.loads(asked[18:])
    from sweeps.store.records import from_record, to_record

    event = from_record(asked)[1]
    segment.write_bytes(b"".join(lines[: form["n"] + 1]) + to_record(form["n"] + 1, event))
    with pytest.raises(BadInput, match="contradicts itself: record"):
        Follower(tmp_path / "run").read()


def test_a_folder_that_goes_away_or_is_replaced(tmp_path):
    sweep(tmp_path / "run")
    follower = Follower(tmp_path / "run")
    follower.read()
    segment = tmp_path / "run" / "log" / "segment-00000.log"
    segment.write_bytes(segment.read_bytes()[:1000])
    with pytest.raises(BadInput, match="removed or replaced"):
        follower.read()
    segment.unlink()
    with pytest.raises(BadInput, match="removed or replaced"):
        follower.read()
    shutil.rmtree(tmp_path / "run")
    with pytest.raises(BadInput, match="is gone"):
        follower.read()


def test_a_sweep_that_has_not_begun_is_waited_for(tmp_path):
    out = tmp_path / "run"
    out.mkdir()
    follower = Follower(out)
    follower.read()
    assert follower.state is None
    sweep(out)
    follower.read()
    assert follower.status.kind == "complete"


def test_a_folder_without_a_sweep_is_none(tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(BadInput, match=r"holds no sweep|is not a folder"):
            Follower(folder)


def test_a_curve_keeps_few_points_and_its_ends():
    curve = Curve()
    for epochs in range(1, 100_001):
        curve.add(epochs, 1.0 / epochs)
    assert len(curve._epochs) <= 1024
    assert curve.at(0) is None
    assert curve.at(1) == 1.0
    assert curve.at(100_000) == 1e-5
    sampled = curve.sampled(100_000, 80)
    assert sampled == sorted(sampled, reverse=True)
