"""The constants of coarse to fine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CoarseToFineSettings:
    """One set of defaults for all problems; `benchmarks/search/RESULTS.md` shows what each part is worth.

    first_round: how many trials fill the whole space before the model has a say.
    round_size: the least trials of a later round; a round is an eighth of the trials before it.
    factor, rungs: the rungs lie at epochs, epochs/factor, epochs/factor², …, so many of them.
    climb: the part of a rung's trials that goes on to the next, on average; with the rungs it sets how many
        epochs a sweep pays for.
    elites: how many trials a region is drawn around.
    spread: of a step from an elite, in the elites' own standard deviations.
    floor: the least spread, in parts of the whole range.
    mutation: how often a step changes a coordinate. switch: how often it draws an unordered choice anew.
    global_share: the part of new trials that are Sobol points of the whole space, whatever the model says.
    long_shots: the part of a sweep's epochs, once it has spent the part `long_shots_after`, that goes to new
        trials trained straight to the end.
    candidates: points among which the model finds each new trial. long_shot_candidates: the same for long
        shots, which are few and dear, until the memory is full of results at the end.
    distinct: how near to a known trial a new one may be, in the model's lengthscales.
    memory: results that the model learns from, the best and a sample of the rest.
    """

    first_round: int = 16
    round_size: int = 8
    factor: int = 3
    rungs: int = 4
    climb: float = 0.4
    elites: int = 6
    spread: float = 1.0
    floor: float = 0.05
    mutation: float = 0.5
    switch: float = 0.3
    global_share: float = 0.05
    long_shots: float = 0.5
    long_shots_after: float = 0.5
    candidates: int = 384
    long_shot_candidates: int = 2048
    distinct: float = 0.3
    memory: int = 256
