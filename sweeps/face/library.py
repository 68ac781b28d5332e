"""The library: sweeps before that new ones learn from where they fit, unless they say otherwise."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from sweeps.errors import BadInput, choices
from sweeps.knowledge import Knowledge
from sweeps.results import load
from sweeps.space import Space
from sweeps.spec import SweepSpec
from sweeps.store.atomic import write_bytes
from sweeps.sweep.planning.learn_from import earlier_sweeps

_MOST = 3  # that one sweep learns from: those that share most with it
_REMOVE = "remove {}, and add the sweeps again"
_LEARNS = "coarse_to_fine"  # the scheduler that can


@dataclass(frozen=True)
class Shelved:
    """A sweep of the library.

    folder: absolute. name, trainable, metric, trials: of the sweep, as its spec says. problem: why nothing
    can be learned from it any more, "" where it can.
    """

    folder: Path
    name: str = ""
    trainable: str = ""
    metric: str = ""
    trials: int = 0
    problem: str = ""


def library_add(directory: str | Path) -> Shelved:
    """Keep in mind where a sweep lies. Raises `BadInput` where there is none, or it has no result."""
    path = Path(directory).absolute()
    if not (load(path).tables.outcomes["objective"].notna()).any():
        raise BadInput(
            "library", str(path), "has no trial with an objective: nothing to learn", "let it run on"
        )
    _write([*(each for each in _folders() if each != path), path])
    return _shelved(path)


def library_remove(directory: str | Path) -> Path:
    """Forget a sweep; its folder stays. Raises `BadInput` where the library does not have it."""
    path, folders = Path(directory).absolute(), _folders()
    if path not in folders:
        raise BadInput(
            "library", str(path), "is not in it", choices([str(each) for each in folders], str(path))
        )
    _write([each for each in folders if each != path])
    return path


def library_list() -> list[Shelved]:
    """What is in it, the oldest first."""
    return [_shelved(path) for path in _folders()]


def with_library(
    spec: SweepSpec, earlier: Sequence[Knowledge] | None = None
) -> tuple[SweepSpec, Sequence[Knowledge] | None]:
    """The spec with the sweeps of the library that fit, where it says nothing of what it learns from.

    They have the same trainable, metric and mode, share half of the searched hyperparameters at least, and
    have results inside its ranges. earlier: what is known already, as of a sweep that is resumed; then
    nothing is looked up.

    Returns:
        The spec, and what the earlier sweeps have found; None where it names some itself, still to be read.
    """
    if spec.learn_from is not None or earlier is not None or spec.scheduler != _LEARNS:
        return spec, earlier
    space = Space(spec.space)
    best_first = (folder for _, folder in sorted(_like(spec, space), reverse=True))
    found = [*islice((known for folder in best_first for known in _found(folder, space)), _MOST)][::-1]
    return spec.model_copy(update={"learn_from": [each.name for each in found] or None}), found


def _like(spec: SweepSpec, space: Space) -> Iterator[tuple[tuple[int, int], str]]:
    """(how much it shares, how late it was added) and the folder of each that fits by its spec alone."""
    for place, path in enumerate(_folders()):
        try:
            theirs = load(path).spec
            searched = set(Space(theirs["space"]).searched)
        except (BadInput, KeyError):
            continue  # gone, or of another version
        same = all(theirs.get(key) == getattr(spec, key) for key in ("trainable", "metric", "mode"))
        shared = len(searched & set(space.searched))
        if same and 2 * shared >= len(space.searched):
            yield (shared, place), str(path)


def _found(folder: str, space: Space) -> list[Knowledge]:
    """What a sweep has found, none where no result lies inside the ranges.

    That takes all of its trials and metrics, so it is asked of the best few alone.
    """
    try:
        return earlier_sweeps(folder, space, Path())
    except BadInput:
        return []


def _shelved(path: Path) -> Shelved:
    try:
        spec = load(path).spec
        return Shelved(path, spec["name"], str(spec["trainable"]), spec["metric"], spec["trials"])
    except BadInput as error:
        return Shelved(path, problem=error.rule)


def _folders() -> list[Path]:
    try:
        plain: Any = json.loads(_file().read_bytes())
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise BadInput("library", _file().name, f"cannot be read: {error}", _REMOVE.format(_file())) from None
    if not isinstance(plain, list) or not all(isinstance(each, str) for each in plain):
        raise BadInput("library", _file().name, "is no list of folders", _REMOVE.format(_file()))
    return [Path(each) for each in plain]


def _write(folders: list[Path]) -> None:
    text = json.dumps([str(each) for each in folders], indent=1, ensure_ascii=False)
    _file().parent.mkdir(parents=True, exist_ok=True)
    write_bytes(_file(), text.encode())


def _file() -> Path:
    given = os.environ.get("XDG_DATA_HOME", "")
    parent = Path(given) if given.startswith("/") else Path("~/.local/share").expanduser()
    return parent / "caviar" / "library.json"
