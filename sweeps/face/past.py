"""What a sweep's folder says of its past: for whoever goes on with it, or trains one of its trials again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sweeps.errors import BadInput
from sweeps.events import ProcessBegun, SearchBegun
from sweeps.execution import Trainable
from sweeps.face.resolve import find_trainable, load_data, loaded, plan_from_spec
from sweeps.knowledge import Knowledge
from sweeps.spec import SweepSpec
from sweeps.store import LOG, SPEC_FILE, LogReader, no_sweep
from sweeps.sweep.planning.fingerprint import fingerprint_of_code, fingerprint_of_data
from sweeps.sweep.planning.plan import Plan, make_plan

_APART = "trials before and after may not compare"
_CONFIRM = "if that is right, add --changed-code ok (changed_code=True in Python)"


@dataclass(frozen=True)
class Past:
    """What the log says of a sweep: its last process, what that one searched, and the specs of all."""

    reader: LogReader
    process: ProcessBegun
    search: SearchBegun
    specs: tuple[str, ...]


def read_past(path: Path) -> Past:
    """Raises `BadInput` where the folder has no log of a sweep."""
    reader = LogReader(path / LOG)
    process: ProcessBegun | None = None
    search: SearchBegun | None = None
    specs: list[str] = []
    for event in reader.every(ProcessBegun, SearchBegun):
        if isinstance(event, ProcessBegun):
            process = event
        elif isinstance(event, SearchBegun):
            search = event
            specs.append(event.spec)
    if process is None or search is None:
        if (path / SPEC_FILE).exists():
            rule = "has no log: it was written by a version of Caviar that kept none, or the log was removed"
            fix = f"start it anew: caviar run {path / SPEC_FILE}"
        else:
            raise no_sweep(path)
        raise BadInput("run directory", str(path), rule, fix)
    return Past(reader, process, search, tuple(specs))


def plan_of_past(
    spec: SweepSpec,
    process: ProcessBegun,
    train: Trainable | None,
    data: Any,
    again: str,
    earlier: Sequence[Knowledge] | None = (),
) -> Plan:
    """The plan of a spec, with the trainable and the data where the process had them.

    Args:
        spec: The sweep as it is asked for now.
        process: Who worked on it last.
        train, data: Given anew, where they cannot be found; data as `sweeps.run` takes them.
        earlier: What earlier sweeps have found; None to read it from the folders that the spec names.
        again: How data are given anew in Python, for the error where they must be.
    """
    base = Path(process.folder)
    if train is None and data is None:
        if process.data and spec.data is None:
            rule = "had data in memory, which its folder does not hold"
            raise BadInput("data", None, rule, f"give them anew: {again}")
        return plan_from_spec(spec, base, earlier)
    if train is None:
        train = find_trainable(spec.trainable, (base.resolve(), Path.cwd()))
    if data is None and spec.data is not None:
        data = load_data(spec.data, spec.seed, base, spec.metric)
    else:
        data = loaded(data, spec.trainable, spec)
    return make_plan(spec, train, data, base=base, earlier=earlier)


def other_versions(plan: Plan, process: ProcessBegun) -> Iterator[str]:
    """What the trainable says that its results depend on and that the process had another version of."""
    for name, now in plan.own_versions.items():
        was = process.versions.get(name, now)  # a process that did not say has no other
        if was != now:
            yield f"{name}: version {now}, and {was} when the sweep was last worked on: {_APART}"


def check_same(plan: Plan, processes: Iterable[ProcessBegun], confirmed: bool) -> None:
    """Raise `BadInput` where code or data are not those that each process had, and nobody has said so."""
    if confirmed:
        return
    code, data = fingerprint_of_code(plan.train), fingerprint_of_data(plan.data)
    found = [
        (place, now, then)
        for process in processes
        for place, now, then in (("trainable", code, process.code), ("data", data, process.data))
    ]
    for place, now, then in found:
        if now != then:
            value = getattr(plan.spec, place)
            rule = f"has changed since the sweep was last worked on: {_APART}"
            raise BadInput(place, value, rule, _CONFIRM)
