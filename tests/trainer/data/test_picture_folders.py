"""Which folders are classes, which are splits, and which are neither."""

import pytest

from tests.trainer.data.pictures import fill
from trainer import DataError, load_data
from trainer.data.raw import raw_features
from trainer.errors import Unusable


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


@pytest.mark.parametrize(
    ("folders", "says"),
    [
        (["train/cat", "train/dog", "test/cat", "test/dog", "pred/a"], "splits are, test, train beside pred"),
        (["Training/cat", "Training/dog", "Testing/cat", "Testing/dog"], "splits are, Testing, Training"),
        (["cat", "dog", "TEST"], "splits are, TEST beside cat, dog"),
        (["a/cat", "a/dog", "b/cat", "b/dog"], "the same folders in a and b: cat, dog"),
        (["train/a/cat", "train/a/dog", "train/b/cat", "train/b/dog"], "the same folders in a and b"),
        (["cat"], "has but one class, cat"),
        (["train/cat", "test/cat"], "has but one class, cat"),
    ],
    ids=lambda each: each if isinstance(each, str) else " ".join(each),
)
def test_folders_that_are_not_what_was_meant(tmp_path, folders, says):
    fill(tmp_path, folders)
    with pytest.raises(DataError) as raised:
        load_data({"path": str(tmp_path)})
    assert says in raised.value.rule
    assert raised.value.fix


@pytest.mark.parametrize("other", ["Cat", "train/a", "Train/a"])
def test_names_that_differ_in_case_alone(tmp_path, other):
    fill(tmp_path, ("cat", "TRAIN/a"))
    if (tmp_path / "CAT").exists():
        pytest.skip("such names are the same here")
    fill(tmp_path, (other,))
    with pytest.raises(DataError, match="differ in case alone"):
        load_data({"path": str(tmp_path)})


def test_a_folder_within_each_class_is_none_of_the_classes(tmp_path):
    fill(tmp_path, ("cat/images", "dog/images", "dog/more"))
    assert load_data({"path": str(tmp_path)}).classes == ("cat", "dog")


def test_a_class_may_be_called_as_a_split_is(tmp_path):
    fill(tmp_path / "train", ("bus", "train"))
    assert load_data({"path": str(tmp_path)}).classes == ("bus", "train")


@pytest.mark.parametrize(
    ("link", "to", "says"),
    [
        ("cat/loop", ".", "cat/loop, a link that leads back to"),
        ("cat/loop", "cat", "cat/loop, a link that leads back to the folder cat"),
        ("loop", "..", "loop, a link that leads back to"),
    ],
)
def test_a_link_back_to_a_parent(tmp_path, link, to, says):
    pets = tmp_path / "pets"
    fill(pets)
    known = load_data({"path": str(pets)}).preprocessing.features
    (pets / link).symlink_to((pets / to).resolve(), target_is_directory=True)
    with pytest.raises(DataError) as raised:
        load_data({"path": str(pets)})
    assert says in raised.value.rule
    with pytest.raises(Unusable, match="a link that leads back"):
        raw_features(pets, known, None)


def test_a_link_to_elsewhere_is_followed(tmp_path):
    fill(tmp_path / "store", ("a", "b"))
    fill(tmp_path / "pets")
    (tmp_path / "pets" / "cat" / "more").symlink_to(tmp_path / "store" / "a", target_is_directory=True)
    (tmp_path / "pets" / "eel").symlink_to(tmp_path / "store" / "b", target_is_directory=True)
    data = load_data({"path": str(tmp_path / "pets")})
    assert sum(len(y) for _, y in data.splits) == 24
    assert data.classes == ("cat", "dog", "eel")


def test_a_regression_on_folders_that_are_classes(tmp_path):
    fill(tmp_path)
    with pytest.raises(DataError, match="whose folders are classes") as raised:
        load_data({"path": str(tmp_path), "task": "regression"})
    assert raised.value.key == "task"
