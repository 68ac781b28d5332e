"""`caviar dashboard`."""

import json

import yaml


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
