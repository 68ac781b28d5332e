"""A sweep as offline runs of W&B: their records, read by W&B's own messages, have what the tables have."""

import json
import math
import struct

import pytest

from sweeps.results import load
from sweeps.trial import Status
from tests.export.conftest import ENDED, LOSSES, OBJECTIVES, ODD, REPEAT, STATUSES, TEXT, began, config_of

pytest.importorskip("wandb")

from wandb.proto.wandb_internal_pb2 import Record

BLOCK, HEAD = 32768, 7  # bytes of a block of the file, and in front of a piece of a record and of the file
LAST_PIECES = (1, 4)  # the whole of a record, or the last piece of it
MIXED = [1, 1.0, True, None, TEXT, [1, 2], "Infinity", 1]


def records(path):
    """Of a .wandb file, which is written as LevelDB's log: each piece has a checksum, a length and a type."""
    content, place, record = path.read_bytes(), HEAD, b""
    while place + HEAD <= len(content):
        if BLOCK - place % BLOCK < HEAD:
            place += BLOCK - place % BLOCK
            continue
        length, kind = struct.unpack("<HB", content[place + 4 : place + HEAD])
        record += content[place + HEAD : place + HEAD + length]
        place += HEAD + length
        if kind in LAST_PIECES:
            yield Record.FromString(record)
            record = b""


def as_dict(items):
    return {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in items}


@pytest.fixture(scope="module")
def runs(folder, tmp_path_factory):
    path = load(folder).export("wandb", tmp_path_factory.mktemp("wandb") / "out")
    assert not [each for each in path.rglob("*") if each.is_symlink()]
    found = {}
    for file in path.glob("wandb/offline-run-*/run-*.wandb"):
        known = list(records(file))
        run = next(each.run for each in known if each.WhichOneof("record_type") == "run")
        found[int(run.run_id.rpartition("-")[2])] = run, known
    return [found[trial] for trial in sorted(found)]


def test_each_trial_is_a_run_of_one_group(runs):
    assert len(runs) == len(LOSSES)
    for trial, (run, known) in enumerate(runs):
        assert (run.project, run.run_group) == ("sweep", "sweep")
        assert run.job_type == ("repeat" if trial == REPEAT else "trial")
        assert run.display_name == f"trial-{trial:06d}" + ("-repeats-0" if trial == REPEAT else "")
        assert list(run.tags) == [STATUSES[trial]]
        (end,) = (each.exit for each in known if each.WhichOneof("record_type") == "exit")
        assert end.exit_code == (STATUSES[trial] in (Status.FAILED, Status.INFEASIBLE))


def test_configs_are_those_of_the_trials(runs):
    for trial, (run, known) in enumerate(runs):
        updates = [each.config for each in known if each.WhichOneof("record_type") == "config"]
        found = as_dict([*run.config.update, *(item for each in updates for item in each.update)])
        config = {name: value for name, value in found.items() if not name.startswith("_")}
        assert config == {**config_of(trial), "mix": MIXED[trial]}


def test_history_has_the_metrics_by_epoch(runs):
    for trial, (_, known) in enumerate(runs):
        rows = [as_dict(each.history.item) for each in known if each.WhichOneof("record_type") == "history"]
        assert [row["_step"] for row in rows] == [*range(1, len(LOSSES[trial]) + 1)]
        assert [row[ODD] for row in rows] == [row["_step"] for row in rows]
        assert str([row.get("loss") for row in rows]) == str([_kept(loss) for loss in LOSSES[trial]])
        if trial in ENDED:
            assert rows[-1]["_timestamp"] == began(trial) + 8


def _kept(loss):
    """W&B writes whole numbers without a point."""
    whole = loss is not None and math.isfinite(loss) and loss % 1 == 0
    return int(loss) if whole else loss


def test_the_summary_has_objective_seed_and_status(runs):
    for trial, (_, known) in enumerate(runs):
        updates = [each.summary for each in known if each.WhichOneof("record_type") == "summary"]
        found = as_dict([item for each in updates for item in each.update])
        assert found.get("caviar/objective") == OBJECTIVES[trial]
        assert (found["caviar/status"], found["caviar/seed"]) == (STATUSES[trial], trial)
        if trial in ENDED:
            assert (found["caviar/began"], found["caviar/ended"]) == (began(trial), began(trial) + 8)
        assert found.get("caviar/repeats") == (0 if trial == REPEAT else None)
