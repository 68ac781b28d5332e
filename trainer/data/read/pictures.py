"""Reads pictures from files, through Pillow: all of one size, in bytes, grey or in three colours."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainer.data.read.source import Part, Source
from trainer.errors import Unusable, in_words, message, shortened

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp")
Size = tuple[int, int]
"""Height and width, in pixels."""

_INSTALL = 'pip install "caviar-sweeps[images]"'
_GREY = ("1", "L", "LA")  # Pillow's modes
_DEEP = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")
_TRAIN, _TEST = "train", "test"
_OTHERS = ("val", "valid", "validation")


class Found(NamedTuple):
    """paths: of pictures, in order. others: files that are none."""

    paths: list[Path]
    others: list[Path]


def read_folder(folder: Path, size: Size | None = None) -> Source:
    """The pictures in a folder with one folder for each class, or in its train/ and test/, which have these.

    size: what all are resized to; None where they are of one size. Raises `Unusable`, naming the file, where
    one cannot be read or is of another size, and where there are no classes.
    """
    parts = {each.name.lower(): each for each in _folders(folder)}
    if _TRAIN not in parts or set(parts) - {_TRAIN, _TEST, *_OTHERS}:
        return _source([_Tree.of(folder)], size)
    for name in set(parts) & set(_OTHERS):
        fix = f"move its pictures into {_TRAIN}/: a fraction of them becomes the validation split"
        raise Unusable(f"has the folder {name} beside {_TRAIN}", fix)
    return _source([_Tree.of(parts[name]) for name in (_TRAIN, _TEST) if name in parts], size)


def read_pictures(paths: Sequence[Path], shape: tuple[int, ...], resized: bool) -> NDArray[np.uint8]:
    """Pictures as images of a shape, (m, *shape), `resized` to it or of that size. Raises `Unusable`."""
    if len(shape) not in (2, 3) or shape[2:] not in ((), (3,)):
        size = " × ".join(map(str, shape))
        raise Unusable("holds pictures", f"the model was trained on arrays of {size}: give such an array")
    kept = (shape[0], shape[1])
    found = [_opened(path, kept if resized else None) for path in paths]
    _check_sizes(paths, found, kept)
    return _stacked(found, grey=len(shape) == 2)


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
            found = _found(each)
            if not found.paths:
                fix = f"put files of {', '.join(PICTURES)} there, or remove the folder"
                raise Unusable(f"has no pictures in {in_words(each.name)}", fix)
            classes[each.name] = found.paths
            others += found.others
        beside = [path for path in _visible(folder) if path.is_file() and _is_picture(path)]
        if beside or not classes:
            what = f"has {in_words(beside[0].name)} beside the folders" if beside else "has no folders"
            raise Unusable(f"{what} of its classes", "put each picture into a folder with its class's name")
        return cls(classes, others)


def _source(trees: Sequence[_Tree], size: Size | None) -> Source:
    classes = tuple(sorted(trees[0].classes))
    strange = [name for tree in trees for name in tree.classes if name not in classes]
    if strange:
        rule = f"has the class {in_words(strange[0])} in {_TEST} alone"
        raise Unusable(rule, f"give {_TRAIN} and {_TEST} the same classes")
    paths = [[path for name in sorted(tree.classes) for path in tree.classes[name]] for tree in trees]
    found = [[_opened(path, size) for path in of_tree] for of_tree in paths]
    everything = [picture for of_tree in found for picture in of_tree]
    common = size or Counter(picture.shape[:2] for picture in everything).most_common(1)[0][0]
    _check_sizes([path for of_tree in paths for path in of_tree], everything, common)
    grey = all(picture.ndim == 2 for picture in everything)
    parts = [
        Part(_stacked(pictures, grey), _labels(tree, classes))
        for tree, pictures in zip(trees, found, strict=True)
    ]
    others = [path for tree in trees for path in tree.others]
    names = shortened(path.name for path in others)
    hints = (f"files that are no pictures are left out: {names}",) if others else ()
    return Source(parts[0], test=parts[1] if len(parts) > 1 else None, classes=classes, hints=hints)


def _labels(tree: _Tree, classes: Sequence[str]) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(classes)), [len(tree.classes.get(name, ())) for name in classes])


def _stacked(pictures: Sequence[NDArray[np.uint8]], grey: bool) -> NDArray[np.uint8]:
    """(m, height, width), or (m, height, width, 3), where a grey picture has three equal colours."""
    if grey:
        return np.stack([_as_grey(picture) for picture in pictures])
    three = [p if p.ndim == 3 else np.repeat(p[:, :, None], 3, axis=2) for p in pictures]
    return np.stack(three)


def _as_grey(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """By the weights of ITU-R BT.601, as Pillow has them."""
    if picture.ndim == 2:
        return picture
    grey: NDArray[np.uint8] = np.round(picture @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)
    return grey


def _opened(path: Path, size: Size | None) -> NDArray[np.uint8]:
    """(height, width), or with colours (height, width, 3); turned as its camera says. Alpha is left out."""
    Image, ImageOps = _pillow()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as opened:
                if opened.mode in _DEEP:
                    raise ValueError(f"it has more than 8 bits for a pixel (mode {opened.mode})")
                picture = ImageOps.exif_transpose(opened)
                picture = picture.convert("L" if opened.mode in _GREY else "RGB")
    except Exception as error:  # what a damaged file makes of its reader is anything
        rule = f"has {_place(path)}, which cannot be read: {message(error)}"
        raise Unusable(rule, "restore or remove this file") from error
    if size is not None:
        picture = picture.resize((size[1], size[0]), Image.Resampling.BILINEAR)
    array: NDArray[np.uint8] = np.asarray(picture, np.uint8)
    return array


def _pillow() -> tuple[Any, Any]:
    try:
        from PIL import Image, ImageOps
    except ImportError as error:
        raise Unusable("holds pictures, and reading them takes Pillow", _INSTALL) from error
    return Image, ImageOps


def _check_sizes(paths: Sequence[Path], pictures: Sequence[NDArray[np.uint8]], wanted: Size) -> None:
    for path, picture in zip(paths, pictures, strict=True):
        if picture.shape[:2] != tuple(wanted):
            own, others = (" × ".join(map(str, each)) for each in (picture.shape[:2], wanted))
            rule = f"has {_place(path)}, which is {own} pixels, and not {others}"
            raise Unusable(
                rule, f"write size: {wanted[0]}, or size: [{wanted[0]}, {wanted[1]}], to resize all"
            )


def _place(path: Path) -> str:
    return in_words(f"{path.parent.name}/{path.name}")


def _found(folder: Path) -> Found:
    """All files in a folder and the folders in it, by path; hidden ones are passed over."""
    paths: list[Path] = []
    others: list[Path] = []
    for path in _visible(folder):
        if path.is_dir():
            deeper = _found(path)
            paths += deeper.paths
            others += deeper.others
        else:
            (paths if _is_picture(path) else others).append(path)
    return Found(paths, others)


def _folders(folder: Path) -> list[Path]:
    return [path for path in _visible(folder) if path.is_dir()]


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in PICTURES
