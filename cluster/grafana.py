"""A Grafana dashboard of sweeps, and what Prometheus needs to read Ray's metrics, as files."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ray._private import ray_constants

_SWEEP = '{sweep=~"$sweep"}'
_WIDTH, _HEIGHT = 12, 8  # of a panel, in units of a grid of 24


class Panel(NamedTuple):
    """A picture: its title, the query in PromQL, what names its lines, and the unit in Grafana's words."""

    title: str
    query: str
    legend: str = "{{sweep}}"
    unit: str = "short"
    kind: str = "timeseries"


def _quantile(title: str, work: str) -> Panel:
    rate = f"rate(ray_caviar_{work}_seconds_bucket{_SWEEP}[1m])"
    return Panel(title, f"histogram_quantile(0.95, sum by (sweep, le) ({rate}))", unit="s")


PANELS = (
    Panel("Best objective", f"ray_caviar_best_objective{_SWEEP}", "{{sweep}} {{objective}}"),
    Panel(
        "Trials by status", f"sum by (sweep, status) (ray_caviar_trials{_SWEEP}) > 0", "{{sweep}} {{status}}"
    ),
    Panel("Epochs per second", f"sum by (sweep) (ray_caviar_epochs_per_second{_SWEEP})"),
    Panel("Epochs", f"sum by (sweep) (ray_caviar_epochs_total{_SWEEP})"),
    Panel("Workers", f"sum by (sweep, state) (ray_caviar_workers{_SWEEP})", "{{sweep}} {{state}}"),
    Panel(  # Ray offers no counter that is at 0
        "Workers lost",
        f"sum by (sweep) (ray_caviar_workers_lost_total{_SWEEP})"
        f" or 0 * max by (sweep) (ray_caviar_trials_asked{_SWEEP})",
    ),
    Panel(
        "Where the sweep's own process spends its time",
        f"sum by (sweep, doing) (rate(ray_caviar_driver_seconds_total{_SWEEP}[1m]))",
        "{{sweep}} {{doing}}",
        "percentunit",
    ),
    _quantile("How long a decision takes, 95 of 100 at most", "decision"),
    _quantile("How long log and tables take to the disk, 95 of 100 at most", "flush"),
    Panel(
        "Configs tried, of those asked for",
        f'sum by (sweep) (ray_caviar_trials{{sweep=~"$sweep", status!="measured"}})'
        f" / on (sweep) max by (sweep) (ray_caviar_trials_asked{_SWEEP})",
        unit="percentunit",
        kind="bargauge",
    ),
)


def grafana_dashboard() -> str:
    """The dashboard as JSON that Grafana imports; it asks which Prometheus to read."""
    sweep = {
        "name": "sweep",
        "type": "query",
        "datasource": _SOURCE,
        "query": {"query": "label_values(ray_caviar_trials, sweep)", "refId": "sweeps"},
        "definition": "label_values(ray_caviar_trials, sweep)",
        "includeAll": True,
        "multi": True,
        "allValue": ".*",
        "current": {"text": "All", "value": "$__all"},
        "refresh": 2,
    }
    source = {"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}
    form = {
        "uid": "caviar",
        "title": "Caviar sweeps",
        "tags": ["caviar", "ray"],
        "schemaVersion": 39,
        "refresh": "5s",
        "time": {"from": "now-30m", "to": "now"},
        "templating": {"list": [source, sweep]},
        "panels": list(_panels()),
    }
    return json.dumps(form, indent=2) + "\n"


_SOURCE = {"type": "prometheus", "uid": "${source}"}


def _panels() -> Iterator[dict[str, Any]]:
    for number, panel in enumerate(PANELS):
        target = {"refId": "A", "datasource": _SOURCE, "expr": panel.query, "legendFormat": panel.legend}
        yield {
            "id": number + 1,
            "type": panel.kind,
            "title": panel.title,
            "datasource": _SOURCE,
            "gridPos": {
                "x": number % 2 * _WIDTH,
                "y": number // 2 * _HEIGHT,
                "w": _WIDTH,
                "h": _HEIGHT,
            },
            "fieldConfig": {"defaults": {"unit": panel.unit}, "overrides": []},
            "targets": [target],
        }


def discovery_file() -> str:
    """Where Ray writes which ports offer its metrics, and keeps that up to date."""
    folder = Path(os.environ.get("RAY_TMPDIR") or tempfile.gettempdir())
    return str(folder / "ray" / ray_constants.PROMETHEUS_SERVICE_DISCOVERY_FILE)


def prometheus_config(discovery: str) -> str:
    """A configuration, in YAML, with which Prometheus reads every Ray that runs on this machine.

    discovery: as `discovery_file` has it.
    """
    files = json.dumps([discovery])  # YAML reads JSON, and quotes are then nobody's worry
    return (
        "global:\n  scrape_interval: 5s\n  evaluation_interval: 5s\n"
        f"scrape_configs:\n  - job_name: ray\n    file_sd_configs:\n      - files: {files}\n"
    )
