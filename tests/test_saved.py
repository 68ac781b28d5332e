"""What trainables save comes back as it was, through a checkpoint's file, without pickle."""

import json
import math
import zipfile
from collections import OrderedDict, namedtuple
from enum import IntEnum
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sweeps.execution import Run
from sweeps.saved import STRUCTURE, packed, unpacked, with_files, write_files
from sweeps.store.checkpoints import Checkpoints
from sweeps.trial import Checkpoint

DTYPES = st.sampled_from(["f8", "f4", "i8", "u1", "?", "c16", "U5", "S3"])
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    arrays.arrays(DTYPES, arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)),
)
KEYS = st.one_of(st.text(), st.integers(), st.booleans(), st.floats(allow_nan=False), st.none())
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(KEYS, inner, max_size=4),
    ),
    max_leaves=12,
)


def equal(one, other):
    """Whether two things that were saved are of the same types and values throughout."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, torch.Tensor):
        return one.dtype == other.dtype and torch.equal(one, other)
    if isinstance(one, dict):
        pairs = zip(one.items(), other.items(), strict=True)
        return len(one) == len(other) and all(equal(a, b) and equal(x, y) for (a, x), (b, y) in pairs)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(equal, one, other))
    return one == other or (isinstance(one, float) and math.isnan(one) and math.isnan(other))


@pytest.fixture(scope="module")
def through_a_file(tmp_path_factory):
    store = Checkpoints(tmp_path_factory.mktemp("store") / "checkpoints")

    def _through(state):
        store.save(0, Checkpoint(1, state), "a test")
        assert store.problem is None
        return store.load(0, 1).state

    return _through


@given(TREES)
def test_whatever_can_be_saved_comes_back_as_it_was(through_a_file, saved):
    assert equal(unpacked(through_a_file(packed(saved))), saved)


def test_a_mapping_of_arrays_is_kept_as_it_always_was():
    saved = {"W1": np.ones((2, 3)), "a/b": np.array("text")}
    state = packed(saved)
    assert list(state) == ["W1", "a/b"]
    saved["W1"][:] = 5
    assert equal(unpacked(state), {"W1": np.ones((2, 3)), "a/b": np.array("text")})


def test_what_comes_back_has_memory_of_its_own():
    state = packed([np.zeros(2), torch.zeros(2)])
    for each in unpacked(state):
        each += 1
    assert equal(unpacked(state), [np.zeros(2), torch.zeros(2)])


def test_a_model_and_its_optimizer_in_torch(through_a_file):
    model = torch.nn.Linear(3, 2)
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    saved = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3}
    back = unpacked(through_a_file(packed(saved)))
    assert equal(back, {**saved, "model": dict(saved["model"])})
    fresh = torch.nn.Linear(3, 2)
    fresh.load_state_dict(back["model"])
    torch.optim.Adam(fresh.parameters()).load_state_dict(back["optimizer"])
    assert torch.equal(fresh.weight, model.weight)


@pytest.mark.parametrize(
    "dtype", [torch.bfloat16, torch.float16, torch.float64, torch.int8, torch.bool, torch.float8_e4m3fn]
)
def test_tensors_of_any_type(through_a_file, dtype):
    tensor = torch.tensor([[0.0, 1.0], [2.0, 3.0]]).to(dtype).T  # not in one piece of memory
    back = unpacked(through_a_file(packed({"w": tensor})))["w"]
    assert back.dtype == dtype
    assert torch.equal(back.view(torch.uint8), tensor.contiguous().view(torch.uint8))


def test_numbers_of_numpy_and_members_of_enums():
    kinds = IntEnum("kinds", ["one"])
    back = unpacked(packed([np.float32(0.5), np.int64(3), np.str_("a"), kinds.one, OrderedDict(a=1)]))
    assert equal(back, [np.float32(0.5), np.int64(3), np.str_("a"), 1, {"a": 1}])


@pytest.mark.parametrize(
    ("saved", "names"),
    [
        ({"model": torch.nn.Linear(1, 1)}, ["'model' is a Linear", "state_dict()"]),
        ({"a": [1, {2}]}, ["'a.1' is a set"]),
        (namedtuple("State", "mu")(np.ones(1)), ["State", "jax.tree.leaves"]),
        ({"x": np.array([{}])}, ["'x' is a ndarray"]),
        ({"x": {frozenset(): 1}}, ["the key frozenset()", "in 'x'"]),
        ({"t": pd.DataFrame({"a": [1.0]})}, ["'t' is a DataFrame", "to_numpy()"]),
        ([pd.Series([1.0], index=["a"])], ["'0' is a Series", "to_numpy()"]),
        ({"m": np.ma.array([1.0, 2.0], mask=[True, False])}, ["'m' is a MaskedArray", "`data` and `mask`"]),
        (lambda: 1, ["this is a function", "arrays, torch tensors"]),
    ],
)
def test_what_cannot_be_kept_is_named(saved, names):
    with pytest.raises(TypeError) as raised:
        packed(saved)
    assert all(name in str(raised.value) for name in names), raised.value


def test_one_that_holds_itself_is_no_endless_matter():
    saved = []
    saved.append(saved)
    with pytest.raises(TypeError, match="nested deeper"):
        packed(saved)


def test_a_folder_comes_back_with_what_was_saved(through_a_file, tmp_path):
    (tmp_path / "one" / "deep").mkdir(parents=True)
    (tmp_path / "one" / "deep" / "a.bin").write_bytes(b"\0abc")
    (tmp_path / "one" / "empty").touch()
    (tmp_path / "one" / "link").symlink_to("/etc/passwd")
    for saved in (None, {"w": np.ones(2)}, {"w": 1}):
        state = through_a_file(with_files(None if saved is None else packed(saved), tmp_path / "one"))
        other = tmp_path / f"other-{saved}"
        write_files(state, other)
        found = {path.relative_to(other).as_posix() for path in other.rglob("*") if path.is_file()}
        assert found == {"deep/a.bin", "empty"}
        assert (other / "deep" / "a.bin").read_bytes() == b"\0abc"
        assert equal(unpacked(state), saved)


@pytest.mark.parametrize("name", ["../out", "/out", "a/../../out"])
def test_no_file_leads_out_of_its_folder(tmp_path, name):
    structure = json.dumps({"files": [[name, "a"]]}).encode()
    state = {"a": np.zeros(1, np.uint8), STRUCTURE: np.frombuffer(structure, np.uint8)}
    with pytest.raises(ValueError, match="leads out"):
        write_files(state, tmp_path / "in")
    assert not (tmp_path / "out").exists()


def test_there_is_no_pickle_in_a_file(through_a_file, tmp_path):
    store = Checkpoints(tmp_path)
    store.save(0, Checkpoint(1, packed({"a": [1, "b", torch.ones(1)]})), "a test")
    with zipfile.ZipFile(tmp_path / "trial-000000-epoch-000001.npz") as archive:
        names = archive.namelist()
    with np.load(tmp_path / "trial-000000-epoch-000001.npz", allow_pickle=False) as file:
        assert {file[name.removesuffix(".npy")].dtype.hasobject for name in names} == {False}


def test_a_run_keeps_its_folder_as_it_is_at_each_epoch():
    run = Run(epochs=3)
    (run.folder / "a").write_text("1")
    first = run._take_saved()
    assert run._take_saved() is None  # nothing has changed
    (run.folder / "a").write_text("22")
    run.save({"w": 1})
    second, place = run._take_saved(), run.folder
    run._end()
    assert not place.exists()
    for state, text, saved in ((first, "1", None), (second, "22", {"w": 1})):
        later = Run(epochs=3, checkpoint=Checkpoint(1, state))
        assert (later.folder / "a").read_text() == text
        assert later.restore() == saved
        later._end()


def test_a_run_that_nobody_trains_can_be_reported_to():
    run = Run(epochs=2)
    assert run.report(0.5)
    assert not run.report(0.4, checkpoint={"w": 1})
    assert Path(run.folder).is_dir()
    run._end()
