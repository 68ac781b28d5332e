"""The verdict on an earlier winner, read off the tables of the sweep that tried it again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import pandas as pd

from sweeps.results import SweepResult
from sweeps.results.configs import config_of
from sweeps.schedulers import Lead, lead_of
from sweeps.space import Config
from sweeps.spec import Retuning
from sweeps.trial import Status

WINNER = 0  # the trial that has the earlier winner's config
Kind: TypeAlias = Literal["still best", "tied", "lost"]


@dataclass(frozen=True)
class Verdict:
    """Whether an earlier winner still wins.

    Attributes:
        kind: still best: nobody is ahead of it. tied: somebody is, by no more than seeds explain. lost:
            somebody beats it.
        rival: The trial that comes closest to it, or beats it; None where there is none. config: Its config.
            known: Whether it is one of the earlier sweep's best.
        lead: By how much the rival is better in the metric, in the mean over seeds; below 0 where it is
            worse. low, high: Where that lies with 95 % confidence; None where nothing tells.
        seeds: On how many seeds both were trained; fresh: Whether nobody was chosen by these.
        winner: The winner's metric on the new data, the mean over its seeds; None where it diverged.
    """

    kind: Kind
    rival: int | None
    config: Config | None
    known: bool
    lead: float | None
    low: float | None
    high: float | None
    seeds: int
    fresh: bool
    winner: float | None


def verdict_of(result: SweepResult, rule: Retuning) -> Verdict:
    """The verdict as the tables have it by now.

    Args:
        result: The sweep that tries an earlier winner again.
        rule: What its spec says of that.
    """
    trials = result.tables.outcomes
    sign = 1.0 if result.spec["mode"] == "min" else -1.0
    first = _first_losses(trials, sign)
    raced = races(result)
    rivals = [trial for trial in raced if trial != WINNER]
    leads = {
        trial: lead_of(
            raced.get(WINNER, {}),
            raced[trial],
            seeds=rule.seeds,
            rivals=len(rivals),
            noise=rule.noise,
            spread=rule.spread,
        )
        for trial in rivals
    }
    kind, rival = _kind(first, leads)
    lead = leads.get(rival) if rival is not None else None
    fresh = lead is not None
    if lead is None and rival is not None and WINNER in first:
        lead = lead_of({0: first[WINNER]}, {0: first[rival]}, seeds=1, rivals=1, noise=rule.noise)
    own = list(raced.get(WINNER, {}).values()) or [first.get(WINNER, math.inf)]
    mean = sum(own) / len(own)
    return Verdict(
        kind=kind,
        rival=rival,
        config=None if rival is None else config_of(result.tables.row(rival)),
        known=rival is not None and rival < rule.elites,
        lead=_finite(None if lead is None else lead.mean),
        low=_finite(None if lead is None else lead.low),
        high=_finite(None if lead is None else lead.high),
        seeds=0 if lead is None else lead.pairs,
        fresh=fresh,
        winner=_finite(sign * mean),
    )


def _kind(first: dict[int, float], leads: dict[int, Lead]) -> tuple[Kind, int | None]:
    """The verdict, and the rival that it is about."""
    for standing, kind in (("ahead", "lost"), ("open", "tied")):
        such = [(-lead.mean, trial) for trial, lead in leads.items() if lead.standing == standing]
        if such:
            return kind, min(such)[1]  # type: ignore[return-value]  # the two words above
    others = {trial: loss for trial, loss in first.items() if trial != WINNER and trial not in leads}
    nearest = min(others, key=lambda trial: others[trial], default=None)
    own = first.get(WINNER, math.inf)
    if leads:
        return "still best", max(leads, key=lambda trial: leads[trial].mean)
    if own == math.inf:
        return "lost", nearest
    return ("tied" if nearest is not None and others[nearest] < own else "still best"), nearest


def _first_losses(trials: pd.DataFrame, sign: float) -> dict[int, float]:
    """Of the trials that were trained to the end on the sweep's own seed."""
    able = trials[trials["repeats"].isna() & (trials["status"] == Status.COMPLETED)]
    able = able[able["objective"].notna()]
    return {int(t): sign * float(v) for t, v in zip(able["trial"], able["objective"], strict=True)}


def races(result: SweepResult) -> dict[int, dict[int, float]]:
    """Of the repeats that are over: losses by trial and seed, infinite where one diverged or failed."""
    trials = result.tables.outcomes
    sign = 1.0 if result.spec["mode"] == "min" else -1.0
    over = ~trials["status"].isin((Status.RUNNING, Status.INTERRUPTED, Status.STOPPED))
    found: dict[int, dict[int, float]] = {}
    repeats = trials[trials["repeats"].notna() & over]
    for of, seed, value in zip(repeats["repeats"], repeats["seed"], repeats["objective"], strict=True):
        loss = math.inf if pd.isna(value) else sign * float(value)
        found.setdefault(int(of), {})[int(seed)] = loss
    return found


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
