"""The Trainer of Hugging Face's transformers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sweeps.execution import Run
from sweeps.integrations import needed

transformers = needed("transformers", "transformers accelerate torch")

_OF_THE_CLOCK = ("_runtime", "_per_second")  # which say nothing of the model


class Report(transformers.TrainerCallback):  # type: ignore[misc, name-defined] # known at run time alone
    """Reports each evaluation of a Trainer, with the checkpoint that it writes then, and stops in time.

    The Trainer evaluates and saves once an epoch, into the run's folder:
    ``TrainingArguments(run.folder, eval_strategy="epoch", save_strategy="epoch", save_total_limit=1)``. With
    ``save_strategy="no"`` nothing is kept.

    Args:
        run: Of the trainable.

    Example:
        In a trainable::

            trainer = Trainer(model, arguments, callbacks=[Report(run)], …)
            trainer.train(resume_from_checkpoint=checkpoint(run))
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._metrics: dict[str, float] = {}

    def on_evaluate(self, args: Any, state: Any, control: Any, metrics: Mapping[str, Any], **_: Any) -> Any:
        kept = (name for name in metrics if name != "epoch" and not name.endswith(_OF_THE_CLOCK))
        self._metrics = {name: metrics[name] for name in kept}
        return self._report(control) if args.save_strategy == "no" else control

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        return self._report(control) if self._metrics else control

    def _report(self, control: Any) -> Any:
        row, self._metrics = self._metrics, {}
        if not self._run.report(row, raises=False):
            control.should_training_stop = True
        return control


def checkpoint(run: Run) -> str | None:
    """The folder of the last checkpoint that the Trainer has written; None at the beginning."""
    found: str | None = transformers.trainer_utils.get_last_checkpoint(run.folder)
    return found
