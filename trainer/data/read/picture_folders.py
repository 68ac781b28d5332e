"""Which pictures a folder holds, and which classes they are of: a folder for each, or train/ and test/."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainer.data.read.pictures import PICTURES, Size, open_alike, place, stacked
from trainer.data.read.source import Part, Source
from trainer.errors import Unusable, in_words, message, shortened

_TRAIN, _TEST = "train", "test"
_OTHERS = ("val", "valid", "validation")
_SPLITS = (_TRAIN, _TEST, "training", "testing")
_LAYOUT = f"a folder for each class, or {_TRAIN} and {_TEST} alone, with a folder for each class in them"
_ALIKE = 2  # folders of one name in two classes: a split has as many classes at least


class Found(NamedTuple):
    """paths: of pictures, in order. others: files that are none."""

    paths: list[Path]
    others: list[Path]


def read_folder(folder: Path, size: Size | None = None) -> Source:
    """The pictures in a folder with one folder for each class, or in its train/ and test/, which have these.

    size: what all are resized to; None where they are of one size. Raises `Unusable`, naming the file, where
    one cannot be read or is of another size, and where there are no classes or what look like splits.
    """
    parts = {each.name.lower(): each for each in _folders(folder)}
    if _TRAIN not in parts or set(parts) - {_TRAIN, _TEST, *_OTHERS}:
        _check_no_splits(parts)
        return _source([_Tree.of(folder)], size)
    for name in set(parts) & set(_OTHERS):
        fix = f"move its pictures into {_TRAIN}/: a fraction of them becomes the validation split"
        raise Unusable(f"has the folder {name} beside {_TRAIN}", fix)
    return _source([_Tree.of(parts[name]) for name in (_TRAIN, _TEST) if name in parts], size)


def pictures_in(path: Path) -> list[Path]:
    """A picture's own path, or those of all in a folder and the folders in it, by name. Raises `Unusable`."""
    if path.is_file():
        return [path]
    found = _found(path).paths
    if not found:
        raise Unusable("holds no pictures", f"give a folder with files of {', '.join(PICTURES)}")
    return found


class _Tree(NamedTuple):
    """One folder's classes, by name, with the paths of their pictures."""

    classes: dict[str, list[Path]]
    others: list[Path]

    @classmethod
    def of(cls, folder: Path) -> _Tree:
        classes, others = {}, []
        for each in _folders(folder):
            found = _found(each, (folder.resolve(),))
            if not found.paths:
                fix = f"put files of {', '.join(PICTURES)} there, or remove the folder"
                raise Unusable(f"has no pictures in {in_words(each.name)}", fix)
            classes[each.name] = found.paths
            others += found.others
        beside = [path for path in _visible(folder) if path.is_file() and _is_picture(path)]
        if beside or not classes:
            what = f"has {in_words(beside[0].name)} beside the folders" if beside else "has no folders"
            raise Unusable(f"{what} of its classes", "put each picture into a folder with its class's name")
        _check_no_classes_within(_folders(folder))
        return cls(classes, others)


def _check_no_splits(parts: dict[str, Path]) -> None:
    """Raise `Unusable` on a folder that is called as a split is, among those of classes."""
    if named := [path.name for name, path in parts.items() if name in _SPLITS]:
        others = [path.name for path in parts.values() if path.name not in named]
        beside = f" beside {shortened(others)}" if others else ""
        rule = f"has folders named as splits are, {shortened(named)}{beside}"
        raise Unusable(rule, f"give {_LAYOUT}; a class of such a name may lie in {_TRAIN}")


def _check_no_classes_within(folders: Sequence[Path]) -> None:
    """Raise `Unusable` where folders hold the same folders: they are splits then, and those the classes."""
    within = {each.name: {inner.name for inner in _folders(each)} for each in folders}
    several = [name for name, inner in within.items() if len(inner) >= _ALIKE]
    for one, other in combinations(several, 2):
        if len(same := sorted(within[one] & within[other])) >= _ALIKE:
            names = f"{in_words(one)} and {in_words(other)}"
            raise Unusable(f"has the same folders in {names}: {shortened(same)}", f"give {_LAYOUT}")


def _source(trees: Sequence[_Tree], size: Size | None) -> Source:
    classes = tuple(sorted(trees[0].classes))
    strange = [name for tree in trees for name in tree.classes if name not in classes]
    if strange:
        rule = f"has the class {in_words(strange[0])} in {_TEST} alone"
        raise Unusable(rule, f"give {_TRAIN} and {_TEST} the same classes")
    paths = [[path for name in sorted(tree.classes) for path in tree.classes[name]] for tree in trees]
    pictures = open_alike([path for of_tree in paths for path in of_tree], size)
    grey = all(picture.ndim == 2 for picture in pictures)
    of_train = len(paths[0])
    parts = [
        Part(stacked(found, grey), _labels(tree, classes))
        for tree, found in zip(trees, (pictures[:of_train], pictures[of_train:]), strict=False)
    ]
    others = [path for tree in trees for path in tree.others]
    names = shortened(path.name for path in others)
    hints = (f"files that are no pictures are left out: {names}",) if others else ()
    return Source(parts[0], test=parts[1] if len(parts) > 1 else None, classes=classes, hints=hints)


def _labels(tree: _Tree, classes: Sequence[str]) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(classes)), [len(tree.classes.get(name, ())) for name in classes])


def _found(folder: Path, above: tuple[Path, ...] = ()) -> Found:
    """All files in a folder and the folders in it, by path; hidden ones are passed over.

    above: the folders that led here, without links. Raises `Unusable` on a link back to one of them, or to
    one that holds it: all its pictures would be found again.
    """
    real = folder.resolve()
    if any(each.is_relative_to(real) for each in above):
        rule = f"has {place(folder)}, a link that leads back to the folder {in_words(real.name)}"
        raise Unusable(rule, "remove this link")
    paths: list[Path] = []
    others: list[Path] = []
    for path in _visible(folder):
        if path.is_dir():
            deeper = _found(path, (*above, real))
            paths += deeper.paths
            others += deeper.others
        else:
            (paths if _is_picture(path) else others).append(path)
    return Found(paths, others)


def _folders(folder: Path) -> list[Path]:
    """Raises `Unusable` where two have names that differ in case alone."""
    found = [path for path in _visible(folder) if path.is_dir()]
    counts = Counter(path.name.lower() for path in found)
    if alike := [path.name for path in found if counts[path.name.lower()] > 1]:
        rule = f"has folders whose names differ in case alone: {shortened(alike)}"
        raise Unusable(rule, "merge them, or rename one")
    return found


def _visible(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        rule = f"has the folder {in_words(folder.name)}, which cannot be read: {message(error)}"
        raise Unusable(rule, "give yourself the right to read it, or remove it") from error


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in PICTURES
