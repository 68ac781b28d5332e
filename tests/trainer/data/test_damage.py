"""Damaged files: they load or say what is wrong on one screen, and reserve no more than they hold."""

import io
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer import DataError, load_data

FRAME = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 3)), columns=list("abc")).assign(
    label=["x", "y"] * 20
)
DAMAGE = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6)


def whole(kind):
    file = io.BytesIO()
    if kind == "parquet":
        FRAME.to_parquet(file)
    elif kind == "csv":
        FRAME.to_csv(file, index=False)
    else:
        save = np.savez if kind == "stored.npz" else np.savez_compressed
        save(file, x=FRAME[["a", "b", "c"]].to_numpy(), y=np.arange(40) % 2)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["csv", "parquet", "stored.npz", "npz"])
@given(damage=DAMAGE, end=st.floats(0, 1), late=st.booleans())
def test_any_damage(tmp_path_factory, kind, damage, end, late):
    content = bytearray(whole(kind))
    start = max(0, len(content) - 400) if late else 0  # where both formats keep what all depends on
    for place, byte in damage:
        content[start + int(place * (len(content) - start))] = byte
    if len(damage) == 1:
        content = content[: int(end * len(content))]
    path = tmp_path_factory.mktemp("damage") / f"t.{kind}"
    path.write_bytes(content)
    try:
        load_data({"path": str(path), **({} if kind.endswith("npz") else {"target": "label"})})
    except DataError as error:
        assert len(str(error)) < 900  # noqa: PT017 - either is right
        assert str(error).count("\n") <= 1  # noqa: PT017


def archive(path, shape, compression, announced=None):
    """An archive whose x has a header of this shape, but 60 numbers."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": shape})
    x, y = file.getvalue() + np.arange(60.0).tobytes(), io.BytesIO()
    np.save(y, np.arange(30) % 2)
    with zipfile.ZipFile(path, "w", compression) as made:
        made.writestr("x.npy", x)
        made.writestr("y.npy", y.getvalue())
    if announced is not None:  # in the archive's directory as well
        content, size = path.read_bytes(), len(x).to_bytes(4, "little")
        path.write_bytes(content.replace(size, (announced + len(file.getvalue())).to_bytes(4, "little")))
    return {"path": str(path)}


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_an_archive_that_announces_more_than_it_holds(tmp_path, compression, monkeypatch):
    assert load_data(archive(tmp_path / "a.npz", (30, 2), compression)).features == 2
    monkeypatch.setattr(np.lib.format, "read_array", None)  # which would reserve all that is announced
    with pytest.raises(DataError, match="announces 1,600,000,000,000 bytes, which the file does not hold"):
        load_data(archive(tmp_path / "a.npz", (10**11, 2), compression))
    with pytest.raises(DataError, match="announces 1,600,000,000 bytes, which the file does not hold"):
        load_data(archive(tmp_path / "a.npz", (10**8, 2), compression, announced=16 * 10**8))
