"""A sweep that TensorBoard followed: its own readers find what the tables have."""

import numpy as np
import pytest

from sweeps.export.histories import histories
from sweeps.tracking import tensorboard
from tests.tracking.sweeps_tracked import tracked

pytest.importorskip("tensorboard")

from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.context import RequestContext
from tensorboard.plugins import base_plugin
from tensorboard.plugins.hparams import api_pb2, backend_context, get_experiment, list_session_groups


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("boards")
    result = tracked(folder / "run", lambda: tensorboard(folder / "boards"))
    runs = plugin_event_multiplexer.EventMultiplexer()
    runs.AddRunsFromDirectory(str(folder / "boards" / "run"))
    runs.Reload()
    return result, runs


def test_scalars_of_both_processes_are_the_metrics_by_epoch(both):
    result, runs = both
    known = list(histories(result))
    assert sorted(runs.Runs()) == sorted([".", *(each.name for each in known)])
    for each in known:
        tags = runs.PluginRunToTagToContent("scalars").get(each.name, {})
        for name, values in each.metrics.items():
            assert name in tags
            found = [
                (event.step, float(event.tensor_proto.float_val[0]))
                for event in runs.Tensors(each.name, name)
            ]
            expected = [(step, float(np.float32(v))) for step, v in zip(each.steps, values, strict=True)]
            assert str(found) == str(expected)
        if each.objective is not None:
            last = runs.Tensors(each.name, "caviar/objective")[-1]
            assert float(last.tensor_proto.float_val[0]) == np.float32(each.objective)


def test_a_sweep_followed_from_its_resumption_on_ends_soundly(tmp_path, capsys):
    result = tracked(tmp_path / "run", tensorboard, late=True)
    found = [path.name for path in (tmp_path / "run/tracking/tensorboard").iterdir() if path.is_dir()]
    assert 0 < len(found) < len(list(histories(result)))
    assert "raised" not in capsys.readouterr().err


def test_two_sweeps_whose_folders_have_one_name_have_a_board_each(tmp_path):
    boards = tmp_path / "boards"
    known = [list(histories(tracked(tmp_path / at / "run", lambda: tensorboard(boards)))) for at in "ab"]
    assert {path.name for path in boards.iterdir()} == {"run", "run-2"}
    for board, trials in zip(("run", "run-2"), known, strict=True):
        found = [path for path in (boards / board).iterdir() if path.is_dir()]
        assert {path.name for path in found} == {each.name for each in trials}


def test_the_hparams_tab_has_the_space_and_each_trial(both):
    result, runs = both
    provider = data_provider.MultiplexerDataProvider(runs, "somewhere")
    hparams = backend_context.Context(base_plugin.TBContext(data_provider=provider))
    request = api_pb2.GetExperimentRequest(hparams_limit=0)
    found = get_experiment.Handler(RequestContext(), hparams, "experiment", request).run()
    assert {info.name for info in found.hparam_infos} == {"rate", "units", "kind", "beta"}
    ends = [api_pb2.STATUS_SUCCESS, api_pb2.STATUS_FAILURE]
    columns = [api_pb2.ColParams(metric=api_pb2.MetricName(tag="caviar/objective"))]
    request = api_pb2.ListSessionGroupsRequest(
        allowed_statuses=ends, col_params=columns, start_index=0, slice_size=99
    )
    groups = (
        list_session_groups.Handler(RequestContext(), hparams, "experiment", request).run().session_groups
    )
    by_name = {group.name: group for group in groups}
    for each in histories(result):
        group = by_name[each.name]  # all have ended
        assert group.hparams["rate"].number_value == each.config["rate"]
        assert ("beta" in group.hparams) == ("beta" in each.config)
        assert group.sessions[0].status == ends[each.status in ("failed", "infeasible")]
