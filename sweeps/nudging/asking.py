"""In the terminal that asks: how a panda stands by its log, so that what cannot be is refused there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sweeps.errors import BadInput
from sweeps.events import SearchBegun
from sweeps.execution import Trainable
from sweeps.nudging.deciding import Deciding
from sweeps.nudging.standing import panda_by_log
from sweeps.nudging.values import Rules
from sweeps.schedulers import is_panda
from sweeps.space import Space
from sweeps.spec import SweepSpec, overridden
from sweeps.spec.yaml_text import read_yaml
from sweeps.store import LOG, SPEC_FILE, Checkpoints, LogReader
from sweeps.sweep.ledger import Ledger, Unwritten
from sweeps.sweep.replay import Replay


def parsed_values(texts: Iterable[str]) -> dict[str, Any]:
    """What was written as name=value, by name. Raises `BadInput`.

    >>> parsed_values(["learning_rate=3e-4", "l2=*2"])
    {'learning_rate': 0.0003, 'l2': '*2'}
    """
    found: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.isidentifier():
            raise BadInput("nudge", text, "is not of the form name=value", "such as learning_rate=3e-4 l2=*2")
        if name in found:
            raise BadInput("nudge", text, f"is a second value of {name}", "give one")
        found[name] = value if value[:1] in ("*", "/") else read_yaml(value, name)
    return found


def check_panda(path: Path, spec: SweepSpec) -> None:
    """Raise `BadInput` where a run is not trained by hand."""
    if not is_panda(spec.scheduler):
        rule = f"is a sweep that {spec.scheduler} decides, and no panda"
        raise BadInput("dir", str(path), rule, f"adopt one of its trials: caviar panda {path} --trial N")


def deciding_by_log(path: Path, train: Trainable) -> Deciding:
    """How a panda stands by its log: what decides there, brought to where it is. Raises `BadInput`."""
    reader = LogReader(path / LOG)
    search = reader.last(SearchBegun)
    if search is None:
        raise BadInput("dir", str(path), "has not begun yet", "wait for its first epoch")
    spec = overridden(search.spec, SPEC_FILE)
    check_panda(path, spec)
    space = Space(spec.space)
    ledger = Ledger(Unwritten(), spec.metric, spec.mode, spec.epochs, spec.objective)
    replay = Replay(ledger, space)
    for event in reader:
        replay.take(event)
    scheduler = panda_by_log(search, replay)
    return Deciding(scheduler, ledger, Checkpoints(path / "checkpoints"), Rules(space, train))
