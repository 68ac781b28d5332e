"""A line that a user types under a live picture, key by key, while the picture goes on."""

from __future__ import annotations

import atexit
import codecs
import os
import re
import select
import sys
import termios
import threading
import tty
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from rich.text import Text

_LOOK_SECONDS = 0.1
_LONGEST = 1_000  # letters of a line
_MOST_LINES = 8  # of an answer
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.)")  # what arrows and other keys send (ECMA-48, 5.4)
_ENTER, _ERASE, _CLEAR, _WORD = "\r\n", "\x7f\x08", "\x15\x1b", "\x17"


class Line:
    """The line that is being typed: keys in, whole lines out.

    Examples:
        >>> line = Line()
        >>> line.take("l2=*3"), line.text
        ([], 'l2=*3')
        >>> line.take("\\x7f2\\rpau"), line.text
        (['l2=*2'], 'pau')
    """

    def __init__(self) -> None:
        self.text = ""

    def take(self, keys: str) -> list[str]:
        """The lines that these keys end."""
        found = []
        for key in _SEQUENCE.sub("", keys):
            if key in _ENTER:
                found.append(self.text)
            self.text = self._after(key)
        return [line for line in found if line.strip()]

    def _after(self, key: str) -> str:
        if key in _ENTER or key in _CLEAR:
            return ""
        if key in _ERASE:
            return self.text[:-1]
        if key == _WORD:
            return self.text.rstrip().rpartition(" ")[0]
        return (self.text + key)[:_LONGEST] if key.isprintable() else self.text


class Prompt:
    """Reads lines from this process's terminal, in a thread of its own, and says what each comes to.

    Args:
        label: What stands before the line.
        help: What stands in an empty one.
        answer: What a line comes to, in words. It is called in that thread, and must not raise.
        changed: Called in that thread when `lines` are others.
    """

    def __init__(
        self, label: str, help: str, answer: Callable[[str], str], changed: Callable[[], None]
    ) -> None:
        self._label, self._help, self._answer, self._changed = label, help, answer, changed
        self._line, self._said = Line(), ""
        self._ended = threading.Event()
        self._modes: Any = None  # of the terminal, as they were

    def start(self) -> bool:
        """Read keys from now on; False where they are read already, where standard input is no terminal, and
        where it is another job's."""
        if self._modes is not None or not (sys.stdin is not None and sys.stdin.isatty() and _is_in_front()):
            return False
        with suppress(termios.error):
            self._modes = termios.tcgetattr(0)
            tty.setcbreak(0, termios.TCSANOW)
            atexit.register(self.stop)
            threading.Thread(target=self._read, name="prompt", daemon=True).start()
        return self._modes is not None

    def stop(self) -> None:
        """Give the terminal back as it was; in the background it is the shell's, which has seen to that."""
        self._ended.set()
        modes, self._modes = self._modes, None
        if modes is None:
            return
        atexit.unregister(self.stop)
        if _is_in_front():
            with suppress(termios.error):
                termios.tcsetattr(0, termios.TCSAFLUSH, modes)  # no half line for the shell

    def lines(self, width: int) -> Sequence[Text]:
        """What was said last, and the line that is typed; none where no keys are read."""
        if self._modes is None:
            return ()
        typed = Text(self._line.text, "bold").append("▏") if self._line.text else Text(self._help, "dim")
        room = max(width - len(self._label), 1)
        typed = typed[-room:] if self._line.text else typed
        said = [Text(line, "cyan") for line in self._said.splitlines()[:_MOST_LINES]]
        found = [*said, Text(self._label, "cyan").append_text(typed)]
        for text in found:
            text.truncate(width, overflow="ellipsis")
        return found

    def _read(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while not self._ended.wait(0.0 if _is_in_front() else _LOOK_SECONDS):
            if not (_is_in_front() and select.select([0], [], [], _LOOK_SECONDS)[0]):
                continue
            try:
                keys = os.read(0, _LONGEST)
            except OSError:
                return
            if not keys:
                return
            self._take(decoder.decode(keys))

    def _take(self, keys: str) -> None:
        for line in self._line.take(keys):
            self._show(f"{line} …")
            self._show(self._answer(line))
        self._changed()

    def _show(self, said: str) -> None:
        self._said = said
        self._changed()


def _is_in_front() -> bool:
    """Whether this process may read the terminal; one in the background would be stopped by the system."""
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return False
