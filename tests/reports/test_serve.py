"""The report of a sweep that runs, served on loopback."""

import http.client
import threading
from contextlib import contextmanager

import pytest

from sweeps.errors import BadInput
from sweeps.reports.serve import Pages, Server
from sweeps.store import LOG, Lease
from tests import reports

X = {"x": {"uniform": [0, 1]}}


@contextmanager
def serving(*folders):
    with Server(folders) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def ask(server, path="/", method="GET", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=60)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), dict(answer.getheaders())
    finally:
        connection.close()


@pytest.fixture
def folder(tmp_path):
    return reports.sweep(tmp_path / "run", reports.one_epoch, X, epochs=1, metric="val_loss", trials=4)


def test_it_listens_on_loopback_alone_and_serves_the_page(folder):
    with serving(folder) as server:
        assert server.server_address[0] == "127.0.0.1"
        status, text, headers = ask(server)
        found = reports.Page(text)
        assert (status, found.sections) == (200, reports.KEYS)
        assert headers["Cache-Control"] == "no-store"
        assert ask(server, "/version")[1] == found.data["poll"]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", ""])
def test_another_name_of_this_machine_is_refused(folder, host):
    with serving(folder) as server:
        assert ask(server, Host=host)[0] == 403
        assert ask(server, "/version", Host=f"localhost:{server.server_port}")[0] == 200


@pytest.mark.parametrize(
    ("path", "method", "status"), [("/spec.yaml", "GET", 404), ("/../x", "GET", 404), ("/", "POST", 501)]
)
def test_there_is_nothing_but_the_page(folder, path, method, status):
    with serving(folder) as server:
        assert ask(server, path, method)[0] == status


def test_a_changed_folder_is_another_version_after_a_rest(tmp_path, monkeypatch):
    folder = reports.empty(tmp_path / "run")
    pages = Pages([folder])
    first = pages.version()
    assert first in pages.html()
    (folder / "trials" / "part-00000.parquet").touch()
    assert pages.version() == first  # it rests
    monkeypatch.setattr("sweeps.reports.serve.time.monotonic", lambda: 1e12)
    assert pages.version() != first
    assert pages.version() in pages.html()


def test_a_sweep_that_begins_or_ends_is_another_version(folder):
    before = Pages([folder]).version()
    lease = Lease(folder / LOG)
    assert Pages([folder]).version() != before
    lease.release()
    assert Pages([folder]).version() == before


def test_while_the_folder_cannot_be_read_the_last_page_stays(folder, monkeypatch):
    pages = Pages([folder])
    html = pages.html()
    monkeypatch.setattr("sweeps.reports.serve.time.monotonic", lambda: 1e12)
    part = folder / "trials" / "part-00000.parquet"
    whole = part.read_bytes()
    part.write_bytes(whole[:50])
    assert pages.html() == html
    with pytest.raises(BadInput):
        Pages([folder]).html()


def test_a_port_that_is_taken_and_a_folder_without_a_sweep_are_said(folder, tmp_path):
    with serving(folder) as server, pytest.raises(BadInput, match="cannot be used"):
        Server([folder], server.server_port)
    with pytest.raises(BadInput, match="holds no sweep"):
        Server([tmp_path])
