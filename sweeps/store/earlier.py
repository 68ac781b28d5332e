"""What a sweep learns from earlier ones, kept in its folder: these may be gone when it is resumed."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sweeps.knowledge import Knowledge, KnownTrial
from sweeps.store import files
from sweeps.store.atomic import write_bytes

EARLIER_FILE = "earlier.json"
_INFEASIBLE = "infeasible"  # JSON has no infinity


def write_earlier(folder: Path, earlier: Sequence[Knowledge]) -> None:
    """Into a run directory; where nothing is learned from, no file is."""
    if not earlier:
        (folder / EARLIER_FILE).unlink(missing_ok=True)
        return
    text = json.dumps([_form(each) for each in earlier], ensure_ascii=False, separators=(",", ":"))
    write_bytes(folder / EARLIER_FILE, text.encode())


def read_earlier(folder: Path) -> list[Knowledge]:
    """Of a run directory; none where it has learned from nothing.

    Raises:
        ValueError: The file is damaged.
    """
    path = folder / EARLIER_FILE
    try:
        with files.open_plain(path) as file:
            plain = json.loads(file.read())
        if not isinstance(plain, list):
            raise ValueError("it is no list of sweeps")
        return [_knowledge(each) for each in plain]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ValueError(f"{path} is damaged: {error}") from error


def _form(each: Knowledge) -> dict[str, Any]:
    trials = [
        [
            dict(trial.config),
            [[epochs, loss if math.isfinite(loss) else _INFEASIBLE] for epochs, loss in trial.curve],
        ]
        for trial in each.trials
    ]
    return {"name": each.name, "trials": trials}


def _knowledge(form: dict[str, Any]) -> Knowledge:
    return Knowledge(str(form["name"]), [_trial(*each) for each in form["trials"]])


def _trial(config: Any, curve: Any) -> KnownTrial:
    if not isinstance(config, Mapping):
        raise ValueError(f"{config!r} is no config")
    points = tuple(_points(curve))
    if not points:
        raise ValueError(f"the trial of {config} has no result")
    return KnownTrial(dict(config), points)


def _points(curve: Any) -> Iterator[tuple[int, float]]:
    """(epochs, loss), held against what `KnownTrial` promises."""
    before = 0
    for epochs, loss in curve:
        infeasible = loss == _INFEASIBLE
        if type(epochs) is not int or epochs <= before:
            raise ValueError(f"{epochs!r} epochs cannot come after {before}")
        if not infeasible and not (type(loss) in (int, float) and math.isfinite(loss)):
            raise ValueError(f"{loss!r} is no loss")
        yield epochs, math.inf if infeasible else float(loss)
        before = epochs
