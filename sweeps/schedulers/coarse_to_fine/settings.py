"""The constants of coarse to fine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CoarseToFineSettings:
    """One set of defaults for all problems; `benchmarks/search/RESULTS.md` shows what each part is worth.

    Args:
        first_round: How many trials fill the whole space before the model has a say.
        earlier_first: Where there are earlier sweeps, so many trials begin at the best of their configs.
        earlier_memory: Results of earlier sweeps that the model learns from, in all.
        round_size: The least trials of a later round.
        round_part: A later round has one in so many of the trials before it.
        factor, rungs: The rungs lie at epochs, epochs/factor, epochs/factor², …, so many of them.
        promotion_share: The part of a rung's trials that is promoted to the next, on average; with the rungs
            it sets how many epochs a sweep pays for.

        elites: How many trials a region is drawn around.
        spread: Of a step from an elite, in the elites' own standard deviations.
        floor: The least spread, in parts of the whole range.
        steps: The lengths of a step, in parts of the spread.
        margin: How far a region reaches beyond its elites, in spreads.
        mutation: How often a step changes a coordinate.
        switch: How often a step draws an unordered choice anew.
        infeasible_least, infeasible_share: A region ends where at least so many trials beyond are infeasible,
            and they are this part of all beyond.

        candidates: Points among which the acquisition function looks for each new trial.
        long_shot_candidates: The same for long shots, which are few and dear, until the memory is full of
            results at the end.
        global_part: One candidate in so many is from anywhere.
        refined: How many of the best candidates are refined; half as many as are to be chosen, where that is
            more.
        refinements: Lengths of the steps from them, each taken by a quarter as many as there are candidates.
        compared: The best candidates, so many of them, are compared with the paused trials.
        paused: Trials of each rung that the model is asked about.
        distinct: How near to a known trial a new one may be, in the model's lengthscales.
        untried_draws: Points among which the last configs of a discrete space are looked for.
        global_share: The part of new trials that are Sobol points of the whole space, whatever the model
            says.
        sobol_draws: Sobol points, in search of a config that is new.

        long_shots: The part of a sweep's epochs, once it has spent the part `long_shots_after`, that goes to
            new trials trained straight to the end.
        long_shots_after: See there.

        edge: An elite this near to an end of the range, in its scale, leans on it.
        leaning: The part of the elites that must, for advice on that end or for its growth.
        evidence: By how many deviations the elites must be expected to be better at that end than inside;
            more are asked for where the lengthscale is long.
        inside: How far inside, in parts of the range.
        growth: The part of the width that the user gave by which a range grows; of the present one, it would
            race.
        growth_halvings: How often that is halved where what lies there cannot be trained.
        growth_limit: How many such widths a range grows by in all, at each end: a sweep cannot run away.
        growth_samples, growth_draws: Configs to judge an end by, and points drawn to find so many.

        memory: Results that the model learns from, the best and a sample of the rest.
        many: Results from which on one more or less moves the model little, and its constants have settled.
        batch_part, batch_part_of_many: A batch of decisions is one for so many of the results there are.
        last_batch_part: The same once all trials have begun: who is promoted is then all there is to decide.
        batch_most: From here on a larger batch saves little, and is out of date before it ends.
        refit_least: The model's constants are learned again after so many more results at least,
        refit_part, refit_part_of_many: and after one in so many of the results there are: one search takes as
            long as deciding hundreds of trials.
    """

    first_round: int = 16
    earlier_first: int = 5
    earlier_memory: int = 192
    round_size: int = 8
    round_part: int = 8
    factor: int = 3
    rungs: int = 4
    promotion_share: float = 0.4

    elites: int = 6
    spread: float = 1.0
    floor: float = 0.05
    steps: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0)
    margin: float = 2.0
    mutation: float = 0.5
    switch: float = 0.3
    infeasible_least: int = 3
    infeasible_share: float = 0.8

    candidates: int = 384
    long_shot_candidates: int = 2048
    global_part: int = 3
    refined: int = 8
    refinements: tuple[float, ...] = (0.4, 0.2, 0.1, 0.05)
    compared: int = 384
    paused: int = 16
    distinct: float = 0.3
    untried_draws: int = 4096
    global_share: float = 0.05
    sobol_draws: int = 16

    long_shots: float = 0.5
    long_shots_after: float = 0.5

    edge: float = 0.05
    leaning: float = 0.5
    evidence: float = 1.6
    inside: float = 0.5
    growth: float = 0.5
    growth_halvings: int = 4
    growth_limit: float = 3.0
    growth_samples: int = 16
    growth_draws: int = 512

    memory: int = 256
    many: int = 512
    batch_part: int = 32
    batch_part_of_many: int = 16
    last_batch_part: int = 384
    batch_most: int = 192
    refit_least: int = 4
    refit_part: int = 8
    refit_part_of_many: int = 1
