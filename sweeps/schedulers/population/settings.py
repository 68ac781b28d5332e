"""What population based training does not learn: when members are compared, and how far they explore."""

from __future__ import annotations

from dataclasses import dataclass

from sweeps.errors import BadInput

PBT = "pbt"
_TIMES = 16  # that a member is ready, where nobody says how often


@dataclass(frozen=True)
class PopulationSettings:
    """The numbers of Jaderberg et al. (2017), section 4.1.

    Attributes:
        ready: After how many epochs a member is compared; None for a sixteenth of all.
        share: Of the population, that goes on from others, and that others go on from.
        resample: The probability that a hyperparameter is drawn anew in place of being perturbed.
        factors: By one of which a value on a logarithmic scale is multiplied.
        step: Of the unit interval, by which another value moves up or down.

    Raises:
        BadInput: On numbers that cannot be.
    """

    ready: int | None = None
    share: float = 0.25
    resample: float = 0.25
    factors: tuple[float, float] = (0.8, 1.2)
    step: float = 0.1

    def __post_init__(self) -> None:
        if self.ready is not None and (not isinstance(self.ready, int) or self.ready < 1):
            raise BadInput("ready", self.ready, "must be a whole number of epochs from 1 on")
        if not 0 < self.share <= 0.5:
            raise BadInput("share", self.share, "must be above 0 and at most 0.5")
        if not 0 <= self.resample <= 1:
            raise BadInput("resample", self.resample, "must be from 0 to 1")
        if not all(factor > 0 for factor in self.factors) or not 0 < self.step <= 1:
            raise BadInput("factors", self.factors, "must be above 0, and so must the step")

    def interval(self, epochs: int) -> int:
        """After how many epochs a member that trains for so many in all is ready.

        >>> PopulationSettings().interval(54), PopulationSettings(ready=5).interval(54)
        (3, 5)
        """
        return self.ready or max(epochs // _TIMES, 1)


def settings_of(name: str) -> PopulationSettings:
    """What a scheduler's name says: `pbt`, or `pbt:5` for members that are ready every 5 epochs.

    Raises `BadInput`.
    """
    _, colon, said = name.partition(":")
    if not colon:
        return PopulationSettings()
    if not said.isdecimal() or int(said) < 1:
        rule = "does not say after how many epochs members are compared"
        raise BadInput("scheduler", name, rule, "write pbt or pbt:5")
    return PopulationSettings(ready=int(said))
