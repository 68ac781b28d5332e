"""`caviar dashboard`."""

import json

import yaml

from cluster.connect.page import Page
from sweeps.command.cluster import TOKEN
from sweeps.command.dashboard import _elsewhere


def test_it_writes_what_prometheus_and_grafana_need(command, tmp_path):
    code, out, _ = command("dashboard", "--write", tmp_path / "new" / "folder")
    assert code == 0
    assert "caviar cluster start" in out
    assert yaml.safe_load((tmp_path / "new" / "folder" / "prometheus.yml").read_text())
    assert json.loads((tmp_path / "new" / "folder" / "caviar-grafana.json").read_text())["panels"]


def test_a_file_is_no_folder(command, tmp_path):
    (tmp_path / "file").write_text("mine")
    code, _, error = command("dashboard", "--write", tmp_path / "file")
    assert code == 2
    assert "is not a folder" in error
    assert (tmp_path / "file").read_text() == "mine"


def test_the_way_to_a_dashboard_that_listens_on_another_machine_alone():
    place, way, token = _elsewhere(Page("127.0.0.1:8265", asks=True, only_there="10.0.0.1"))
    assert place == "Ray dashboard: http://127.0.0.1:8265"
    assert way.endswith("ssh -L 8265:127.0.0.1:8265 10.0.0.1")
    assert token == TOKEN
    assert list(_elsewhere(Page("", asks=True, only_there=""))) == [
        "Ray dashboard: that cluster was started without one"
    ]
