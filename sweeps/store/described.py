"""What was understood of a sweep's data, kept beside its tables, and what a model of them has to beat."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sweeps.store.atomic import write_bytes

DATA_FILE = "data.json"
_LARGEST = 16 << 20  # bytes that are read


@dataclass(frozen=True)
class Described:
    """What a trainable says of its data.

    lines: for a person. baselines: by name, such as "linear", the metrics of a model that is no trial.
    columns: a summary of each, by which a later sweep sees a drift. earlier: those of the data of the sweep
    whose winner is tried again here.
    """

    lines: tuple[str, ...] = ()
    baselines: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    columns: tuple[Mapping[str, Any], ...] = ()
    earlier: tuple[Mapping[str, Any], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.lines or self.baselines or self.columns)


def write_described(folder: Path, described: Described) -> None:
    """Into a run directory."""
    write_bytes(folder / DATA_FILE, json.dumps(asdict(described), indent=1, ensure_ascii=False).encode())


def read_described(folder: Path) -> Described:
    """Of a run directory; nothing where the file is absent, as of an earlier version, or not whole."""
    try:
        with (folder / DATA_FILE).open("rb") as file:
            plain = json.loads(file.read(_LARGEST))
        columns, earlier = (_columns(plain.get(key, ())) for key in ("columns", "earlier"))
        return Described(tuple(map(str, plain["lines"])), _numbers(plain["baselines"]), columns, earlier)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Described()


def _numbers(plain: Any) -> dict[str, dict[str, float]]:
    return {
        str(name): {str(metric): float(value) for metric, value in metrics.items()}
        for name, metrics in plain.items()
    }


def _columns(plain: Any) -> tuple[Mapping[str, Any], ...]:
    """The summaries that are whole: of a name, a kind, how many values, and which share is missing."""
    needed = {"name", "kind", "n", "missing"}
    return tuple(each for each in plain if isinstance(each, Mapping) and needed <= each.keys())
