"""`caviar dashboard`: where to watch sweeps in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sweeps.command.cluster import TOKEN, say

if TYPE_CHECKING:
    from sweeps.face.cluster import Page


def dashboard(
    write: Annotated[
        Path | None,
        typer.Option(help="A folder for prometheus.yml and caviar-grafana.json, made if need be."),
    ] = None,
    address: Annotated[
        str | None,
        typer.Option(help="Of a cluster that was started elsewhere; by default the variable RAY_ADDRESS."),
    ] = None,
) -> None:
    """Say how to reach the Ray dashboard, and write what Prometheus and Grafana need to show sweeps."""
    for line in (*_ray(address), *_written(write)):
        say(line)


def _ray(address: str | None) -> Iterator[str]:
    from sweeps.face import cluster_status, dashboard_page

    page = dashboard_page(address)
    found = cluster_status() if page is None else None
    if page is not None:
        yield from _elsewhere(page)
    elif found is not None and found[0].dashboard:
        yield f"Ray dashboard: http://{found[0].dashboard}"
        yield TOKEN
    else:
        yield "Ray dashboard: each sweep says where its own is; for one that stays: caviar cluster start"


def _elsewhere(page: Page) -> Iterator[str]:
    if not page.place:
        yield "Ray dashboard: that cluster was started without one"
        return
    yield f"Ray dashboard: http://{page.place}"
    if page.only_there:
        way = f"ssh -L {page.place.rpartition(':')[2]}:{page.place} {page.only_there}"
        yield f"browsers on {page.only_there} alone reach it; from here, while this runs: {way}"
    if page.asks:
        yield TOKEN


def _written(folder: Path | None) -> Iterator[str]:
    from sweeps.face import write_dashboards

    if folder is None:
        yield "Prometheus and Grafana: caviar dashboard --write FOLDER"
        return
    paths = write_dashboards(folder)
    yield f"Prometheus: prometheus --config.file={paths['prometheus.yml']}"
    yield f"Grafana: add that Prometheus as a data source, then import {paths['caviar-grafana.json']}"
