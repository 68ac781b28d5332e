"""A sweep in MLflow while it runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from mlflow.entities import RunTag
from mlflow.tracking import MlflowClient

from sweeps.errors import BadInput
from sweeps.export import mlflow_runs as runs
from sweeps.export.histories import History
from sweeps.logs import errors_alone
from sweeps.tracking.tracker import FOLDER, Tracker

_SWEEP, _TRIAL = "caviar.sweep", "caviar.trial"  # tags
_PAGE = 1000
_PATIENCE = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "5", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1"}  # seconds, times


@contextmanager
def _soon_over() -> Iterator[None]:
    """A request to a server that is down holds the sweep's loop up; MLflow itself tries for minutes.

    What the user has set stays. Set no longer than a call lasts: trainables may call MLflow, too.
    """
    ours = {name: value for name, value in _PATIENCE.items() if name not in os.environ}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name in ours:
            os.environ.pop(name, None)


class MLflow(Tracker):
    """See `sweeps.tracking.mlflow`."""

    def __init__(self, uri: str | None = None, experiment: str | None = None) -> None:
        self._uri, self._name = uri, experiment

    @_soon_over()
    def begin(self) -> None:
        with errors_alone("mlflow.store.db"), errors_alone("alembic"):
            self._client = MlflowClient(self._uri or self._own())
            name = self._name or self.spec.name
            found = self._client.get_experiment_by_name(name)
            self._experiment: str = (
                self._client.create_experiment(name, artifact_location=None if self._uri else runs.ARTIFACTS)
                if found is None
                else found.experiment_id
            )
        self._names: dict[str, str] = {}  # of metrics, by our own
        self._runs = self._earlier()  # by trial

    def has(self, history: History) -> bool:
        return history.trial in self._runs

    @_soon_over()
    def start(self, history: History) -> None:
        run = self._runs.get(history.trial)
        if run is not None:
            self._client.update_run(run, status="RUNNING")
            return
        tags = {_SWEEP: self.sweep}
        self._runs[history.trial] = runs.begin(self._client, self._experiment, history, tags)

    @_soon_over()
    def report(self, history: History) -> None:
        known = replace(history, objective=None)  # that is of jobs that have ended
        runs.report(self._client, self._runs[history.trial], known, self._names)

    @_soon_over()
    def stand(self, history: History) -> None:
        run = self._runs[history.trial]
        runs.report(self._client, run, history, self._names)
        tags = [RunTag(name, value) for name, value in runs.tags_of(history).items()]
        self._client.log_batch(run, tags=tags)
        self._client.set_terminated(run, runs.ENDS[history.status], round(history.over * 1000))

    def _own(self) -> str:
        folder = self.directory / FOLDER
        if "?" in str(folder):
            fix = "give mlflow a tracking_uri, or the sweep another folder"
            raise BadInput("out", str(folder), "has a ?, which SQLite's addresses cannot say", fix)
        folder.mkdir(exist_ok=True)
        return f"sqlite:///{folder / runs.DATABASE}"

    def _earlier(self) -> dict[int, str]:
        """The runs of this sweep that are there, by trial."""
        found, token = {}, None
        while True:
            page = self._client.search_runs(
                [self._experiment], f"tags.`{_SWEEP}` = '{self.sweep}'", max_results=_PAGE, page_token=token
            )
            found.update({int(run.data.tags[_TRIAL]): str(run.info.run_id) for run in page})
            token = page.token
            if not token:
                return found
