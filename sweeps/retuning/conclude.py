"""From the tables of a retune to what it has found, when its check or the search after it has ended."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from sweeps.errors import BadInput
from sweeps.results import SweepResult, load
from sweeps.results.best import top_of_search
from sweeps.results.configs import config_of
from sweeps.retuning.drift import Drift, drift_between
from sweeps.retuning.moved import Agreement, agreement, moved
from sweeps.retuning.outcome import Retuned, advised, read_retuned
from sweeps.retuning.verdict import WINNER, races, verdict_of
from sweeps.schedulers import lead_of, retune_levels
from sweeps.space import Config
from sweeps.spec import Retuning, as_objective
from sweeps.store import read_described
from sweeps.trial import Mode, Status

_CLEARLY = 3.0  # deviations of one training


def conclude(result: SweepResult, rule: Retuning) -> Retuned:
    """What a retune has found so far.

    Args:
        result: Its tables. rule: What its spec says of the earlier sweep.

    The verdict, and what it cost, are those of the check; a search that came after it finds what to take.
    """
    before, old = read_retuned(result.path), _loaded(rule.of)
    trials = result.tables.outcomes
    spent = int(trials.loc[trials["status"] != Status.MEASURED, "epochs"].sum())
    verdict, epochs = verdict_of(result, rule), spent
    if before is not None and rule.search:
        epochs = before.epochs
        verdict = before.verdict
    then = old.best.objective if old is not None and old.best is not None else None
    taken = _taken(result, rule, verdict.kind == "lost", verdict.rival)
    lead, seeds = _lead(result, taken)
    drift, why = _drift(result.path)
    configs = [_config(result, trial) for trial in range(min(rule.elites, len(trials)))]
    return advised(
        Retuned(
            directory=result.path,
            of=Path(rule.of),
            metric=result.spec["metric"],
            mode=result.spec["mode"],
            verdict=verdict,
            winner=configs[WINNER],
            before=then,
            worse=_is_worse(then, verdict.winner, result.spec["mode"], rule),
            trial=taken,
            config=_config(result, taken),
            lead=lead,
            seeds=seeds,
            agreement=None if old is None else _agreement(old, result, configs),
            moved=moved(result.space, configs, _best_now(result, rule.elites)),
            drift=drift,
            drift_why=why,
            epochs=epochs,
            search_epochs=spent - epochs,
            old_epochs=rule.old_epochs,
        )
    )


def _is_worse(then: float | None, now: float | None, mode: Mode, rule: Retuning) -> bool:
    if then is None or now is None:
        return now is None
    return (now - then) * (1 if mode == "min" else -1) > max(_CLEARLY * rule.noise, rule.spread)


def _loaded(of: str) -> SweepResult | None:
    """The earlier sweep; None where its folder is gone."""
    try:
        old = load(of)
        return old if old.best is not None else None
    except BadInput:
        return None


def _config(result: SweepResult, trial: int) -> Config:
    return config_of(result.tables.row(trial))


def _taken(result: SweepResult, rule: Retuning, lost: bool, rival: int | None) -> int:
    """The winner, or who has beaten it; after a search, the best of its finals."""
    if not lost:
        return WINNER
    if rule.search and result.best_by_figures is not None:
        return result.best_by_figures.trial
    return WINNER if rival is None else rival


def _lead(result: SweepResult, taken: int) -> tuple[float | None, int]:
    """How much better than the winner it is, over so many seeds that both were trained on."""
    found = races(result)
    if taken == WINNER or not {taken, WINNER} <= found.keys():
        return None, 0
    lead = lead_of(found[WINNER], found[taken], seeds=1, rivals=1)
    known = lead.pairs > 0 and abs(lead.mean) < float("inf")
    return (lead.mean, lead.pairs) if known else (None, lead.pairs)


def _drift(folder: Path) -> tuple[tuple[Drift, ...] | None, str]:
    described = read_described(folder)
    if not described.columns:
        return None, "the trainable says nothing of its data's columns"
    if not described.earlier:
        why = "the earlier sweep was made by a version that kept no summary of its data, and these are gone"
        return None, why
    return drift_between(described.earlier, described.columns), ""


def _agreement(old: SweepResult, new: SweepResult, configs: Sequence[Config]) -> Agreement | None:
    """Of the earlier best, after the epochs of the lowest rung, which all were trained for."""
    table = old.trials[old.trials["repeats"].isna()]
    known = {_key(config_of(row)): int(row["trial"]) for _, row in table[::-1].iterrows()}
    keys = [_key(config) for config in configs]
    pairs = [(known[key], trial) for trial, key in enumerate(keys) if key in known]
    return agreement(old, new, pairs, retune_levels(new.spec.get("epochs", 1))[0])


def _key(config: Config) -> str:
    return json.dumps(config, sort_keys=True, default=str)


def _best_now(result: SweepResult, count: int) -> list[Config]:
    rule, spec = as_objective(result.spec.get("objective", "best")), result.spec
    ranked = top_of_search(result.tables, spec["mode"], rule, spec.get("epochs", 1))
    return [_config(result, trial) for trial in ranked[:count]]
