"""Folders of pictures: what is read of them, and what is wrong with them, by the file's name."""

import builtins
import struct
import zlib

import numpy as np
import pytest

from tests.trainer.data.pictures import RNG, Image, fill
from trainer import DataError, load_data
from trainer.data.raw import raw_features
from trainer.data.read.pictures import read_pictures
from trainer.errors import Unusable


def rows(data):
    return {x.tobytes(): data.classes[y] for xs, ys in data.splits for x, y in zip(xs, ys, strict=True)}


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 3)], ids=["grey", "colours"])
def test_a_folder_for_each_class(tmp_path, shape):
    arrays = fill(tmp_path / "pets", shape=shape)
    data = load_data({"path": "pets"}, base=tmp_path)
    assert rows(data) == {array.tobytes(): path.parent.name for path, array in arrays.items()}
    assert (data.shape, data.classes, data.name) == (shape, ("cat", "dog"), "pets")
    assert data.x_train.dtype == np.uint8  # scaled to 0 … 1 when a model sees them
    assert "x".join(map(str, shape)).replace("x", " × ") in " ".join(data.describe().lines)


def test_what_a_file_is_depends_on_what_others_are(tmp_path):
    fill(tmp_path, ("cat",))
    fill(tmp_path, ("dog",), shape=(4, 5, 3))
    fill(tmp_path / "dog", ("deeper",), shape=(4, 5, 4))  # alpha is left out
    data = load_data({"path": str(tmp_path)})
    assert data.shape == (4, 5, 3)
    grey = [x.reshape(4, 5, 3) for x, y in zip(data.x_train, data.y_train, strict=True) if y == 0]
    assert all((image == image[:, :, :1]).all() for image in grey)
    assert sum(len(y) for _, y in data.splits) == 18


def test_files_that_are_no_pictures_are_said_and_hidden_ones_passed_over(tmp_path):
    fill(tmp_path)
    (tmp_path / "cat" / "notes.txt").write_text("x")
    (tmp_path / "cat" / ".hidden.png").write_text("x")
    (tmp_path / ".git").mkdir()
    data = load_data({"path": str(tmp_path)})
    assert "files that are no pictures are left out: notes.txt" in data.hints
    assert len(data.classes) == 2


@pytest.mark.parametrize(("size", "shape"), [(3, (3, 3)), ([2, 6], (2, 6))])
def test_all_are_resized(tmp_path, size, shape):
    fill(tmp_path, ("cat",), shape=(8, 9))
    fill(tmp_path, ("dog",), shape=(5, 4))
    data = load_data({"path": str(tmp_path), "size": size})
    assert data.shape == shape
    new = tmp_path / "dog"
    assert raw_features(new, data.preprocessing.features, None).shape == (6, *shape)
    assert raw_features(new / "1.png", data.preprocessing.features, None).shape == (1, *shape)


def test_a_train_and_a_test_folder(tmp_path):
    fill(tmp_path / "train", each=10)
    tests = fill(tmp_path / "test", ("dog",), each=3)
    data = load_data({"path": str(tmp_path), "validation": 0.2})
    assert [len(y) for _, y in data.splits] == [16, 4, 3]
    assert np.array_equal(data.x_test.reshape(-1, 4, 5), list(tests.values()))
    assert set(data.y_test) == {1}


def test_a_camera_s_turn_is_undone(tmp_path):
    fill(tmp_path, shape=(5, 4), kind="jpg")
    turned = Image.fromarray(RNG.integers(0, 256, (4, 5), np.uint8))
    exif = turned.getexif()
    exif[0x0112] = 6  # turned by a quarter
    turned.save(tmp_path / "cat" / "turned.jpg", exif=exif)
    assert load_data({"path": str(tmp_path)}).shape == (5, 4)


def break_size(folder):
    Image.fromarray(np.zeros((7, 5), np.uint8)).save(folder / "dog" / "odd.png")


def break_file(folder):
    whole = (folder / "dog" / "1.png").read_bytes()
    (folder / "dog" / "torn.png").write_bytes(whole[: len(whole) // 2])


def break_text(folder):
    (folder / "dog" / "text.jpg").write_text("no picture")


def break_depth(folder):
    Image.fromarray(np.zeros((4, 5), np.uint16)).save(folder / "dog" / "deep.png")


def break_beside(folder):
    Image.fromarray(np.zeros((4, 5), np.uint8)).save(folder / "lost.png")


def break_empty(folder):
    (folder / "eel").mkdir()


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (break_size, "dog/odd.png, which is 7 × 5 pixels, and not 4 × 5"),
        (break_file, "dog/torn.png, which cannot be read"),
        (break_text, "dog/text.jpg, which cannot be read"),
        (break_depth, "dog/deep.png, which has more than 8 bits a colour"),
        (break_beside, "lost.png beside the folders of its classes"),
        (break_empty, "no pictures in eel"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path, harm, says):
    fill(tmp_path)
    harm(tmp_path)
    with pytest.raises(DataError) as raised:
        load_data({"path": str(tmp_path)})
    assert (raised.value.key, raised.value.value) == ("path", str(tmp_path))
    assert says in raised.value.rule


@pytest.mark.parametrize(
    ("form", "key", "says"),
    [
        ({"size": 0}, "size", "must be one or two whole numbers from 1 on"),
        ({"size": [1, 2, 3]}, "size", "must be one or two whole numbers"),
        ({"size": True}, "size", "must be one or two whole numbers"),
        ({"path": "missing"}, "path", "is no folder"),
        ({"path": "digits.npz", "size": 3}, "size", "is for a folder of pictures"),
        ({"path": ".", "target": "cat"}, "target", "names a column"),
    ],
    ids=str,
)
def test_forms_that_are_wrong(tmp_path, form, key, says):
    fill(tmp_path)
    with pytest.raises(DataError) as raised:
        load_data({"path": ".", **form}, base=tmp_path)
    assert raised.value.key == key
    assert says in raised.value.rule


def save_deep(path, kind):
    """A .png of 16 bits a colour, which Pillow reads but does not write. kind: the header's."""
    channels = {2: 3, 4: 2, 6: 4}[kind]
    lines = (b"\0" + bytes(5 * channels * 2)) * 4
    header = struct.pack(">IIBBBBB", 5, 4, 16, kind, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    parts = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    ]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))


@pytest.mark.parametrize("kind", [2, 4, 6], ids=["colours", "grey with alpha", "colours with alpha"])
def test_more_than_8_bits_a_colour_are_not_cut(tmp_path, kind):
    fill(tmp_path)
    save_deep(tmp_path / "dog" / "deep.png", kind)
    with pytest.raises(DataError, match=r"dog/deep\.png, which has more than 8 bits a colour") as raised:
        load_data({"path": str(tmp_path)})
    assert raised.value.fix == "convert it to 8 bits a colour"


def test_more_than_memory_holds_is_refused_before_it_is_read(tmp_path):
    fill(tmp_path, shape=(4, 5, 3))
    with pytest.raises(DataError) as raised:
        load_data({"path": str(tmp_path), "size": 100_000})
    assert "12 pictures, which take 335.3 GiB at 100000 × 100000 pixels" in raised.value.rule
    assert raised.value.fix == "write a smaller size: 8 GiB are the most"
    with pytest.raises(Unusable, match=r"100 pictures, which take 27\.9 GiB at 10000 × 10000") as raised:
        read_pictures([tmp_path / "cat" / "0.png"] * 100, (10_000, 10_000, 3), resized=True)
    assert raised.value.fix == "give fewer at a time: 8 GiB are the most"


def test_new_pictures_of_another_size_where_none_were_resized(tmp_path):
    fill(tmp_path / "a")
    fill(tmp_path / "b", shape=(6, 6))
    known = load_data({"path": str(tmp_path / "a")}).preprocessing.features
    assert raw_features(tmp_path / "a", known, None).shape == (12, 4, 5)
    with pytest.raises(Unusable, match=r"cat/0\.png, which is 6 × 6 pixels") as raised:
        raw_features(tmp_path / "b", known, None)
    assert raised.value.fix == "resize it to 4 × 5"
    (tmp_path / "empty").mkdir()
    with pytest.raises(Unusable, match="holds no pictures"):
        raw_features(tmp_path / "empty", known, None)


@pytest.mark.parametrize(
    "name", ["missing", "missing.png", "missing.v2", "long" * 80], ids=lambda name: name[:12]
)
def test_new_pictures_that_are_not_there(tmp_path, name):
    fill(tmp_path)
    known = load_data({"path": str(tmp_path)}).preprocessing.features
    with pytest.raises(Unusable, match=r"^\('does not exist'"):
        raw_features(tmp_path / name, known, None)


def test_new_pictures_for_a_model_of_numbers_that_are_no_bytes(tmp_path):
    fill(tmp_path)
    x = RNG.random((20, 4, 5))
    np.savez(tmp_path / "x.npz", x=x, y=np.arange(20) % 2)
    known = load_data({"path": str(tmp_path / "x.npz")}).preprocessing.features
    assert raw_features(x, known, None).shape == x.shape
    for path in (tmp_path / "cat", tmp_path / "cat" / "0.png"):
        with pytest.raises(Unusable, match="trained on numbers that are no bytes"):
            raw_features(path, known, None)


@pytest.mark.parametrize(
    ("kind", "options", "hinted"),
    [
        ("float64", {}, True),
        ("int64", {}, True),
        ("float64", {"standardise": False}, False),
        ("uint8", {}, False),
    ],
)
def test_a_hint_at_images_that_are_no_bytes(tmp_path, kind, options, hinted):
    x = RNG.integers(0, 256, (20, 4, 5)).astype(kind)
    np.savez(tmp_path / "x.npz", x=x, y=np.arange(20) % 2)
    data = load_data({"path": str(tmp_path / "x.npz"), **options})
    assert any("are standardised pixel by pixel" in hint for hint in data.hints) == hinted


def test_without_pillow(tmp_path, monkeypatch):
    fill(tmp_path)
    real = builtins.__import__

    def without(name, *rest):
        if name == "PIL":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(DataError) as raised:
        load_data({"path": str(tmp_path)})
    assert raised.value.fix == 'pip install "caviar-sweeps[images]"'
