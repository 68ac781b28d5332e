"""A job's epochs as they come from its seat in a pack."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy

from sweeps.execution.trainables.pack import Metrics, Pack
from sweeps.execution.trainables.run import Run
from sweeps.execution.trainables.trainable import as_row
from sweeps.space import Config
from sweeps.trial import Row


class SeatEpochs:
    """The epochs of a job in a pack, drawn as `Epochs` are; whoever trains the pack gives them.

    Args:
        config: Handed to the pack as a copy.
        run: Handed to it.
        metric: The name of a bare number that is reported.

    Attributes:
        seconds: What the last epoch took, of all in the pack.
    """

    def __init__(self, config: Config, run: Run, metric: str) -> None:
        self.config, self.run, self._metric = config, run, metric
        self.seconds = 0.0
        self._pack: Pack | None = None
        self._error: BaseException | None = None
        self._given: Metrics | float | None = None
        self._has_ended = False
        self._seat = -1

    @property
    def waits(self) -> bool:
        """Whether it has not had a seat yet."""
        return self._pack is None and self._error is None

    @property
    def is_in(self) -> bool:
        """Whether the pack trains it."""
        return self._pack is not None

    def enter(self, pack: Pack, seat: int) -> None:
        """Take the seat; what the pack raises is raised by `next_row`."""
        try:
            pack.enter(seat, deepcopy(self.config), self.run)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self.fail(error)
        else:
            self._pack, self._seat = pack, seat

    def give(self, given: Mapping[int, Metrics | float | None], seconds: float) -> None:
        """Take in what the pack's epoch came to."""
        self.seconds, self._has_ended = seconds, self._seat not in given
        self._given = given.get(self._seat)

    def fail(self, error: BaseException) -> None:
        """Have `next_row` raise this; the pack is not asked again."""
        self._error, self._pack = error, None

    def next_row(self) -> Row | None:
        """The metrics of the epoch that was given, which is saved; None where it has ended by itself.

        Raises whatever the pack has raised, TypeError and ValueError on what is no metric.
        """
        if self._error is not None:
            raise self._error
        if self._has_ended or self._pack is None:
            return None
        state = self._pack.save(self._seat)
        if state is not None:
            self.run.save(state)
        return as_row({} if self._given is None else self._given, self._metric)

    def run_out(self) -> bool:
        """Nothing stands after a pack's last epoch."""
        return True

    def close(self) -> None:
        """Leave the seat. Raises what the pack raises."""
        pack, self._pack = self._pack, None
        if pack is not None:
            pack.leave(self._seat)
