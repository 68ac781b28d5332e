"""Which ranges coarse to fine advises to widen, and which grow, where it is known which should.

One hyperparameter matters, eight do not; 64 trials of up to 27 epochs. Either the best lies well inside of
the range of the one that matters, and no range should be advised on; or it lies a decade beyond its end, and
that one should be, alone. Run it with:

    python -m benchmarks.advice [--seeds N]
"""

from __future__ import annotations

import argparse
import math

import numpy as np

from sweeps.schedulers import CoarseToFine
from sweeps.space import Numeric, Space
from sweeps.trial import Report

TRIALS, EPOCHS = 64, 27
BEST = -3.0  # the logarithm of the best rate
WIDE, NARROW = [1e-5, 1.0], [1e-5, 1e-4]
IRRELEVANT = {
    **{f"log_{i}": {"log": [1e-3, 1]} for i in range(4)},
    **{f"uniform_{i}": {"uniform": [0, 1]} for i in range(4)},
}
NOISES = (0.0, 0.1, 1.0)  # a trial's own, beside losses of up to 9


def swept(rates: list[float], seed: int, noise: float, extend: bool) -> CoarseToFine:
    """A scheduler after its sweep."""
    scheduler = CoarseToFine(
        Space({"rate": {"log": rates}, **IRRELEVANT}),
        trials=TRIALS,
        epochs=EPOCHS,
        seed=seed,
        extend=(lambda config: True) if extend else None,
    )
    while not scheduler.finished:
        for job in scheduler.ask(1):
            luck = np.random.default_rng([seed, job.trial]).standard_normal()
            distance = math.log10(float(job.config["rate"])) - BEST  # type: ignore[arg-type]
            loss = distance**2 + 1 / job.stop + noise * luck
            scheduler.tell(Report(job.trial, job.stop, loss))
    return scheduler


def advised(scheduler: CoarseToFine) -> set[str]:
    """The hyperparameters that some round said elites lean on an end of."""
    regions = [region for round_ in scheduler.rounds for region in round_.regions]
    return {region.hyperparameter for region in regions if "of the edge" in region.reason}


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--seeds", type=int, default=10)
    seeds = options.parse_args().seeds
    print("| range that matters | noise | extend | seeds: advised | seeds: others are | its upper end |")
    print("| --- | --- | --- | --- | --- | --- |")
    for rates, label in ((WIDE, "wide"), (NARROW, "too narrow")):
        for noise in NOISES:
            for extend in (False, True):
                runs = [swept(rates, seed, noise, extend) for seed in range(seeds)]
                said = [advised(run) for run in runs]
                it = sum("rate" in names for names in said)
                others = sum(bool(names - {"rate"}) for names in said)
                end = np.median([_upper_end(run) for run in runs])
                print(f"| {label} | {noise:g} | {extend} | {it} | {others} | {end:.2g} |", flush=True)


def _upper_end(scheduler: CoarseToFine) -> float:
    rate = scheduler.space.distributions["rate"]
    assert isinstance(rate, Numeric)
    return float(rate.high)


if __name__ == "__main__":
    main()
