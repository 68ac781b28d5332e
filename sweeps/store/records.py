"""Events as the log's records: a line of JSON each, with its length and checksum before it.

`0000001c 7d3f11aa {"n":0,"kind":"notice",…}` is the length of the JSON in bytes and its CRC-32, both in
hexadecimal. `n` counts the records of a log from 0 on. Numbers are written so that they are read back to the
last bit; NaN and Infinity stand as such. A column of metrics is the base64 of its values as little-endian
64-bit floats, which costs a tenth of their decimals, or a list with nulls where an epoch did not report it.
"""

from __future__ import annotations

import json
import sys
import zlib
from array import array
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from sweeps.columns import Columns
from sweeps.errors import in_words
from sweeps.events import KINDS, Event
from sweeps.nudges import Nudge, Pending
from sweeps.observation import Observation
from sweeps.space import as_stored, stored_config
from sweeps.store.sound import find_fault
from sweeps.trial import Change, Job, Outcome, Region, Round

_LATER = ("parent", "replaces", "recent", "refused", "pending")  # not written where there is nothing to say
_LITTLE = sys.byteorder == "little"
_HEAD = 18  # bytes before the JSON
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Damaged(ValueError):
    """Bytes that are no record, or not as they were written."""


def to_record(number: int, event: Event) -> bytes:
    """The record of an event, the `number`-th of its log."""
    form: dict[str, Any] = {"n": number, "kind": event.kind}
    for name, value in vars(event).items():
        if name in _LATER and value is None:
            continue
        if name in _PACK:
            value = _PACK[name](value)
        form[name] = value
    payload = _encode(form).encode("utf-8", "surrogatepass")
    return b"%08x %08x %b\n" % (len(payload), zlib.crc32(payload), payload)


def from_record(line: bytes) -> tuple[int, Event | None]:
    """The number and the event of a record; None for an event of a kind that is not known here.

    Raises:
        Damaged: The line is no whole record.
    """
    payload = line[_HEAD:-1]
    try:
        sound = int(line[:8], 16) == len(payload) and int(line[9:17], 16) == zlib.crc32(payload)
    except ValueError:
        sound = False
    if not sound or line[-1:] != b"\n":
        raise Damaged("its length or its checksum does not fit")
    try:
        form = json.loads(payload.decode("utf-8", "surrogatepass"))
        number, event = form["n"], _event(form)
        fault = "n is no number" if type(number) is not int or number < 0 else event and find_fault(event)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise Damaged(f"it is no event: {in_words(error)}") from error
    if fault:
        raise Damaged(f"it is no event: {fault}")
    return number, event


def _event(form: dict[str, Any]) -> Event | None:
    kind = KINDS.get(form["kind"])
    if kind is None:
        return None
    known = _FIELDS[kind]
    return kind(
        **{
            name: _UNPACK[name](value) if name in _UNPACK else value
            for name, value in form.items()
            if name in known
        }
    )


def _job(job: Job) -> list[Any]:
    form = [job.trial, job.start, job.stop, job.round, job.seed, job.repeats, stored_config(job.config)]
    if job.parent is None and job.change is None:
        return form
    more = [] if job.replaces is None else [job.replaces]
    return [*form, job.parent, job.change and _change(job.change), *more]


def _unpacked_job(form: list[Any]) -> Job:
    trial, start, stop, round_, seed, repeats, config = form[:7]
    parent, change = form[7:9] or (None, None)
    return Job(
        trial,
        config,
        stop=stop,
        start=start,
        round=round_,
        seed=seed,
        repeats=repeats,
        parent=None if parent is None else tuple(parent),
        change=None if change is None else Change(*change[:4]),
        replaces=form[9] if len(form) > 9 else None,
    )


def _change(change: Change) -> list[Any]:
    return [change.epoch, stored_config(change.before), change.author, change.reason]


def _columns(rows: Columns) -> dict[str, str | list[float | None]]:
    return {name: list(column) if None in column else _packed(column) for name, column in rows.items()}


def _packed(column: Sequence[float | None]) -> str:
    if _LITTLE:
        return b64encode(array("d", column)).decode()  # type: ignore[type-var]
    return b64encode(np.array(column, "<f8").tobytes()).decode()


def _unpacked_columns(form: dict[str, Any]) -> Columns:
    return {
        name: np.frombuffer(b64decode(column, validate=True), "<f8").tolist()
        if isinstance(column, str)
        else column
        for name, column in form.items()
    }


def _observation(seen: Observation) -> dict[str, Any]:
    pending = None if seen.pending is None else _pending(seen.pending)
    form = {**vars(seen), "config": stored_config(seen.config), "pending": pending}
    return {name: value for name, value in form.items() if name not in _LATER or value is not None}


def _unpacked_observation(form: dict[str, Any]) -> Observation:
    known = {each.name for each in fields(Observation)}
    given = {name: value for name, value in form.items() if name in known}
    earlier = tuple((int(epochs), value) for epochs, value in given.get("earlier", ()))
    parent = None if given.get("parent") is None else tuple(given["parent"])
    pending = None if given.get("pending") is None else _unpacked_pending(given["pending"])
    read = {"outcome": Outcome(given["outcome"]), "earlier": earlier, "parent": parent, "pending": pending}
    return Observation(**{**given, **read})


def _pending(pending: Pending) -> dict[str, Any]:
    forks = [_nudge(nudge) for nudge in pending.forks]
    return {**vars(pending), "config": stored_config(pending.config), "forks": forks}


def _unpacked_pending(form: dict[str, Any]) -> Pending:
    known = {each.name for each in fields(Pending)}
    given = {name: value for name, value in form.items() if name in known}
    notes = tuple((author, reason) for author, reason in given.get("notes", ()))
    return Pending(**{**given, "notes": notes, "forks": tuple(map(_unpacked_nudge, given.get("forks", ())))})


def _nudge(nudge: Nudge) -> dict[str, Any]:
    configs = {"config": stored_config(nudge.config), "before": stored_config(nudge.before)}
    return {**vars(nudge), **configs}


def _unpacked_nudge(form: dict[str, Any]) -> Nudge:
    known = {each.name for each in fields(Nudge)}
    return Nudge(**{name: value for name, value in form.items() if name in known})


def _round(begun: Round) -> dict[str, Any]:
    regions = [{name: as_stored(value) for name, value in vars(each).items()} for each in begun.regions]
    return {"index": begun.index, "regions": regions}


def _unpacked_round(form: dict[str, Any]) -> Round:
    known = {each.name for each in fields(Region)}
    regions = [{name: value for name, value in each.items() if name in known} for each in form["regions"]]
    return Round(form["index"], tuple(Region(**each) for each in regions))


_FIELDS = {kind: {each.name for each in fields(kind)} for kind in KINDS.values()}
_PACK: Mapping[str, Callable[[Any], Any]] = {
    "jobs": lambda jobs: [_job(job) for job in jobs],
    "nudge": _nudge,
    "observed": lambda observed: [_observation(seen) for seen in observed],
    "round": _round,
    "rows": _columns,
}
_UNPACK: Mapping[str, Callable[[Any], Any]] = {
    "jobs": lambda jobs: tuple(_unpacked_job(form) for form in jobs),
    "nudge": _unpacked_nudge,
    "observed": lambda observed: tuple(_unpacked_observation(form) for form in observed),
    "round": _unpacked_round,
    "rows": _unpacked_columns,
    "outcome": Outcome,
}
