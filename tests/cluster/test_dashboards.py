"""A sweep on a Ray that is kept, in a real Prometheus and, in a real browser, in Ray's dashboard."""

import asyncio
import json
import math
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.browser import find_browser, steered
from tests.cluster.test_join import caviar
from tests.cluster.test_kept import begun, status

SPEC = """\
name: watched
trainable: mine:train
trials: 5000
epochs: 27
workers: 2
finalists: false
space: {x: {uniform: [0, 1]}}
"""
MINE = """\
import time


def train(config, run):
    for epoch in range(run.start, run.epochs):
        time.sleep(0.05)
        yield {"val_loss": config["x"] / (epoch + 1)}
"""
_SECONDS = 60.0
_LOG_PORT = 52365  # Ray's "dashboard_agent_listen_port"
_TRAINS = r"trial \d+: epoch \d+ of \d+"


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """The folder of a sweep that runs until the tests are over, on a Ray of its own.

    What reads logs for a Ray's dashboard has a port of its own, the same for each Ray: on a machine with
    another Ray, such as that of other tests, the dashboard says "Failed to load". The file "alone" says that
    there was none.
    """
    folder = tmp_path_factory.mktemp("watched")
    if not is_taken(_LOG_PORT):
        (folder / "alone").touch()
    (folder / "spec.yaml").write_text(SPEC)
    (folder / "mine.py").write_text(MINE)
    with (
        tempfile.TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True) as rays,  # a short path
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("RAY_TMPDIR", rays)
        patch.setenv("XDG_STATE_HOME", str(folder))
        started = caviar(folder, "cluster", "start", "--workers", "2")
        assert started.returncode == 0, started.stderr
        sweep, _ = begun(folder, folder, "run")
        try:
            yield folder
        finally:
            sweep.send_signal(signal.SIGINT)
            sweep.wait()
            caviar(folder, "cluster", "stop", "--force")


def is_taken(port):
    try:
        socket.create_server(("", port)).close()
    except OSError:
        return True
    return False


def token():
    """As `caviar dashboard` says to get it."""
    command = [sys.executable, "-m", "ray.scripts.scripts", "get-auth-token"]
    environment = {name: value for name, value in os.environ.items() if name != "RAY_AUTH_MODE"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


_CLICK = "[...document.querySelectorAll({!r})].at(-1).click()"

# A log that cannot be had yet has no button to try again by.
_REFRESH = """document.body.innerText.includes("Failed to load") ? location.reload()
  : [...document.querySelectorAll("button")].find((each) => each.innerText == "REFRESH")?.click()"""


@contextmanager
def without_logs():
    """Passes over a page that "Failed to load" a log to the end: another Ray was first to have the port."""
    try:
        yield
    except AssertionError as error:
        if "Failed to load" not in str(error):
            raise


async def seen(place, profile, has_agent):
    """What Ray's dashboard shows of its actors and jobs; one of the actors says in its log what it trains.

    has_agent: whether the dashboard can read logs; see `watched`.
    """
    async with steered(profile) as tab:
        await tab.open(f"{place}/#/actors")
        await tab.text_with("Authentication Token Required")
        await tab.evaluate("document.querySelector('[role=dialog] input').focus()")
        await tab.send("Input.insertText", text=token())
        await tab.evaluate(_CLICK.format("[role=dialog] button"))
        actors = await tab.text_with(r"caviar-worker-0[\s\S]*caviar-worker-0")
        await tab.evaluate(_CLICK.format("a[href*='actors/']"))
        if has_agent:
            with without_logs():
                await tab.text_with(_TRAINS, _REFRESH)
        await tab.open(f"{place}/#/jobs")
        return actors, await tab.text_with(r"\bwatched\b")


def test_the_ray_dashboard_shows_the_workers_and_what_they_train(watched, tmp_path):
    find_browser()
    place, asks, *_ = caviar(watched, "dashboard").stdout.splitlines()
    place = place.removeprefix("Ray dashboard: ")
    assert "`ray get-auth-token`" in asks
    actors, jobs = asyncio.run(seen(place, tmp_path, (watched / "alone").exists()))
    logs = Path(os.environ["RAY_TMPDIR"], "ray", "session_latest", "logs").glob("worker-*.err")
    assert any(re.search(_TRAINS, log.read_text()) for log in logs)
    assert "caviar-worker-00" in actors
    assert "caviar-worker-01" in actors
    assert "-m sweeps run spec.yaml" in jobs


def needs(program):
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not in PATH")
    return found


@contextmanager
def prometheus(folder):
    """Prometheus as `caviar dashboard` says to start it; yields what answers a query."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = f"127.0.0.1:{server.getsockname()[1]}"
    switches = [f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"]
    command = [needs("prometheus"), *switches, f"--web.listen-address={place}"]
    with (folder / "said.txt").open("w") as said, subprocess.Popen(command, stderr=said) as server:

        def ask(query):
            try:
                url = f"http://{place}/api/v1/query?{urlencode({'query': query})}"
                with urllib.request.urlopen(url, timeout=5) as page:
                    return json.load(page)["data"]["result"]
            except OSError as error:
                if getattr(error, "code", 503) != 503:
                    raise
                # It is on its way up.
                assert server.poll() is None, (folder / "said.txt").read_text()
                return []

        try:
            yield ask
        finally:
            server.terminate()


def figures(answers):
    """Those of the sweep that are numbers."""
    found = [float(each["value"][1]) for each in answers if each["metric"]["sweep"] == "watched"]
    return [value for value in found if math.isfinite(value)]


def test_each_panel_of_the_grafana_dashboard_has_figures_in_prometheus(watched, tmp_path):
    needs("prometheus")
    written = caviar(watched, "dashboard", "--write", str(tmp_path))
    assert written.returncode == 0, written.stderr
    check = [needs("promtool"), "check", "config", str(tmp_path / "prometheus.yml")]
    assert subprocess.run(check, capture_output=True, check=False).returncode == 0
    form = json.loads((tmp_path / "caviar-grafana.json").read_text())
    left = {panel["title"]: panel["targets"][0]["expr"].replace("$sweep", ".+") for panel in form["panels"]}
    deadline = time.monotonic() + _SECONDS
    with prometheus(tmp_path) as ask:
        while left:
            assert time.monotonic() < deadline, left
            left = {title: query for title, query in left.items() if not figures(ask(query))}
            time.sleep(0.2)
        (best,) = ask("ray_caviar_best_objective")
        (asked,) = figures(ask("ray_caviar_trials_asked"))
    assert (best["metric"]["sweep"], best["metric"]["objective"]) == ("watched", "val_loss")
    assert asked == 5000


def test_the_dashboard_of_a_cluster_at_an_address(watched, tmp_path):
    _, kept = status(watched)
    done = caviar(watched, "dashboard", XDG_STATE_HOME=str(tmp_path), RAY_ADDRESS=kept["address"])
    assert done.returncode == 0, done.stderr
    place, asks, _ = done.stdout.splitlines()
    assert place == f"Ray dashboard: {kept['dashboard']}"
    assert "`ray get-auth-token`" in asks
