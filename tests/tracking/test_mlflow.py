"""A sweep that MLflow followed: its client finds what the tables have."""

import os

import pytest

from sweeps.export.histories import histories
from sweeps.tracking import mlflow
from tests.tracking.sweeps_tracked import tracked

pytest.importorskip("mlflow")
pytest.importorskip("sqlalchemy")

from mlflow.tracking import MlflowClient

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow's own
ENDS = {"completed": "FINISHED", "stopped": "KILLED", "failed": "FAILED", "infeasible": "FAILED"}


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mlflow") / "run"
    result = tracked(folder, mlflow)
    return list(histories(result)), MlflowClient(f"sqlite:///{folder}/tracking/mlflow.db")


def test_each_trial_is_one_run_of_both_processes(both):
    known, client = both
    experiment = client.get_experiment_by_name("tracked").experiment_id
    runs = {int(run.data.tags["caviar.trial"]): run for run in client.search_runs([experiment])}
    assert len(client.search_runs([experiment])) == len(runs) == len(known)
    assert len({run.data.tags["caviar.sweep"] for run in runs.values()}) == 1
    for each in known:
        run = runs[each.trial]
        assert run.info.run_name == each.name
        assert run.info.status == ENDS[each.status]
        assert run.data.tags["caviar.status"] == each.status
        assert run.data.tags.get("caviar.repeats") == (None if each.repeats is None else str(each.repeats))
        assert set(run.data.params) == set(each.config)
        assert float(run.data.params["rate"]) == each.config["rate"]
        if each.objective is not None:
            assert run.data.metrics["caviar.objective"] == each.objective
        for name, values in each.metrics.items():
            history = client.get_metric_history(run.info.run_id, name)
            found = sorted((metric.step, metric.value) for metric in history)
            assert str(found) == str(list(zip(each.steps, values, strict=True)))


def test_a_server_that_is_down_is_asked_shortly_and_once(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")  # the user's own stays
    asked = []

    def send(session, request, **settings):
        asked.append((settings["timeout"], session.get_adapter(request.url).max_retries.total))
        raise ConnectionError("nobody is there")

    monkeypatch.setattr("requests.Session.send", send)
    result = tracked(tmp_path / "run", lambda: mlflow("http://127.0.0.1:9"))
    assert list(histories(result))
    assert asked == 2 * [(5, 0)]  # in each process
    assert capsys.readouterr().err.count("caviar: MLflow is left alone") == 2
    assert "MLFLOW_HTTP_REQUEST_TIMEOUT" not in os.environ


def test_another_sweep_in_the_same_store_has_its_own_runs(tmp_path):
    uri = f"sqlite:///{tmp_path}/store.db"
    for name in ("one", "two"):
        result = tracked(tmp_path / name, lambda: mlflow(uri, "both"))
    client = MlflowClient(uri)
    runs = client.search_runs([client.get_experiment_by_name("both").experiment_id])
    assert len(runs) == 2 * len(result.trials)
    assert len({run.data.tags["caviar.sweep"] for run in runs}) == 2
