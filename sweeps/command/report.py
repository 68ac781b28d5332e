"""`caviar report`: what a sweep has shown, as a page."""

from __future__ import annotations

import signal
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sweeps.errors import BadInput
from sweeps.screen.console import Screen, results
from sweeps.screen.figures import show_path

if TYPE_CHECKING:
    from sweeps.reports.serve import Server


def report(
    directories: Annotated[
        list[Path],
        typer.Argument(
            metavar="DIR...", help="A sweep's folder; with more, the first is compared with them."
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The file to write; by default DIR/report.html.")
    ] = None,
    open_: Annotated[bool, typer.Option("--open/--no-open", help="Show it in a browser.")] = False,
    serve: Annotated[
        bool,
        typer.Option(
            "--serve", help="Show it to this machine's browsers as the sweep goes on; write no file."
        ),
    ] = False,
    port: Annotated[
        int | None, typer.Option(help="Where to serve; by default any port that is free.")
    ] = None,
) -> None:
    """Write a sweep's report: what is best and whether it is real, what matters, what to do next.

    One HTML file, which works offline; the sweep may still be running.
    """
    if serve:
        if out is not None:
            raise BadInput("--out", str(out), "is not written with --serve", "leave one of them out")
        _serve(directories, port or 0, open_)
        return
    if port is not None:
        raise BadInput("--port", port, "is for --serve alone", "add --serve, or leave it out")
    from sweeps.reports import report as write

    path = write(directories, out)
    _say(f"wrote {show_path(path)}")
    if open_:
        webbrowser.open(path.absolute().as_uri())


def _serve(directories: list[Path], port: int, open_: bool) -> None:
    from sweeps.reports.serve import Server

    with Server(directories, port) as server:
        _say(f"serving {server.url} to this machine alone; Ctrl-C ends it")
        if open_:
            webbrowser.open(server.url)
        _until_interrupted(server)


def _until_interrupted(server: Server) -> None:
    """SIGTERM ends it as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        server.serve_forever()


def _say(text: str) -> None:
    with results():
        Screen().print(text, soft_wrap=True)
