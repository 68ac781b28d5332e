"""What was understood of a sweep's data, kept beside its tables, and what a model of them has to beat."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sweeps.store.atomic import write_bytes

DATA_FILE = "data.json"
_LARGEST = 1 << 20  # bytes that are read


@dataclass(frozen=True)
class Described:
    """lines: for a person. baselines: by name, such as "linear", the metrics of a model that is no trial."""

    lines: tuple[str, ...] = ()
    baselines: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.lines or self.baselines)


def write_described(folder: Path, described: Described) -> None:
    """Into a run directory."""
    write_bytes(folder / DATA_FILE, json.dumps(asdict(described), indent=1, ensure_ascii=False).encode())


def read_described(folder: Path) -> Described:
    """Of a run directory; nothing where the file is absent, as of an earlier version, or not whole."""
    try:
        with (folder / DATA_FILE).open("rb") as file:
            plain = json.loads(file.read(_LARGEST))
        return Described(tuple(map(str, plain["lines"])), _numbers(plain["baselines"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Described()


def _numbers(plain: Any) -> dict[str, dict[str, float]]:
    return {
        str(name): {str(metric): float(value) for metric, value in metrics.items()}
        for name, metrics in plain.items()
    }
