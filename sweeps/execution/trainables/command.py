"""Any program as a trainable: started for each job, it prints its metrics as lines of JSON."""

from __future__ import annotations

import hashlib
import io
import json
import os
import selectors
import shlex
import shutil
import signal
import string
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from sweeps.errors import BadInput, choices
from sweeps.execution.trainables.pack import Metrics
from sweeps.execution.trainables.run import Run
from sweeps.execution.trainables.trainable import RESERVED
from sweeps.space import Config

_FORM = 'write trainable: {command: "python train.py --rate {rate}"}'
_TAIL = 4000  # letters of the error stream that are kept
_END_SECONDS = 5.0  # so long a program may take to end by itself
_LOOK_SECONDS = 0.1  # between looks at whether a program has ended that prints nothing
_LARGEST_PIPE = 1 << 20  # bytes, on Linux without privileges
_OF_RUN = ("start", "epochs", "seed", "device", "folder")
# Reads from a pipe whose other end this process holds: where it is gone, the program is ended, too.
_GUARD = "import os, sys\nif not os.read(0, 1): os.killpg(int(sys.argv[1]), 9)"


class CommandFailed(Exception):
    """A program has ended with another exit code than 0, or without metrics."""


class Command:
    """A trainable that is a program.

    Args:
        command: Its command line. It is split into words as a shell does, and started without one. `{name}`
            in a word stands for a hyperparameter's value, or for the job's start, epochs, seed, device or
            folder.
        folder: The program's current folder.

    Raises:
        BadInput: It is no command line.
    """

    def __init__(self, command: str, folder: Path) -> None:
        self.__name__ = "command"
        self._command, self._folder = command, str(folder)
        try:
            self._words = shlex.split(command) if isinstance(command, str) else []
        except ValueError as error:
            rule = f"cannot be split into words: {error}"
            raise BadInput("trainable.command", command, rule, _FORM) from None
        if not self._words:
            raise BadInput("trainable.command", command, "is no command line", _FORM)
        for word in self._words:
            list(self._names(word))

    def check_names(self, names: Collection[str]) -> None:
        """Hold the names in braces against the space's, and look for the program. Raises `BadInput`."""
        for name in (name for word in self._words for name in self._names(word)):
            if name not in names and name not in _OF_RUN:
                fix = f"{choices([*names, *_OF_RUN], name)}; braces are written {{{{ and }}}}"
                rule = f"names {{{name}}}, which is no hyperparameter of the space"
                raise BadInput("trainable.command", self._command, rule, fix)
        program = self._words[0]
        found = shutil.which(program) or (Path(self._folder) / program).is_file()
        if not found and not list(self._names(program)):
            fix = "install it, or give its path"
            raise BadInput("trainable.command", program, "is no program that can be found", fix)

    @property
    def code(self) -> bytes:
        """What the command line says, and digests of the files among its words."""
        files = [Path(self._folder) / word for word in self._words]
        return b"\0".join([self._command.encode(), *(_digest(path) for path in files if path.is_file())])

    def words(self, config: Config, run: Run) -> list[str]:
        """The command line of a job.

        A word whose hyperparameter this config lacks, since its `when` does not hold, is left out; so is an
        option that stands before it in a word of its own.
        """
        values = {**self._of_run(run), **config}
        words: list[str] = []
        for word in self._words:
            if all(name in values for name in self._names(word)):
                texts = {name: as_text(value) for name, value in values.items()}
                words.append(string.Formatter().vformat(word, (), texts))
            elif words and words[-1].startswith("-") and word.startswith("{"):
                words.pop()
        return words

    def __call__(self, config: Config, run: Run) -> Iterator[Metrics]:
        """Start the program, and yield the metrics that it prints; it is ended where the trial is."""
        run._folder_is_busy = True  # the program writes to it until it ends
        reported = False
        with tempfile.TemporaryFile() as errors:
            words, told = self.words(config, run), self._environment(config, run)
            with _started(words, told, self._folder, errors) as it, _lines(it) as lines:
                for line in lines:
                    metrics = as_metrics(line)
                    if metrics is None:
                        print(line, end="", flush=True)
                    else:
                        reported = True
                        yield metrics
                code = it.wait()
            if code or not reported:
                said = f"exit code {code}" if code else "it has printed no line of metrics as JSON"
                raise CommandFailed(f"{said}: {shlex.join(words)}{_tail(errors)}")
        run._folder_is_busy = False

    def _environment(self, config: Config, run: Run) -> dict[str, str]:
        told = {f"CAVIAR_{name.upper()}": str(value) for name, value in self._of_run(run).items()}
        return {
            **os.environ,
            "PYTHONUNBUFFERED": "1",  # a pipe would get a Python program's lines late
            **told,
            "CAVIAR_CONFIG": json.dumps(config),
        }

    def _of_run(self, run: Run) -> dict[str, Any]:
        return {name: str(run.folder) if name == "folder" else getattr(run, name) for name in _OF_RUN}

    def _names(self, word: str) -> Iterator[str]:
        """Of what stands in braces in a word."""
        rule = "has a word with braces in which no name stands"
        try:
            parsed = list(string.Formatter().parse(word))
        except ValueError:
            raise BadInput("trainable.command", self._command, rule, _FORM) from None
        for _, name, spec, conversion in parsed:
            if name is None:
                continue
            if not name.isidentifier() or spec or conversion:
                raise BadInput("trainable.command", self._command, rule, _FORM)
            yield name


def as_text(value: Any) -> str:
    """A value as a word of a command line: text as it is, all else as JSON has it."""
    return value if isinstance(value, str) else json.dumps(value)


def as_metrics(line: str) -> Metrics | None:
    """An epoch's metrics, if a line maps names to numbers, in JSON; the epoch's own number is left out."""
    if not line.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(line)
    except ValueError:
        return None
    if not isinstance(found, dict) or not all(type(value) in (int, float) for value in found.values()):
        return None
    return {name: value for name, value in found.items() if name not in RESERVED}


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:  # which may be data, and large
        return hashlib.file_digest(file, "sha256").digest()


def _lines(process: subprocess.Popen[bytes]) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BufferedReader(_Output(process)), errors="replace")


class _Output(io.RawIOBase):
    """What a program prints until it has ended, even if something that it left behind holds the pipe open."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None  # noqa: S101
        self._process, self._pipe = process, process.stdout.fileno()
        self._left = _LARGEST_PIPE  # bytes that the program may have put into it before it ended
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._pipe, selectors.EVENT_READ)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while True:
            ended = self._process.poll() is not None
            if self._selector.select(0 if ended else _LOOK_SECONDS):
                wanted = memoryview(buffer)[: self._left if ended else None]
                count = os.readv(self._pipe, [wanted])
                self._left -= count if ended else 0
                return count
            if ended:
                return 0

    def close(self) -> None:
        self._selector.close()
        super().close()


@contextmanager
def _started(
    words: list[str], environment: Mapping[str, str], folder: str, errors: IO[bytes]
) -> Iterator[subprocess.Popen[bytes]]:
    """A program in a process group of its own, which is ended afterwards, or when this process is gone."""
    process = subprocess.Popen(  # noqa: S603 # the user's own command line, and no shell
        words,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        start_new_session=True,
    )
    guard = None
    try:
        guard = subprocess.Popen(  # noqa: S603 # this very Python
            [sys.executable, "-I", "-S", "-c", _GUARD, str(process.pid)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        yield process
    finally:
        _end(process)
        if guard is not None:
            with suppress(OSError):
                guard.communicate(b"\n")  # all is over: no need to guard


def _end(process: subprocess.Popen[bytes]) -> None:
    """End all that is left of a program's process group."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_END_SECONDS)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _tail(errors: IO[bytes]) -> str:
    """The end of what was written to the error stream, whole lines of it."""
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(size - _TAIL, 0))
    text = errors.read().decode(errors="replace").strip()
    return "\n" + (text.partition("\n")[2] if size > _TAIL else text) if text else ""
