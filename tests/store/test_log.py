"""The log: what was appended is read back in order, whatever happens to the disk in between."""

import json
import math
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeps.errors import BadInput
from sweeps.events import JobReported, JobsAsked, Noticed, RoundBegun, SearchBegun
from sweeps.nudges import FORK, Nudge, Pending
from sweeps.observation import Observation
from sweeps.store.log import Log, LogReader
from sweeps.store.records import Damaged, from_record, to_record
from sweeps.trial import Job, Outcome, Region, Round
from tests.store.disks import FullDisk, failing_once

values = st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(), st.text())
whole = st.integers(0, 2**53)
configs = st.dictionaries(st.text(min_size=1), st.one_of(values, st.lists(values, max_size=3)), max_size=4)
columns = st.lists(st.one_of(st.none(), st.floats()), min_size=3, max_size=3)
notes = st.lists(st.tuples(st.text(), st.text()), max_size=2).map(tuple)
events = st.one_of(
    st.builds(
        JobsAsked,
        time=st.floats(0, 2e9),
        capacity=st.integers(0, 64),
        jobs=st.lists(
            st.builds(Job, whole, configs, stop=whole, repeats=st.none() | whole),
            max_size=3,
        ).map(tuple),
    ),
    st.builds(
        JobReported,
        trial=whole,
        epochs=st.integers(3, 2**53),
        outcome=st.sampled_from(Outcome),
        objective=st.none() | st.floats(),
        rows=st.dictionaries(st.text(), columns, max_size=3),
        count=st.just(3),
        error=st.none() | st.text(),
    ),
    st.builds(Noticed, text=st.text(), refused=st.none() | st.text()),
    st.builds(
        SearchBegun,
        spec=st.text(),
        observed=st.lists(
            st.builds(
                Observation,
                whole,
                configs,
                whole,
                st.none() | st.floats(),
                st.sampled_from(Outcome),
                earlier=st.lists(st.tuples(whole, st.none() | st.floats()), max_size=2).map(tuple),
                pending=st.none()
                | st.builds(Pending, configs, notes, st.tuples(st.builds(Nudge, st.just(FORK)))),
            ),
            max_size=2,
        ).map(tuple),
    ),
    st.builds(
        RoundBegun,
        round=st.builds(
            Round,
            whole,
            st.lists(
                st.builds(
                    Region, st.text(), st.none() | st.floats(), st.none() | st.floats(), whole, st.text()
                ),
                max_size=2,
            ).map(tuple),
        ),
    ),
)


def same(one, other):
    """NaN counts as itself."""
    return repr(one) == repr(other)


def some(count):
    return [Noticed(time=float(n), text=f"event {n}") for n in range(count)]


def written(folder, events):
    log = Log(folder)
    for event in events:
        log.append(event)
    log.close()
    return log


@given(st.integers(0), events)
def test_an_event_is_read_back_as_it_was(number, event):
    record = to_record(number, event)
    assert record.count(b"\n") == 1
    read, back = from_record(record)
    assert read == number
    assert same(back, event)


@given(st.binary(max_size=80))
def test_what_is_no_record_is_damaged_and_nothing_else(content):
    with pytest.raises(Damaged):
        from_record(content)


@given(st.recursive(values, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_a_sound_record_of_strange_content_is_damaged_or_passed_over(form):
    payload = json.dumps({"n": 0, "kind": "asked", "jobs": form, "capacity": form}).encode()
    record = b"%08x %08x %b\n" % (len(payload), zlib.crc32(payload), payload)
    with suppress(Damaged):
        from_record(record)


def test_events_come_back_in_order(tmp_path):
    written(tmp_path / "log", some(100))
    reader = LogReader(tmp_path / "log")
    assert list(reader) == some(100)
    assert reader.next == 100
    assert not reader.notes


def test_a_torn_tail_is_passed_over_and_all_before_it_kept(tmp_path):
    log = tmp_path / "log"
    written(log, some(5))
    path = log / "segment-00000.log"
    whole = path.read_bytes()
    ends = [i + 1 for i, byte in enumerate(whole) if byte == ord("\n")]
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        reader = LogReader(log)
        left = sum(end <= size for end in ends)
        assert list(reader) == some(5)[:left]
        assert reader.next == left
        assert bool(reader.notes) == (size not in (0, *ends))


def test_the_next_process_writes_on_behind_a_torn_tail(tmp_path):
    folder = tmp_path / "log"
    written(folder, some(5))
    path = folder / "segment-00000.log"
    path.write_bytes(path.read_bytes()[:-3])
    reader = LogReader(folder)
    assert len(list(reader)) == 4
    log = Log(folder, reader.next)
    log.append(Noticed(text="resumed"))
    log.close()
    assert [event.text for event in LogReader(folder)] == [f"event {n}" for n in range(4)] + ["resumed"]


def test_a_flipped_bit_loses_no_record_unseen(tmp_path):
    folder = tmp_path / "log"
    written(folder, some(4))
    path = folder / "segment-00000.log"
    whole = path.read_bytes()
    last = whole[:-1].rindex(b"\n") + 1
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        reader = LogReader(folder)
        try:
            found = list(reader)
        except BadInput:
            continue
        if at < last - 1:  # in a blank, which says nothing
            assert found == some(4)
        else:  # as a torn tail: nothing shows that there was more
            assert found == some(4)[: reader.next]
            assert reader.next == 4 or reader.notes


def test_a_missing_segment_is_said(tmp_path):
    folder = tmp_path / "log"
    for part in range(3):
        log = Log(folder, part)
        log.append(some(3)[part])
        log.close()
    assert list(LogReader(folder)) == some(3)
    (folder / "segment-00001.log").unlink()
    with pytest.raises(BadInput, match="has lost record 1 before those of segment-00002"):
        list(LogReader(folder))


def test_what_is_not_known_is_passed_over(tmp_path):
    folder = tmp_path / "log"
    written(folder, some(1))
    forms = [{"n": 1, "kind": "folded", "x": 1}, {"n": 2, "kind": "notice", "text": "here", "author": "me"}]
    with (folder / "segment-00000.log").open("ab") as file:
        for form in forms:
            payload = json.dumps(form).encode()
            file.write(b"%08x %08x %b\n" % (len(payload), zlib.crc32(payload), payload))
    assert [event.text for event in LogReader(folder)] == ["event 0", "here"]


@pytest.mark.parametrize("room", [0, 1, 40, 200])
def test_a_full_disk_loses_and_doubles_nothing(tmp_path, monkeypatch, room):
    log = Log(tmp_path / "log")
    disk = FullDisk(monkeypatch, room)
    for n, event in enumerate(some(20)):
        log.append(event)
        log.sync()
        if n == 12:
            assert log.problem is not None
            disk.room = math.inf
    log.close()
    assert log.problem is None
    assert list(LogReader(tmp_path / "log")) == some(20)


@pytest.mark.parametrize("operation", ["append", "sync", "create", "sync_folder"])
@pytest.mark.parametrize("at", [1, 2, 5])
def test_an_operation_that_fails_once_loses_nothing(tmp_path, monkeypatch, operation, at):
    log = Log(tmp_path / "log")
    failing_once(monkeypatch, operation, at=at)
    for event in some(10):
        log.append(event)
        log.sync()
    log.close()
    assert list(LogReader(tmp_path / "log")) == some(10)


def test_a_full_segment_is_followed_by_another(tmp_path, monkeypatch):
    monkeypatch.setattr("sweeps.store.log._SEGMENT_BYTES", 300)
    log = Log(tmp_path / "log")
    for event in some(30):
        log.append(event)
        log.sync()
    log.close()
    assert len(list((tmp_path / "log").iterdir())) > 3
    assert list(LogReader(tmp_path / "log")) == some(30)


def test_the_last_of_a_kind_is_found(tmp_path):
    log = [SearchBegun(spec="one"), *some(3), SearchBegun(spec="two"), *some(2)]
    written(tmp_path / "log", log)
    reader = LogReader(tmp_path / "log")
    assert reader.last(SearchBegun).spec == "two"
    assert reader.last(RoundBegun) is None


def test_numbers_come_back_to_the_last_bit_and_nan_stays(tmp_path):
    column = [0.1, math.nan, math.inf, -0.0, 5e-324, 1 / 3]
    rows = {"x": column, "y": [None, *column[1:]]}
    event = JobReported(trial=0, epochs=6, outcome=Outcome.DONE, rows=rows, count=6)
    _, back = from_record(to_record(0, event))
    assert same(back.rows, event.rows)
