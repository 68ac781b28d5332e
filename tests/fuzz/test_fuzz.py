"""Mutations of what is right, and anything at all: a reader's own error, or a result, and nothing else."""

import json
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sweeps
from tests.fuzz.targets import MODEL, SPEC, TARGETS, show

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from([2**63, 10**30]) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
keys = st.sampled_from(
    ["name", "data", "trials", "epochs", "space", "space.x", "space.x.log", "space.kind.choice", "limits",
     "limits.time", "finalists", "objective", "start_with", "seed", "a.b", "", "versions.x"]
)  # fmt: skip


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A folder of a small sweep that has ended, with finals and checkpoints."""
    folder = tmp_path_factory.mktemp("sound") / "run"
    space = {"x": sweeps.Uniform(0, 1), "kind": sweeps.Choice(["a", "b"])}

    def train(config, run):
        for epoch in range(run.start, run.epochs):
            run.save({"epoch": np.array([epoch])})
            yield {"x": config["x"]}

    sweeps.run(
        train,
        space=space,
        metric="x",
        trials=6,
        epochs=3,
        finalists=2,
        out=folder,
        serial=True,
        progress=False,
    )
    return folder


@st.composite
def mutated(draw, content):
    """Some bytes changed, left out, or put in."""
    found = bytearray(content)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(len(found) - 1, 0)))
        length = draw(st.integers(0, 3))
        found[place : place + length] = draw(st.binary(max_size=3))
    return bytes(found)


@pytest.mark.parametrize("target", sorted(TARGETS))
@given(
    content=st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode(errors="replace"))
)
@settings(max_examples=50)
def test_any_bytes(target, content):
    TARGETS[target](content)


@given(mutated(SPEC.encode()))
@settings(max_examples=100)
def test_a_mutated_spec(content):
    TARGETS["spec"](content)


@given(anything)
def test_a_spec_of_any_values(value):
    TARGETS["spec"](json.dumps(value).encode())


@given(keys, anything)
@settings(max_examples=120)
def test_any_setting(key, value):
    TARGETS["setting"](f"{key}={json.dumps(value)}".encode())


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("log", "log/segment-00000.log"),
        ("checkpoint", "checkpoints/trial-*.npz"),
        ("table", "trials/part-00000.parquet"),
    ],
)
@given(data=st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.data_too_large])
def test_a_mutated_file(target, place, sound, data):
    content = next(iter(sorted(sound.glob(place)))).read_bytes()
    TARGETS[target](data.draw(mutated(content)))


@pytest.mark.parametrize(("target", "file"), [("params", "params.npz"), ("model_json", "model.json")])
@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.data_too_large])
def test_a_mutated_model(target, file, data):
    TARGETS[target](data.draw(mutated((MODEL / file).read_bytes())))


def replace_a_value(form, data):
    """Any value in the place of one, however deep it lies."""
    inner = form
    while True:
        key = data.draw(st.sampled_from(sorted(inner) if isinstance(inner, dict) else range(len(inner))))
        if not isinstance(inner[key], dict | list) or not inner[key] or data.draw(st.booleans()):
            break
        inner = inner[key]
    inner[key] = data.draw(anything)


@given(data=st.data())
@settings(max_examples=150)
def test_a_model_with_another_value(data):
    """Any value in the place of one of what a sound model says of itself."""
    form = json.loads((MODEL / "model.json").read_text())
    replace_a_value(form, data)
    TARGETS["model_json"](json.dumps(form).encode())


@given(data=st.data())
@settings(max_examples=120)
def test_a_record_with_another_value(sound, data):
    """Any value in the place of one of a real record's, and the right checksum."""
    lines = (sound / "log" / "segment-00000.log").read_bytes().splitlines()
    form = json.loads(data.draw(st.sampled_from(lines))[18:])
    replace_a_value(form, data)
    TARGETS["record"](json.dumps(form).encode())


@pytest.mark.parametrize("table", ["trials", "metrics", "rounds"])
@given(data=st.data())
@settings(max_examples=20)
def test_a_table_with_another_column(table, sound, data, tmp_path_factory):
    """Another column, of any type, in the place of one of a real table's; checksums right."""
    folder = tmp_path_factory.mktemp("changed")
    shutil.copytree(sound, folder, dirs_exist_ok=True)
    part = folder / table / "part-00000.parquet"
    read = pq.read_table(part)
    index = data.draw(st.integers(0, read.num_columns - 1))
    kind, values = data.draw(
        st.sampled_from(
            [
                (pa.int64(), st.integers(-(2**63), 2**63 - 1) | st.integers(0, 3)),
                (pa.float64(), st.floats()),
                (pa.string(), st.text(max_size=4) | st.sampled_from(["{}", "[]", "1", "running"])),
                (pa.bool_(), st.booleans()),
                (pa.list_(pa.int64()), st.lists(st.integers(0, 9), max_size=2)),
            ]
        )
    )
    filled = data.draw(st.lists(st.none() | values, min_size=len(read), max_size=len(read)))
    pq.write_table(read.set_column(index, read.field(index).name, pa.array(filled, kind)), part)
    show(folder)
    shutil.rmtree(folder)


@given(
    st.dictionaries(
        st.sampled_from([*SPEC.split(":"), "objective", "finalists", "name", "space", "mode"]), anything
    )
)
@settings(max_examples=40)
def test_a_folder_with_another_spec(sound, tmp_path_factory, changes):
    folder = tmp_path_factory.mktemp("changed")
    shutil.copytree(sound, folder, dirs_exist_ok=True)
    base = {"name": "run", "metric": "x", "mode": "min", "trials": 4, "space": {"x": {"uniform": [0, 1]}}}
    (folder / "spec.yaml").write_text(json.dumps({**base, **changes}))
    show(folder)
    shutil.rmtree(folder)
