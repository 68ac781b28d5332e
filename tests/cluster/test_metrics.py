"""A sweep among Ray's metrics, and the dashboard that asks for them."""

import json
import re
import time
import urllib.request

import pytest
import yaml

from cluster import RayExecutor, SweepMetrics
from cluster.grafana import PANELS, grafana_dashboard, prometheus_config
from cluster.metrics import _COUNTERS, _GAUGES, _HISTOGRAMS
from sweeps.execution import Workload
from sweeps.sweep.progress import Progress
from sweeps.trial import Status
from tests.cluster.pools import on_its_way

_SECONDS = 60.0  # Ray offers metrics every ten


def progress(**changed):
    known = {
        "trials": 40,
        "counts": {Status.COMPLETED: 7, Status.RUNNING: 2},
        "repeats": 0,
        "repeat_counts": {},
        "repeat_epochs": 3,
        "epochs": 21,
        "round": 1,
        "best": None,
        "seconds": 5.0,
        "spent": {"deciding": 0.5},
        "took": {"decision": [0.002, 0.02], "flush": [0.2]},
    }
    return Progress(**{**known, **changed})


def offered():
    """Every sample that Ray offers of caviar's: its name and its own tags."""
    import ray

    port = ray.nodes()[0]["MetricsExportPort"]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as page:
        lines = page.read().decode().splitlines()
    found = {}
    for line in lines:
        if line.startswith("ray_caviar_"):
            name, tags, value = re.fullmatch(r"(\w+)\{(.*)\} (\S+)", line).groups()
            tags = dict(re.findall(r'(\w+)="([^"]*)"', tags))
            own = tuple(tags[key] for key in ("sweep", "status", "state", "doing", "le") if key in tags)
            found[name, *own] = float(value)
    return found


def test_what_prometheus_finds(ray_cluster):
    metrics = SweepMetrics("wine", lambda: {"busy": 2}, lambda: 1)
    metrics.update(progress())
    metrics.finished(progress(epochs=30, seconds=8.0))
    deadline, found = time.monotonic() + _SECONDS, {}
    while ("ray_caviar_epochs_total", "wine") not in found and time.monotonic() < deadline:
        time.sleep(0.2)
        found = offered()
    assert found["ray_caviar_trials", "wine", "completed"] == 7
    assert found["ray_caviar_trials", "wine", "failed"] == 0
    assert found["ray_caviar_trials_asked", "wine"] == 40
    assert found["ray_caviar_workers", "wine", "busy"] == 2
    assert found["ray_caviar_epochs_total", "wine"] == 30
    assert found["ray_caviar_epochs_per_second", "wine"] == 3
    assert found["ray_caviar_workers_lost_total", "wine"] == 1
    assert found["ray_caviar_driver_seconds_total", "wine", "deciding"] == 0.5
    assert found["ray_caviar_decision_seconds_count", "wine"] == 4
    assert found["ray_caviar_decision_seconds_bucket", "wine", "0.003"] == 2
    assert found["ray_caviar_flush_seconds_count", "wine"] == 2


def test_without_ray_it_says_nothing(monkeypatch):
    monkeypatch.setattr("ray.is_initialized", lambda: False)
    metrics = SweepMetrics("wine", dict, lambda: 0)
    metrics.update(progress())
    metrics.finished(progress())
    assert not metrics._gauges
    assert list(metrics._took["decision"]) == [0.002, 0.02] * 2  # for when it is there


def test_what_workers_do(tmp_path):
    workload = Workload(lambda config, run: 1.0, "val_loss")
    executor = RayExecutor(workload, on_its_way(workload), 2)
    assert executor.states() == {"starting": 2}
    while executor.free < 2:
        executor.poll(0.1)
    assert executor.states() == {"idle": 2}
    executor.close()


def test_the_dashboard_asks_for_what_is_there():
    there = {f"ray_caviar_{name}" for name in _GAUGES} | {f"ray_caviar_{name}_total" for name in _COUNTERS}
    there |= {f"ray_caviar_{name}_bucket" for name in _HISTOGRAMS}
    asked = {name for panel in PANELS for name in re.findall(r"ray_caviar_\w+", panel.query)}
    assert asked <= there
    form = json.loads(grafana_dashboard())
    assert [panel["title"] for panel in form["panels"]] == [panel.title for panel in PANELS]
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in form["panels"]]
    assert len(set(places)) == len(places)


@pytest.mark.parametrize("path", ["/srv/ray/found.json", '/odd "folder": #1/found.json'])
def test_prometheus_is_told_where_ray_says_what_it_offers(path):
    (job,) = yaml.safe_load(prometheus_config(path))["scrape_configs"]
    assert job["file_sd_configs"] == [{"files": [path]}]
