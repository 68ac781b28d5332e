"""A sweep for TensorBoard: a folder with a run for each trial, its scalars by epoch, and the HParams tab."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2
from tensorboard.plugins.hparams import summary_v2 as hp
from tensorboard.summary.writer.record_writer import RecordWriter

from sweeps.export.histories import History, histories
from sweeps.export.ranges import Options, Range, ranges
from sweeps.trial import Status

if TYPE_CHECKING:
    from sweeps.results import SweepResult

OBJECTIVE = "caviar/objective"  # a metric of the user's may be called objective
FILE = "events.out.tfevents.{:.0f}.caviar"
_ENDS = {
    Status.RUNNING: api_pb2.STATUS_RUNNING,
    Status.FAILED: api_pb2.STATUS_FAILURE,
    Status.INFEASIBLE: api_pb2.STATUS_FAILURE,
}


def write(result: SweepResult, path: Path) -> None:
    """Scalars are what TensorBoard has, decimals of 32 bits; hyperparameters without a value are left out."""
    path.mkdir()
    spans = ranges(result, mixed=False)
    first = None
    for history in histories(result):
        first = history.began if first is None else first
        folder = path / history.name
        folder.mkdir()
        append(folder / FILE.format(history.began), history.began, _events(history, spans))
    first = first or 0.0
    append(path / FILE.format(first), first, [experiment(spans, result.spec["metric"], first)])


def experiment(spans: dict[str, Range], metric: str, began: float) -> Event:
    """What the HParams tab shows: the ranges, and the metrics to compare by."""
    infos = [hp.HParam(name, _domain(span)) for name, span in spans.items()]
    metrics = [hp.Metric(OBJECTIVE, display_name="objective"), hp.Metric(metric)]
    return Event(wall_time=began, summary=hp.hparams_config_pb(infos, metrics, began))


def append(path: Path, began: float, events: Iterable[Event]) -> None:
    """Write to the end of a file of events, which is made where it is not there."""
    with path.open("ab") as file:
        records = RecordWriter(file)
        if not file.tell():
            records.write(Event(wall_time=began, file_version="brain.Event:2").SerializeToString())
        for event in events:
            records.write(event.SerializeToString())


def _events(history: History, spans: dict[str, Range]) -> Iterable[Event]:
    yield begun(history, spans)
    yield from scalars(history)
    yield from objective(history, history.best_epoch or 0)
    yield ended(history)


def begun(history: History, spans: dict[str, Range]) -> Event:
    """The trial's hyperparameters, as far as they have a range."""
    known = {n: spans[n].shown(value) for n, value in history.config.items() if n in spans}
    return Event(wall_time=history.began, summary=hp.hparams_pb(known, history.name, history.began))


def scalars(history: History) -> Iterable[Event]:
    """Its metrics, by epoch."""
    for step, moment, metrics in history.reported():
        values = [Summary.Value(tag=name, simple_value=value) for name, value in metrics.items()]
        yield Event(wall_time=moment, step=step, summary=Summary(value=values))


def objective(history: History, step: int) -> Iterable[Event]:
    """Its objective, where it has one."""
    if history.objective is not None:
        value = Summary.Value(tag=OBJECTIVE, simple_value=history.objective)
        yield Event(wall_time=history.over, step=step, summary=Summary(value=[value]))


def ended(history: History) -> Event:
    """How it ended, which TensorBoard takes once."""
    return Event(wall_time=history.over, summary=_end(history.status, history.over))


def _end(status: Status, moment: float) -> Summary:
    """TensorBoard's own function for this wants TensorFlow."""
    kind = _ENDS.get(status, api_pb2.STATUS_SUCCESS)
    info = plugin_data_pb2.SessionEndInfo(status=kind, end_time_secs=moment)
    about = metadata.create_summary_metadata(plugin_data_pb2.HParamsPluginData(session_end_info=info))
    summary = Summary()
    summary.value.add(tag=metadata.SESSION_END_INFO_TAG, metadata=about, tensor=metadata.NULL_TENSOR)
    return summary


def _domain(span: Range) -> hp.Domain:
    if isinstance(span, Options):
        decimal = any(type(name) is float for name in span.names)
        return hp.Discrete([float(name) for name in span.names] if decimal else list(span.names))  # type: ignore[arg-type]
    if span.integer:
        return hp.IntInterval(int(span.low), int(span.high))
    return hp.RealInterval(float(span.low), float(span.high))
