"""What trials have printed: a text file each, with whole lines, up to a megabyte, and a gigabyte in all."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from sweeps.store import files
from sweeps.trial import Outcome, Report

PRINTS = "prints"
MOST_BYTES = 1 << 20  # of a trial
MOST_BYTES_IN_ALL = 1 << 30  # by one process: prints shall not fill the disk that the log needs
_CUT = f"\n[cut: a trial's prints are kept up to {MOST_BYTES >> 20} MB]\n"
_FULL = f"\n[cut: a sweep's prints are kept up to {MOST_BYTES_IN_ALL >> 30} GB]\n"


class PrintsFolder:
    """Appends what reports bring to the file of their trial. The folder is made when the first one prints.

    It is for people to read: what cannot be written is let go, and no sweep fails by it.

    Args:
        folder: Of the files.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[int, int] = {}  # letters of its job in training, by trial
        self._room = MOST_BYTES_IN_ALL

    def begin(self, trial: int) -> None:
        """A job of the trial begins, from its first line on."""
        self._known.pop(trial, None)

    def take(self, report: Report) -> str:
        """Write what is new in a report; returns it, "" where nothing is."""
        prints = report.prints
        over = report.outcome is not Outcome.RUNNING
        known = self._known.pop(report.trial, 0) if over else self._known.get(report.trial, 0)
        if prints is None:
            return ""
        first = max(known, prints.first)
        text = prints.text[first - prints.first :]
        if over and text and not text.endswith("\n"):
            text += "\n"
        if not over:
            text = text[: text.rfind("\n") + 1]
            self._known[report.trial] = first + len(text) if text else known
        if text and first > known:  # more was printed between two looks than a report brings along
            text = f"[{first - known:,} letters left out]\n{text}"
        if text:
            with suppress(OSError):
                self._write(report.trial, text + (_CUT if over and prints.cut else ""))
        return text

    def _write(self, trial: int, text: str) -> None:
        path = prints_path(self._folder, trial)
        self._folder.mkdir(exist_ok=True)
        size = path.stat().st_size if path.exists() else 0
        content = text.encode(errors="backslashreplace")
        if size <= MOST_BYTES < size + len(content):
            content = content[: MOST_BYTES - size].decode(errors="ignore").encode() + _CUT.encode()
        if size > MOST_BYTES or self._room < 0:
            return
        self._room -= len(content)  # below 0 from here on where it was the last
        files.append_to(path, content if self._room >= 0 else _FULL.encode())


def prints_path(folder: Path, trial: int) -> Path:
    """Where the prints of a trial are."""
    return folder / f"trial-{trial}.txt"


def read_prints(directory: Path, trial: int) -> str:
    """What a trial of the sweep in this folder has printed; "" where it has printed nothing."""
    try:
        with files.open_plain(prints_path(directory / PRINTS, trial)) as file:
            return file.read(2 * MOST_BYTES).decode(errors="replace")
    except OSError:
        return ""
