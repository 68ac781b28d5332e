"""Files that are not Fashion-MNIST, and what is said of them."""

import gzip

import numpy as np
import pytest

from tests.trainer.data.images import ARRAYS, NAMES, X_TEST, Y_TEST, X, Y, fill, form, idx
from trainer import DataError, load_data

IMAGES, ZIPPED = idx(X), gzip.compress(idx(X))
TORN = [
    # the training images' file, its content, in the rule
    (NAMES[0], IMAGES[:-1], "announces 40 × 28 × 28 bytes, but 31359 follow"),
    (NAMES[0], IMAGES + b"\0", "announces 40 × 28 × 28 bytes, but 31361 follow"),
    (NAMES[0], IMAGES[:9], "but 0 follow"),
    (NAMES[0], IMAGES[:4], "but 0 follow"),
    (NAMES[0], IMAGES[:2], "begins with 00 00, not with 00 00 08"),
    (NAMES[0], b"", "begins with nothing"),
    (NAMES[0], b"\0\0\x0d" + IMAGES[3:], "begins with 00 00 0d 03"),
    (NAMES[0], ZIPPED, "begins with 1f 8b 08"),
    (NAMES[0] + ".gz", ZIPPED[:-9], "end-of-stream"),
    (NAMES[0] + ".gz", ZIPPED[:50] + b"\xff" * 50 + ZIPPED[100:], "cannot be read as idx"),
    (NAMES[0] + ".gz", IMAGES, "Not a gzipped file"),
]


@pytest.mark.parametrize(("name", "content", "rule"), TORN, ids=[rule for *_, rule in TORN])
def test_torn_files(tmp_path, name, content, rule):
    (fill(tmp_path) / NAMES[0]).unlink()
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as raised:
        load_data(form(tmp_path))
    assert (raised.value.key, raised.value.value) == ("path", str(tmp_path))
    assert name in raised.value.rule
    assert rule in raised.value.rule
    assert str(tmp_path / name) in raised.value.fix


WRONG = [
    # arrays, in the rule
    ({"x_train": X[:-1]}, "labels of shape (40,) for 39 examples"),
    ({"y_test": Y_TEST[:-1]}, "labels of shape (19,) for 20 examples"),
    ({"x_train": X[:, 1:]}, "images of type uint8 and shape (40, 27, 28)"),
    ({"x_test": X_TEST.reshape(20, 784)}, "images of type uint8 and shape (20, 784)"),
    ({"y_train": Y + 1}, "no whole numbers from 0 to 9: 10"),
    ({"y_train": np.zeros_like(Y)}, "fewer than 2 examples, too few to split: Trouser (0)"),
]


@pytest.mark.parametrize(("change", "rule"), WRONG, ids=[rule for _, rule in WRONG])
@pytest.mark.parametrize("kind", ["idx", "npz"])
def test_arrays_that_are_not_fashion_mnist(tmp_path, change, rule, kind):
    changed = {**ARRAYS, **change}
    path = fill(tmp_path, arrays=changed) if kind == "idx" else tmp_path / "a.npz"
    if kind == "npz":
        np.savez(path, **changed)
    with pytest.raises(DataError) as raised:
        load_data(form(path))
    assert (raised.value.key, raised.value.value) == ("path", str(path))
    assert rule in raised.value.rule


FORMS = [
    # form, key, in the rule, in the fix
    (form("."), "path", f"lacks {', '.join(NAMES)}", "put train-images-idx3-ubyte"),
    (form("absent"), "path", "does not exist", "absent"),
    (form("table.csv"), "path", "neither a folder nor an .npz", "give the folder"),
    (form("whole.npz"), "path", "test split of its own", "x_train"),
    (form("floats.npz"), "path", "images of type float64", "28 × 28 bytes"),
    (form("good.npz", test=0.2), "test", "test split of its own", "remove"),
    (form("good.npz", target="y"), "target", "no table", "remove"),
    (form("torn.npz"), "path", "cannot be read as .npz", "numpy.savez"),
    ({"name": "fashion_mnist", "path": "."}, "name", "not the name", "did you mean fashion-mnist?"),
]


@pytest.mark.parametrize(("wrong", "key", "rule", "fix"), FORMS, ids=[rule for _, _, rule, _ in FORMS])
def test_wrong_forms(tmp_path, wrong, key, rule, fix):
    (tmp_path / "table.csv").write_text("a\n1\n")
    np.savez(tmp_path / "whole.npz", x=X, y=Y)
    np.savez(tmp_path / "floats.npz", **{**ARRAYS, "x_test": X_TEST / 255})
    np.savez_compressed(tmp_path / "good.npz", **ARRAYS)
    whole = bytearray((tmp_path / "good.npz").read_bytes())
    whole[200:260] = b"\xff" * 60
    (tmp_path / "torn.npz").write_bytes(whole)
    with pytest.raises(DataError) as raised:
        load_data(wrong, base=tmp_path)
    assert raised.value.key == key
    assert rule in raised.value.rule
    assert fix in raised.value.fix
