"""`caviar dashboard`: where to watch sweeps in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from sweeps.command.cluster import TOKEN, say


def dashboard(
    write: Annotated[
        Path | None,
        typer.Option(help="A folder for prometheus.yml and caviar-grafana.json, made if need be."),
    ] = None,
) -> None:
    """Say how to reach the Ray dashboard, and write what Prometheus and Grafana need to show sweeps."""
    for line in (*_ray(), *_written(write)):
        say(line)


def _ray() -> Iterator[str]:
    from sweeps.face import cluster_status

    found = cluster_status()
    if found is not None and found[0].dashboard:
        yield f"Ray dashboard: http://{found[0].dashboard}"
        yield TOKEN
    else:
        yield "Ray dashboard: each sweep says where its own is; for one that stays: caviar cluster start"


def _written(folder: Path | None) -> Iterator[str]:
    from sweeps.face import write_dashboards

    if folder is None:
        yield "Prometheus and Grafana: caviar dashboard --write FOLDER"
        return
    paths = write_dashboards(folder)
    yield f"Prometheus: prometheus --config.file={paths['prometheus.yml']}"
    yield f"Grafana: add that Prometheus as a data source, then import {paths['caviar-grafana.json']}"
