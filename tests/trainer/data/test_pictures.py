"""Folders of pictures: what is read of them, and what is wrong with them, by the file's name."""

import builtins

import numpy as np
import pytest

from trainer import DataError, load_data
from trainer.data.raw import raw_features
from trainer.errors import Unusable

Image = pytest.importorskip("PIL.Image")

RNG = np.random.default_rng(0)


def fill(folder, classes=("cat", "dog"), each=6, shape=(4, 5), kind="png"):
    """Pictures in a folder for each class: the arrays by their paths."""
    arrays = {}
    for name in classes:
        (folder / name).mkdir(parents=True)
        for number in range(each):
            path = folder / name / f"{number}.{kind}"
            arrays[path] = RNG.integers(0, 256, shape, np.uint8)
            Image.fromarray(arrays[path]).save(path)
    return arrays


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
        (break_depth, "dog/deep.png, which cannot be read: it has more than 8 bits"),
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


def test_folders_that_hold_no_classes(tmp_path):
    with pytest.raises(DataError, match="has no folders of its classes"):
        load_data({"path": str(tmp_path)})
    fill(tmp_path / "train")
    fill(tmp_path / "val")
    with pytest.raises(DataError, match="has the folder val beside train"):
        load_data({"path": str(tmp_path)})


def test_a_class_that_only_the_test_has(tmp_path):
    fill(tmp_path / "train")
    fill(tmp_path / "test", ("eel",))
    with pytest.raises(DataError, match="has the class eel in test alone"):
        load_data({"path": str(tmp_path)})


def test_new_pictures_of_another_size_where_none_were_resized(tmp_path):
    fill(tmp_path / "a")
    fill(tmp_path / "b", shape=(6, 6))
    known = load_data({"path": str(tmp_path / "a")}).preprocessing.features
    assert raw_features(tmp_path / "a", known, None).shape == (12, 4, 5)
    with pytest.raises(Unusable, match=r"cat/0\.png, which is 6 × 6 pixels"):
        raw_features(tmp_path / "b", known, None)
    (tmp_path / "empty").mkdir()
    with pytest.raises(Unusable, match="holds no pictures"):
        raw_features(tmp_path / "empty", known, None)


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
