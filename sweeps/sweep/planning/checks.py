"""What a trainable says that it cannot train: asked before a sweep starts, and where a range would grow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

from sweeps.errors import BadInput
from sweeps.execution import Trainable
from sweeps.schedulers import Allowed, Legal, SobolSampler, moved
from sweeps.space import Choice, Config, Fixed, Point, Space, instead_of_list

_CHECKED_CONFIGS = 32


def check_configs(space: Space, train: Trainable, data: Any, seed: int) -> None:
    """Hand the trainable's own check a sample of what the space holds, each end of a range and each choice
    among it. Raises `BadInput`."""
    check = getattr(train, "check", None)
    if check is None:
        return
    sampler = SobolSampler(len(space.searched), seed)
    points = [sampler.draw(number) for number in range(_CHECKED_CONFIGS)]
    for config in [*map(space.config, points), *_outermost(space, points)]:
        _check_config(check, config, data, space)


def _outermost(space: Space, points: Sequence[Point]) -> Iterator[Config]:
    """For each end of a range, and for each choice, the first of the points that has it, moved there."""
    for name in space.searched:
        distribution = space.distributions[name]
        count = len(distribution.values) if isinstance(distribution, Choice) else 2
        for unit in np.linspace(0, 1, count):
            yield from (config for _, config in islice(moved(space, name, unit, points), 1))


def check_data(train: Trainable, data: Any) -> None:
    """Ask the trainable whether it can learn from the data. Raises `BadInput`."""
    _ask(train, "check_data", data)


def _ask(train: Trainable, hook: str, value: Any) -> None:
    check = getattr(train, hook, None)
    try:
        if check is not None:
            check(value)
    except ValueError as error:
        raise as_bad_input(error, "") from error


def legality(train: Trainable, data: Any) -> Legal:
    """Whether a config passes the trainable's own check; where it has none, every config does."""
    check = getattr(train, "check", None)

    def legal(config: Config) -> bool:
        try:
            if check is not None:
                check(config, data)
        except Exception:  # the sweep is under way, and nobody wrote this value: no reason to end it
            return False
        return True

    return legal


def goes_on(train: Trainable, legal: Legal) -> Allowed:
    """Whether a model that was trained with one config may be trained on with another, by what the trainable
    says itself (`check_change(before, now)`, and its `check`); where it says nothing, every one may."""
    check = getattr(train, "check_change", None)

    def allowed(before: Config, now: Config) -> bool:
        try:
            if check is not None:
                check(before, now)
        except ValueError:
            return False
        return legal(now)

    return allowed


def check_device(train: Trainable, device: str) -> None:
    """Ask the trainable whether it can train on the device, here. Raises `BadInput`."""
    _ask(train, "check_device", device)


def as_bad_input(error: ValueError, parent: str) -> BadInput:
    """Another package's complaint as ours, if it says what is wrong in its attributes; else in its words."""
    if isinstance(error, BadInput):
        return error
    said: Mapping[str, Any] = vars(error)
    place = ".".join(part for part in (parent, said.get("key", "")) if part)
    return BadInput(place, said.get("value"), said.get("rule") or str(error), said.get("fix", ""))


def _check_config(check: Any, config: Config, data: Any, space: Space) -> None:
    try:
        check(config, data)
    except ValueError as error:
        raise _with_range_for_list(as_bad_input(error, "space"), space) from error


def _with_range_for_list(error: BadInput, space: Space) -> BadInput:
    """The error that says what to write, where a list was passed on that may have been meant as a range."""
    distribution = space.distributions.get(error.place.removeprefix("space."))
    if isinstance(distribution, Fixed) and isinstance(distribution.value, list):
        meant = f"a plain list is passed on as one value: {instead_of_list(distribution.value)}"
        return BadInput(error.place, error.value, error.rule, "; ".join(filter(None, (error.fix, meant))))
    return error
