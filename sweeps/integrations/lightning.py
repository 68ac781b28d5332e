"""Lightning, as `lightning` or `pytorch_lightning`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sweeps.execution import Run
from sweeps.integrations import needed

lightning = needed("lightning.pytorch", "lightning")
_FILE = "last.ckpt"


class Report(lightning.Callback):  # type: ignore[misc, name-defined] # known at run time alone
    """Reports what was logged in each epoch of `fit`, keeps Lightning's own checkpoint, and stops in time.

    Args:
        run: Of the trainable.
        checkpoint: Whether to keep anything.

    Example:
        In a trainable::

            trainer = Trainer(max_epochs=run.epochs, callbacks=[Report(run)])
            trainer.fit(model, batches, validation, ckpt_path=checkpoint(run))
    """

    def __init__(self, run: Run, checkpoint: bool = True) -> None:
        super().__init__()
        self._run, self._keeps = run, checkpoint

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        if self._keeps:
            trainer.save_checkpoint(self._run.folder / _FILE)
        row = {name: float(value) for name, value in trainer.callback_metrics.items()}
        if not self._run.report(row, raises=False):
            trainer.should_stop = True


def checkpoint(run: Run) -> Path | None:
    """The file that `Report` has kept, to go on from; None at the beginning."""
    return run.folder / _FILE if run.start else None
