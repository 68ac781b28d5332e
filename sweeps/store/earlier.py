"""What a sweep learns from earlier ones, kept in its folder: these may be gone when it is resumed."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sweeps.knowledge import Knowledge, KnownTrial
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
    if not path.exists():
        return []
    try:
        return [_knowledge(each) for each in json.loads(path.read_bytes())]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
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
    trials = [
        KnownTrial(
            dict(config),
            tuple((int(epochs), math.inf if loss == _INFEASIBLE else float(loss)) for epochs, loss in curve),
        )
        for config, curve in form["trials"]
    ]
    return Knowledge(str(form["name"]), trials)
