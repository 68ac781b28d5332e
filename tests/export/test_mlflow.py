"""A sweep as MLflow's runs: its client finds what the tables have."""

import math

import pytest

from sweeps.results import load
from sweeps.trial import Status
from tests.export.conftest import LOSSES, OBJECTIVES, REPEAT, STATUSES, TEXT, began, config_of

pytest.importorskip("mlflow")
pytest.importorskip("sqlalchemy")

from mlflow.tracking import MlflowClient

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow's own
FAILED = (Status.FAILED, Status.INFEASIBLE)
MIXED = ["1", "1.0", "true", "null", TEXT, "[1, 2]", "Infinity", "1"]
LARGEST = 1.7976931348623157e308  # what MLflow keeps of an infinite number


@pytest.fixture(scope="module")
def client(folder, tmp_path_factory):
    path = load(folder).export("mlflow", tmp_path_factory.mktemp("mlflow") / "out")
    assert [each.name for each in path.iterdir()] == ["mlflow.db"]
    return MlflowClient(f"sqlite:///{path}/mlflow.db")


@pytest.fixture(scope="module")
def runs(client):
    experiment = client.get_experiment_by_name("sweep").experiment_id
    found = client.search_runs([experiment])
    return sorted(found, key=lambda run: int(run.data.tags["caviar.trial"]))


def test_each_trial_is_a_run(runs):
    assert len(runs) == len(LOSSES)
    for trial, (run, status) in enumerate(zip(runs, STATUSES, strict=True)):
        assert run.data.tags["caviar.status"] == status
        assert run.data.tags["caviar.seed"] == str(trial)
        assert run.data.tags.get("caviar.repeats") == ("0" if trial == REPEAT else None)
        kept = {Status.RUNNING: "RUNNING", Status.COMPLETED: "FINISHED", Status.MEASURED: "FINISHED"}
        assert run.info.status == ("FAILED" if status in FAILED else kept.get(status, "KILLED"))
    assert runs[REPEAT].info.run_name == "trial-000007-repeats-0"
    assert (runs[0].info.start_time, runs[0].info.end_time) == (began(0) * 1000, began(0) * 1000 + 8000)
    assert TEXT in runs[4].data.tags["caviar.error"]


def test_params_are_the_config_as_text(runs):
    for trial, run in enumerate(runs):
        config = config_of(trial)
        assert set(run.data.params) == set(config)
        assert float(run.data.params["rate"]) == config["rate"]
        assert run.data.params["mix"] == MIXED[trial]
        assert run.data.params["fixed"] == "7"


def test_metrics_have_their_steps(client, runs):
    for trial, run in enumerate(runs):
        found = {each.step: each.value for each in client.get_metric_history(run.info.run_id, "loss")}
        expected = {epoch: loss for epoch, loss in enumerate(LOSSES[trial], start=1) if loss is not None}
        kept = {epoch: LARGEST if loss == math.inf else loss for epoch, loss in expected.items()}
        assert str(dict(sorted(found.items()))) == str(kept)
        odd = client.get_metric_history(run.info.run_id, "odd_ _name__/x")
        assert sorted(each.step for each in odd) == [*range(1, len(LOSSES[trial]) + 1)]
        assert run.data.metrics.get("caviar.objective") == OBJECTIVES[trial]
