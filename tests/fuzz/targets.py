"""What is fuzzed: functions of bytes that raise only where a reader has a fault."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from sweeps.errors import BadInput
from sweeps.results import load, summarize
from sweeps.results.state import state_of
from sweeps.space import Space
from sweeps.spec.read import overridden
from sweeps.store.checkpoints import read_checkpoint
from sweeps.store.lease import read_holder
from sweeps.store.log import LogReader
from trainer import DataError, load_model

MODEL = Path(__file__).parent.parent / "trainer" / "model" / "fixtures" / "classes-0.1" / "model"
SPEC = "name: run\nmetric: x\nmode: min\ntrials: 4\nspace:\n  x: {uniform: [0, 1]}\n  kind: a\n"


def spec(content: bytes) -> None:
    """A spec's text, and the space in it."""
    with suppress(BadInput):
        Space(overridden(content.decode(errors="replace"), "spec").space)


def setting(content: bytes) -> None:
    """What follows --set."""
    with suppress(BadInput):
        Space(overridden(SPEC, "spec", [content.decode(errors="replace")]).space)


def log(content: bytes) -> None:
    """A segment of a log, as it is."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "log").mkdir()
        (Path(folder) / "log" / "segment-00000.log").write_bytes(content)
        with suppress(BadInput):
            list(LogReader(Path(folder) / "log"))
        state_of(Path(folder))


def record(content: bytes) -> None:
    """The JSON of a record whose length and checksum are right."""
    content = content.replace(b"\n", b" ")
    log(b"%08x %08x %b\n" % (len(content), zlib.crc32(content), content))


def lease(content: bytes) -> None:
    """The file that says who works on a sweep."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "lease.json").write_bytes(content)
        read_holder(Path(folder))


def checkpoint(content: bytes) -> None:
    """A checkpoint's file."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "a.npz").write_bytes(content)
        for array in (read_checkpoint(Path(folder) / "a.npz") or {}).values():
            assert array.nbytes <= len(content)
            assert not array.dtype.hasobject


def table(content: bytes) -> None:
    """A part of the trials, beside a spec."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "trials").mkdir()
        (Path(folder) / "spec.yaml").write_text(SPEC)
        (Path(folder) / "trials" / "part-00000.parquet").write_bytes(content)
        show(Path(folder))


def show(folder: Path) -> None:
    """What `caviar show --json` prints of a folder."""
    with suppress(BadInput):
        json.dumps(summarize(load(folder)).to_json(), allow_nan=False)


def params(content: bytes) -> None:
    """The arrays of a saved model, beside a sound model.json."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "model.json").write_bytes((MODEL / "model.json").read_bytes())
        (Path(folder) / "params.npz").write_bytes(content)
        with suppress(DataError):
            load_model(folder)


def model_json(content: bytes) -> None:
    """What a saved model says of itself, beside sound arrays."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "model.json").write_bytes(content)
        (Path(folder) / "params.npz").write_bytes((MODEL / "params.npz").read_bytes())
        with suppress(DataError):
            load_model(folder)


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    each.__name__: each for each in (spec, setting, log, record, lease, checkpoint, table, params, model_json)
}
