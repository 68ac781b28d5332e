"""What a folder that somebody else made can have us allocate or wait for: no more than a sweep's own."""

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
import zlib
from dataclasses import fields
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sweeps
from sweeps.errors import BadInput
from sweeps.events import KINDS
from sweeps.nudges import Pending
from sweeps.observation import Observation
from sweeps.results.state import state_of
from sweeps.store.checkpoints import read_checkpoint
from sweeps.store.lease import read_holder
from sweeps.store.log import LogReader
from sweeps.store.records import Damaged, from_record
from sweeps.store.sound import _CHECKS
from sweeps.trial import Job, Region, Round

ROOM = 3 << 30  # bytes of address space for the libraries and what a sweep needs
READ = """
import resource, sys
import pandas, pyarrow.parquet, scipy.special
import sweeps
from sweeps.command import main
resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM))
sys.argv = ["caviar", "show", sys.argv[1]]
main()
""".replace("ROOM", str(ROOM))


# A pool that counts must outlive all that it gave, so it has a process to itself.
PEAK = """
import os, sys
import pyarrow as pa
import sweeps
pool = pa.proxy_memory_pool(pa.default_memory_pool())
pa.set_memory_pool(pool)
try:
    getattr(sweeps.load(sys.argv[1]), sys.argv[2])
except sweeps.BadInput as error:
    print(error)
print(pool.max_memory(), end="", flush=True)
os._exit(0)
"""


def run_alone(script, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A folder of a small sweep that has ended."""
    folder = tmp_path_factory.mktemp("sound") / "run"
    space = {"x": sweeps.Uniform(0, 1), "kind": sweeps.Choice(["a", "b"])}
    sweeps.run(
        lambda config, run: config["x"], space=space, trials=4, out=folder, serial=True, progress=False
    )
    return folder


@pytest.fixture
def folder(sound, tmp_path):
    return shutil.copytree(sound, tmp_path / "run")


def widened(part, **columns):
    """A part of the same schema with these columns in the place of its own."""
    table = pq.read_table(part)
    length = len(next(iter(columns.values())))
    filled = [columns.get(field.name, pa.nulls(length, field.type)) for field in table.schema]
    return pa.table(filled, schema=table.schema)


def many_rows(part):
    zeros = pa.array(np.zeros(10_000_000, np.int64))
    table = widened(part, trial=zeros, epoch=zeros)
    with pq.ParquetWriter(part, table.schema) as writer:
        for _ in range(10):
            writer.write_table(table)


def one_text_in_many_rows(part):
    text = pa.DictionaryArray.from_arrays(pa.array(np.zeros(2000, np.int32)), ["x" * 10_000_000])
    table = widened(part, trial=pa.array(range(2000)))
    table = table.set_column(table.schema.get_field_index("error"), "error", text)
    pq.write_table(table, part, store_schema=False)


def one_long_list(part):
    values = pa.array(np.zeros(70_000_000, np.int8))
    listed = pa.ListArray.from_arrays(pa.array([0, len(values)], pa.int32()), values)
    pq.write_table(pa.table({"trial": [0], "list": listed}), part)


def dense_compression(part):
    table = widened(part, trial=pa.array(np.zeros(10, np.int64)))
    pq.write_table(table, part, compression="zstd")


@pytest.mark.parametrize(
    ("table", "make", "says"),
    [
        ("metrics", many_rows, "stands for more than 512 MiB"),
        ("trials", one_text_in_many_rows, "stands for more than 512 MiB"),
        ("trials", one_long_list, "stands for more than 512 MiB"),
        ("trials", dense_compression, "is compressed by zstd"),
    ],
)
def test_a_small_part_that_stands_for_gigabytes_is_refused(folder, table, make, says):
    part = folder / table / "part-00000.parquet"
    make(part)
    assert part.stat().st_size < 10 << 20
    told = run_alone(PEAK, folder, table)
    message, peak = told.stdout.rsplit("\n", 1)
    assert f"{table}/part-00000.parquet' {says}" in message
    assert int(peak) < 64 << 20


def test_a_folder_with_such_a_part_is_one_error_in_little_memory(folder):
    many_rows(folder / "metrics" / "part-00000.parquet")
    done = run_alone(READ, folder)
    assert done.returncode == 2, done.stderr
    assert "stands for more than" in done.stderr
    assert "Traceback" not in done.stderr


def npy(header, data=b""):
    """The bytes of an array with this header, whatever it promises."""
    text = repr(header).encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + data


def promising(shape, kind="<f8"):
    return npy({"descr": kind, "fortran_order": False, "shape": shape}, b"\0" * 80)


def archived(path, members, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


@pytest.mark.parametrize("shape", [(10**9,), (10**5, 10**5), (2**62, 4), (-1,), (10**400,)])
def test_an_array_that_promises_more_than_its_file_holds_is_passed_over(tmp_path, shape):
    archived(tmp_path / "a.npz", {"state/w.npy": promising(shape)})
    assert read_checkpoint(tmp_path / "a.npz") is None


@pytest.mark.parametrize("kind", ["|V0", "<U0", "|O"])
def test_an_array_without_bytes_or_of_objects_is_passed_over(tmp_path, kind):
    archived(tmp_path / "a.npz", {"state/w.npy": promising((10**15,), kind)})
    assert read_checkpoint(tmp_path / "a.npz") is None


def test_a_compressed_checkpoint_is_passed_over(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", w=np.zeros(10_000_000))
    assert read_checkpoint(tmp_path / "a.npz") is None


def test_one_content_under_many_names_is_passed_over(tmp_path):
    """A zip's directory may name the same bytes again and again."""
    content = io.BytesIO()
    np.save(content, np.zeros(10_000))
    archived(tmp_path / "a.npz", {"state/w.npy": content.getvalue()})
    with zipfile.ZipFile(tmp_path / "a.npz", "a") as archive:
        archive.filelist *= 1000
        archive._didModify = True
    assert read_checkpoint(tmp_path / "a.npz") is None


def test_what_is_no_array_is_passed_over(tmp_path):
    archived(tmp_path / "a.npz", {"state/w": b"bytes"})
    assert read_checkpoint(tmp_path / "a.npz") is None
    np.save(tmp_path / "b.npy", np.zeros(3))
    assert read_checkpoint(tmp_path / "b.npy") is None


def test_a_pipe_is_not_waited_for(folder):
    """In the place of each file that is read."""
    places = ["log/segment-00000.log", "log/lease.json", "trials/part-00000.parquet", "spec.yaml"]
    for place in places:
        (folder / place).unlink()
        os.mkfifo(folder / place)
    os.mkfifo(folder / "checkpoints.npz")
    assert state_of(folder).kind == "unknown"
    assert read_holder(folder / "log") is None
    assert read_checkpoint(folder / "checkpoints.npz") is None
    result = sweeps.results.SweepResult(folder)
    for attribute in ("trials", "spec"):
        with pytest.raises(BadInput, match="is not a plain file"):
            getattr(result, attribute)


def record(form):
    payload = json.dumps(form).encode()
    return b"%08x %08x %b\n" % (len(payload), zlib.crc32(payload), payload)


REPORT = {"n": 0, "kind": "reported", "trial": 0, "epochs": 1, "outcome": "done", "rows": {}, "count": 1}
ENDED = {"n": 0, "kind": "ended", "how": "complete"}
PROCESS = {"n": 0, "kind": "process"}


@pytest.mark.parametrize(
    "form",
    [
        {**REPORT, "count": 10**12, "epochs": 10**12},
        {**REPORT, "count": 2},
        {**REPORT, "count": -1},
        {**REPORT, "rows": {"x": [1.0, 2.0]}},
        {**REPORT, "rows": {"x": ["1"]}},
        {**REPORT, "rows": {"x": [None, 10**400], "y": [1.0, 2.0]}, "count": 2, "epochs": 2},
        {**REPORT, "rows": [1]},
        {**REPORT, "trial": -1},
        {**REPORT, "trial": 10**30},
        {**REPORT, "trial": "0"},
        {**REPORT, "trial": True},
        {**REPORT, "time": 1e300},
        {**REPORT, "n": 1e999},
        {**REPORT, "n": -1},
        {**REPORT, "n": [0]},
        {**ENDED, "time": "now"},
        {**ENDED, "why": 3},
        {**PROCESS, "pid": None},
        {**PROCESS, "versions": {"ray": 3}},
        {"n": 0, "kind": ["ended"]},
        {"n": 0, "kind": "asked", "capacity": 1, "jobs": [[0, 0, 10**40, 0, 0, None, {}]]},
        {"n": 0, "kind": "asked", "capacity": 1, "jobs": [[0, 0, 1, 0, 0, None, {"x": {"y": 1}}]]},
        {"n": 0, "kind": "search", "spec": "", "observed": [{"outcome": "done", "earlier": [[1]]}]},
        {"n": 0, "kind": "round", "round": {"index": 0, "regions": [7]}},
    ],
)
def test_an_event_that_cannot_be_is_no_event(form):
    with pytest.raises(Damaged):
        from_record(record(form))


def test_resume_says_what_is_wrong_with_such_a_log(folder):
    log = folder / "log" / "segment-00000.log"
    lines = log.read_bytes().splitlines(keepends=True)
    place = next(i for i, line in enumerate(lines) if b'"kind":"reported"' in line)
    form = {**json.loads(lines[place][18:]), "count": 10**12, "epochs": 10**12, "rows": {}}
    lines[place] = record(form)
    log.write_bytes(b"".join(lines))
    with pytest.raises(BadInput, match="has lost record"):
        sweeps.resume(folder, train=lambda config, run: config["x"], changed_code=True, serial=True)


@pytest.mark.parametrize(
    "lease",
    [
        b'{"host": "h", "pid": 1, "since": 1e300}',
        b'{"host": "h", "pid": 1e999, "since": 1}',
        b'{"host": "h", "pid": 1, "since": NaN}',
        b"[" * 4000,
    ],
)
def test_a_lease_that_nobody_wrote_is_none(tmp_path, lease):
    (tmp_path / "lease.json").write_bytes(lease)
    assert read_holder(tmp_path) is None


def test_records_of_unknown_kinds_are_passed_over(tmp_path):
    (tmp_path / "segment-00000.log").write_bytes(
        record({"n": 0, "kind": "later"}) + record({**ENDED, "n": 1})
    )
    assert [event.kind for event in LogReader(tmp_path)] == ["ended"]


@pytest.mark.parametrize("kind", [*KINDS.values(), Observation, Pending, Job, Round, Region])
def test_every_field_of_an_event_is_checked(kind):
    """One without a check would make all events of its kind damaged."""
    assert {field.name for field in fields(kind)} <= _CHECKS.keys()
