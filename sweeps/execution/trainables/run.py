"""What a trainable is told beside its config, and where it leaves what it wants to go on from."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sweeps.saved import files_in, packed, unpacked, with_files, write_files
from sweeps.space import Config
from sweeps.trial import Checkpoint, State


class Stop(BaseException):
    """Unwinds a framework's loop when its trial is to end; no `except Exception` holds it up."""


class Run:
    """One job of a trial, as its trainable sees it.

    Args:
        epochs: How many epochs the trial shall have behind it when this job ends.
        seed: The seed of everything random in the trial; the sweep's for all trials of the search, and a
            fresh one where a finalist is trained again.
        data: What the sweep was given to train on, loaded once per worker. Its arrays are read-only.
        device: Where to train, such as "cpu".
        checkpoint: What to go on from; None to begin at the beginning.
        config: What the trial is trained with from here on. It may be another one than the checkpoint was
            trained with: whoever babysits a model changes it between two epochs.
        before: The config that the checkpoint was trained with, where that is another one.
        by_layer: Whether alarms read metrics by layer, `layer1_dead` and `layer1_gradient`: true where one
            model is babysat. Reporting them is optional.

    Attributes:
        start: Epochs behind the checkpoint, 0 where there is none.

    Examples:
        >>> run = Run(epochs=3)
        >>> run.start, run.epochs, run.restore()
        (0, 3, None)
    """

    def __init__(
        self,
        *,
        epochs: int,
        seed: int = 0,
        data: Any = None,
        device: str = "cpu",
        checkpoint: Checkpoint | None = None,
        config: Config | None = None,
        before: Config | None = None,
        by_layer: bool = False,
    ) -> None:
        self.config, self.before, self.by_layer = config or {}, before, by_layer
        self.seed, self.epochs, self.data, self.device = seed, epochs, data, device
        self.start = checkpoint.epoch if checkpoint is not None else 0
        self._checkpoint = checkpoint
        self._saved: State | None = None
        self._asked = False
        self._reported = 0
        self._listener: Callable[[Mapping[str, float] | float], bool] = lambda metrics: True
        self._folder: Path | None = None
        self._seen: list[tuple[Path, int, int]] = []
        self._folder_is_busy = False  # somebody else writes to it, so that it is taken once that is over

    def restore(self) -> Any:
        """What `save` was given at epoch `start`, or None: then train from the beginning.

        It has memory of its own. Torch tensors come back as tensors on the CPU.
        """
        self._asked = True
        return unpacked(self._checkpoint.state) if self._checkpoint is not None else None

    def save(self, state: Any) -> None:
        """Keep a state, so that a later job goes on from here.

        What is saved belongs to the epoch that is reported next: call it before that epoch's `yield`. After
        the last `yield` it belongs to the last epoch. Everything is copied, without pickle.

        Args:
            state: Arrays, torch tensors, numbers, texts, bytes and None, in lists, tuples and mappings,
                nested as you like: a `state_dict()` as it is, say.

        Raises:
            TypeError: A part of it cannot be kept; the message says which.
        """
        self._saved = packed(state)

    @property
    def folder(self) -> Path:
        """A folder that is kept with each epoch's checkpoint, as it is when that epoch is reported.

        For what writes files of its own. In a later job, the files are there again. It is empty at the
        beginning, lies wherever the trial is trained, and is removed when the job ends.
        """
        self._asked = True
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="caviar-"))
            self._removed = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
            if self._checkpoint is not None:
                write_files(self._checkpoint.state, self._folder)
            self._seen = _look(self._folder)
        return self._folder

    def report(
        self, metrics: Mapping[str, float] | float, checkpoint: Any = None, *, raises: bool = True
    ) -> bool:
        """Report an epoch, from within a loop that is not yours: a framework's.

        Args:
            metrics: The epoch's, by name; a bare number is the sweep's metric.
            checkpoint: What to keep of it, as `save` takes it; None for nothing.
            raises: Whether a trial that is to end is unwound by an exception. Where the framework can be told
                to stop, say False and look at what is returned.

        Returns:
            Whether to train on; False after the last epoch, `epochs`.

        Raises:
            Stop: The trial is to end here, or has reported more than its epochs.
            RuntimeError: The trainable reports in a way that was not seen before the start.

        Examples:
            >>> run = Run(epochs=2)
            >>> run.report({"val_loss": 0.5}), run.report({"val_loss": 0.4})
            (True, False)
        """
        if checkpoint is not None:
            self.save(checkpoint)
        self._reported += 1
        stops = not self._listener(metrics) or self._reported > self.epochs - self.start
        if stops and raises:
            raise Stop("the trial ends here")
        return not stops and self._reported < self.epochs - self.start

    def _take_saved(self) -> State | None:
        """What was saved since the last call, with the folder; the sweep asks after each epoch."""
        saved, self._saved = self._saved, None
        if self._folder is None or self._folder_is_busy:
            return saved
        seen = _look(self._folder)
        if saved is None and (not seen or seen == self._seen):
            return None
        self._seen = seen
        return with_files(saved, self._folder)

    def _end(self) -> None:
        """Remove the folder."""
        if self._folder is not None:
            self._removed()
            self._folder = None

    @property
    def _ignores_checkpoint(self) -> bool:
        """Whether there is a checkpoint that the trainable has not asked for."""
        return self._checkpoint is not None and not self._asked


def _look(folder: Path) -> list[tuple[Path, int, int]]:
    """What tells whether anything in a folder has changed."""
    return [(path, (found := path.stat()).st_mtime_ns, found.st_size) for path in files_in(folder)]
