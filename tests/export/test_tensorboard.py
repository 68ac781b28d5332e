"""A sweep for TensorBoard: its own readers find what the tables have."""

import numpy as np
import pytest

from sweeps.trial import Status
from tests.export.conftest import LOSSES, OBJECTIVES, ODD, REPEAT, STATUSES, TEXT, began, config_of

pytest.importorskip("tensorboard")

from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.context import RequestContext
from tensorboard.plugins import base_plugin
from tensorboard.plugins.hparams import api_pb2, backend_context, get_experiment, list_session_groups

MIXED = ["1", "1.0", "true", "null", TEXT, "[1, 2]", "Infinity", "1"]


@pytest.fixture
def runs(result, tmp_path):
    multiplexer = plugin_event_multiplexer.EventMultiplexer()
    path = result.export("tensorboard", tmp_path / "out")
    multiplexer.AddRunsFromDirectory(str(path))
    multiplexer.Reload()
    return multiplexer


def name(trial):
    return f"trial-{trial:06d}" + ("-repeats-0" if trial == REPEAT else "")


def scalars(runs, trial, tag):
    if tag not in [*runs.PluginRunToTagToContent("scalars").get(name(trial), ())]:
        return {}
    events = runs.Tensors(name(trial), tag)
    return {event.step: float(event.tensor_proto.float_val[0]) for event in events}


def test_scalars_are_the_metrics_by_epoch(runs):
    assert sorted(runs.Runs()) == sorted([".", *map(name, LOSSES)])
    for trial, losses in LOSSES.items():
        expected = {epoch: np.float32(loss) for epoch, loss in enumerate(losses, start=1) if loss is not None}
        assert str({k: np.float32(v) for k, v in scalars(runs, trial, "loss").items()}) == str(expected)
        assert list(scalars(runs, trial, ODD)) == [*range(1, len(losses) + 1)]
        objective = OBJECTIVES[trial]
        found = list(scalars(runs, trial, "caviar/objective").values())
        assert found == ([] if objective is None else [float(np.float32(objective))])


def test_epochs_lie_between_beginning_and_end(runs):
    times = [event.wall_time for event in runs.Tensors(name(0), ODD)]
    np.testing.assert_allclose(times, began(0) + np.array([8 / 3, 16 / 3, 8]), atol=1e-3)


@pytest.fixture
def hparams(runs):
    provider = data_provider.MultiplexerDataProvider(runs, "somewhere")
    return backend_context.Context(base_plugin.TBContext(data_provider=provider))


def test_the_hparams_tab_has_the_space(hparams):
    request = api_pb2.GetExperimentRequest(hparams_limit=0)
    found = get_experiment.Handler(RequestContext(), hparams, "experiment", request).run()
    infos = {info.name: info for info in found.hparam_infos}
    assert set(infos) == {"rate", "share", "beta", "units", "kind", "depth", "mix", "opt", "flag", "width"}
    assert (infos["rate"].domain_interval.min_value, infos["rate"].domain_interval.max_value) == (1e-4, 1)
    assert [each.string_value for each in infos["opt"].domain_discrete.values] == ["1", "adam", "null"]
    assert [each.number_value for each in infos["width"].domain_discrete.values] == [16, 32]
    assert {info.name.tag for info in found.metric_infos} >= {"caviar/objective", "loss"}


def test_the_hparams_tab_has_each_trial(hparams):
    statuses = [api_pb2.STATUS_SUCCESS, api_pb2.STATUS_FAILURE, api_pb2.STATUS_RUNNING]
    columns = [api_pb2.ColParams(metric=api_pb2.MetricName(tag="caviar/objective"))]
    request = api_pb2.ListSessionGroupsRequest(
        allowed_statuses=statuses, col_params=columns, start_index=0, slice_size=99
    )
    handler = list_session_groups.Handler(RequestContext(), hparams, "experiment", request)
    groups = {group.name: group for group in handler.run().session_groups}
    assert sorted(groups) == sorted(map(name, LOSSES))
    for trial, status in enumerate(STATUSES):
        group, config = groups[name(trial)], config_of(trial)
        assert group.hparams["rate"].number_value == config["rate"]
        assert group.hparams["mix"].string_value == MIXED[trial]
        assert group.hparams["flag"].bool_value == config["flag"]
        assert ("depth" in group.hparams) == ("depth" in config)
        failed, running = status in (Status.FAILED, Status.INFEASIBLE), status == Status.RUNNING
        assert group.sessions[0].status == statuses[1 if failed else 2 if running else 0]
        values = [metric.value for metric in group.metric_values if metric.name.tag == "caviar/objective"]
        objective = OBJECTIVES[trial]
        assert values == ([] if objective is None else [pytest.approx(objective, rel=1e-6, abs=1e-40)])
