"""The screen: the one place where text of any origin goes to a terminal, a pipe or a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from io import StringIO
from typing import Any, TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

# Names, configs, errors and specs may hold what a terminal obeys: escapes, and marks that turn text around.
_CONTROL = {*range(0x20), *range(0x7F, 0xA0)} - {ord("\n"), ord("\t")}
_DIRECTION = {0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
OBEYED = dict.fromkeys(_CONTROL | _DIRECTION)  # to leave out, by `str.translate`


class Screen(Console):
    """A rich console that prints text as text.

    Control characters are left out, markup and emoji codes are not read, and what the stream's encoding
    does not have becomes a question mark. Once nobody reads the stream any more, it is silent.

    Args:
        stderr: whether to print to the error stream instead of standard output.
        file: to print there instead.
        width: in columns; by default that of the terminal.

    Raises:
        OSError: `print` could not write.
    """

    def __init__(
        self, *, stderr: bool = False, file: TextIO | StringIO | None = None, width: int | None = None
    ) -> None:
        super().__init__(stderr=stderr, file=file, width=width, markup=False, emoji=False, highlight=False)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Turn what is printed into segments of text."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(self._harmless(segment.text), segment.style)

    def on_broken_pipe(self) -> None:
        """Say nothing more, and raise: rich would end the process, and close standard output for either."""
        self.quiet = True
        raise BrokenPipeError("nobody reads the screen any more")

    def _harmless(self, text: str) -> str:
        if text.isascii() and text.isprintable():  # nearly all of a picture
            return text
        return text.translate(OBEYED).encode(self.encoding, "replace").decode(self.encoding)


@contextmanager
def results() -> Iterator[None]:
    """Around what prints results to standard output. A reader who went away, `| head`, has read enough.

    Raises:
        OSError: the results could not be written for another reason, such as a full disk.
    """
    try:
        yield
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        _give_up(sys.stdout)
    except OSError:
        _give_up(sys.stdout)
        raise


@contextmanager
def prints_may_fail() -> Iterator[None]:
    """Around what a trainable may print in: a print that nobody can read fails no trial."""
    kept = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (None if stream is None else _Lenient(stream) for stream in kept)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = kept


class _Lenient:
    """A stream that lets go what it cannot write."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def open_standard_streams() -> None:
    """Take the places of closed streams: the next file opened would be the screen of whoever writes there."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free


def _give_up(stream: TextIO) -> None:
    """Let what is still buffered go nowhere, or Python complains of it when it ends."""
    with suppress(OSError, ValueError):  # a stream without a descriptor
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
