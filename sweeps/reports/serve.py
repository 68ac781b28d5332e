"""The report of a sweep that runs, for this machine's browsers, made again when the folder has changed."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any

from sweeps.errors import BadInput
from sweeps.reports.write import check_plotly, page_of
from sweeps.results import load
from sweeps.store import LOG, read_holder

_HOST = "127.0.0.1"
_REST = 3.0  # seconds at least between two makings of the page …
_SHARE = 4.0  # … and so many times what the last one took
_TABLES = ("trials", "metrics", "jobs", "rounds")
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}


class Pages:
    """The page of these folders as they are now, made again at most every few seconds."""

    def __init__(self, directories: Sequence[str | Path]) -> None:
        self._directories = [Path(each).absolute() for each in directories]
        self._lock = Lock()
        self._made = self._html = ""
        self._next = 0.0

    def version(self) -> str:
        """What a page that is asked for now would be: its own version where it must not be made again yet."""
        with self._lock:
            return self._version()

    def html(self) -> str:
        """The page; the last one that could be made, where the folder cannot be read at this moment.

        Raises:
            BadInput: It could not be made, and there is no earlier one.
        """
        with self._lock:
            version = self._version()
            if version != self._made:
                self._make(version)
            return self._html

    def _version(self) -> str:
        return self._made if time.monotonic() < self._next else _stamp(self._directories)

    def _make(self, version: str) -> None:
        began = time.monotonic()
        try:
            self._html = page_of([load(each) for each in self._directories], poll=version)
            self._made = version
        except (BadInput, OSError):  # a part that is being replaced; the next try finds it whole
            if not self._html:
                raise
        now = time.monotonic()
        self._next = now + max(_REST, _SHARE * (now - began))


class Server(ThreadingHTTPServer):
    """Serves a report on loopback.

    Attributes:
        url: Where it is.

    Raises:
        BadInput: A folder holds no sweep, or the port is taken.
    """

    daemon_threads = True

    def __init__(self, directories: Sequence[str | Path], port: int = 0) -> None:
        check_plotly()
        for each in directories:
            load(each)
        try:
            super().__init__((_HOST, port), _Handler)
        except (OSError, OverflowError) as error:
            fix = "give another, or none for any that is free"
            raise BadInput("--port", port, f"cannot be used: {error}", fix) from error
        self.pages = Pages(directories)
        self.url = f"http://{_HOST}:{self.server_port}/"

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names that a browser may know it by.

        Another name would be that of a stranger, who has made it mean this machine so that his page may
        read this one (DNS rebinding).
        """
        return tuple(f"{name}:{self.server_port}" for name in (_HOST, "localhost"))


class _Handler(BaseHTTPRequestHandler):
    server: Server
    server_version, sys_version = "caviar", ""

    def do_GET(self) -> None:
        answers: dict[str, tuple[str, Callable[[], str]]] = {
            "/": ("text/html", self.server.pages.html),
            "/version": ("text/plain", self.server.pages.version),
        }
        if self.headers.get("Host", "") not in self.server.hosts:
            self._answer(HTTPStatus.FORBIDDEN, "text/plain", f"ask for {self.server.url}\n")
        elif self.path not in answers:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain", "there is only /\n")
        else:
            kind, make = answers[self.path]
            try:
                self._answer(HTTPStatus.OK, kind, make())
            except (BadInput, OSError) as error:
                self._answer(HTTPStatus.SERVICE_UNAVAILABLE, "text/plain", f"{error}\n")

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the terminal is the user's."""

    def _answer(self, status: HTTPStatus, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        headers = {"Content-Type": f"{kind}; charset=utf-8", "Content-Length": str(len(body)), **_HEADERS}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):  # the reader has gone on
            self.close_connection = True


def _stamp(directories: Sequence[Path]) -> str:
    """What changes whenever a table of these folders does, and when their sweeps begin or end."""
    found = hashlib.sha256()
    for directory in directories:
        holder = read_holder(directory / LOG)
        found.update(f"{holder is not None and holder.alive}\n".encode())
        for table in _TABLES:
            for path in sorted((directory / table).glob("part-*")):
                try:
                    state = path.stat()
                except OSError:
                    continue
                found.update(f"{path}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return found.hexdigest()[:32]
