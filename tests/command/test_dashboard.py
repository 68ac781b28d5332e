"""`caviar dashboard`."""

import json

import pytest
import yaml

from cluster.connect import page
from cluster.connect.page import Page
from cluster.session import choose
from sweeps.command.cluster import TOKEN
from sweeps.command.dashboard import _elsewhere
from sweeps.errors import BadInput
from sweeps.face import dashboard_page


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


@pytest.fixture
def asked(monkeypatch):
    """The addresses of clusters that are knocked at; nothing answers."""
    seen = []

    def knock(where, address):
        seen.append((where, address))
        raise BadInput(where, address, "cannot be reached", "look")

    monkeypatch.setattr(page, "prepare_to_join", knock)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    return seen


def test_auto_is_the_cluster_on_this_machine(command, asked, monkeypatch):
    monkeypatch.setattr("ray._private.services.find_gcs_addresses", lambda: {"127.0.0.1:7000"})
    monkeypatch.setattr("ray._private.services.find_bootstrap_address", lambda folder: None)
    assert command("dashboard", "--address", "auto")[0] == 2
    assert asked == [("address", "127.0.0.1:7000")]
    monkeypatch.setattr("ray._private.services.find_gcs_addresses", set)
    code, _, error = command("dashboard", "--address", "auto")
    assert code == 2
    assert "none runs on this machine" in error
    assert "caviar cluster start" in error


def test_local_is_no_cluster(command, asked):
    code, _, error = command("dashboard", "--address", "local")
    assert code == 2
    assert "has each sweep start a Ray of its own" in error
    assert "or local" not in error
    assert asked == []


@pytest.mark.parametrize(
    "named", ["", "local", "http://10.0.0.1:8265", "auto", "ray://10.0.0.1:10001", "10.0.0.1:6379"]
)
def test_sweeps_and_the_dashboard_take_the_variable_alike(asked, monkeypatch, named):
    monkeypatch.setattr("cluster.session.session.joinable", lambda cpus: (None, ""))
    monkeypatch.setattr(page, "_on_this_machine", lambda where: "auto")
    monkeypatch.setenv("RAY_ADDRESS", named)
    choice = choose(None, 1)
    if choice.address is None:
        assert dashboard_page(None) is None
    else:
        with pytest.raises(BadInput):
            dashboard_page(None)
    assert asked == ([] if choice.address is None else [(choice.place, choice.address)])
