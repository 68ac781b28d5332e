"""A sweep as offline runs of Weights & Biases, one a trial, in one group: `wandb sync` uploads them."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import wandb

from sweeps.export.histories import History, as_scalar, histories
from sweeps.space import Value
from sweeps.trial import Status

if TYPE_CHECKING:
    from sweeps.results import SweepResult

_FAILED = (Status.FAILED, Status.INFEASIBLE)
_PREFIX = "metric."


def write(result: SweepResult, path: Path) -> None:
    """Metrics are logged by epoch; the objective, the seed, the status and more are in each run's summary."""
    path.mkdir()
    name = result.spec["name"]
    sweep = secrets.token_hex(4)  # ids are for all of a project's runs
    alone = wandb.run is None
    try:
        for history in histories(result):
            where = {"project": name, "group": name, "id": f"{sweep}-{history.trial}"}
            _write(history, where, path)
    finally:
        if alone:
            wandb.teardown()
    for link in path.rglob("*"):
        if link.is_symlink():  # to the last run's logs, by a path that is about to change
            link.unlink()


def _write(history: History, where: dict[str, str], path: Path) -> None:
    run = wandb.init(
        **where,
        dir=path,
        mode="offline",
        reinit="create_new",
        name=history.name,
        job_type="trial" if history.repeats is None else "repeat",
        tags=[str(history.status)],
        config={name: _as_config(value) for name, value in history.config.items()},
        settings=_settings(),
    )
    for step, moment, metrics in history.reported():
        run.log({"_timestamp": moment, **{_named(name): value for name, value in metrics.items()}}, step=step)
    # W&B takes the moment of `init` for the beginning, whatever it is told.
    times = {"began": history.began, "ended": history.ended}  # in seconds since 1970
    facts: dict[str, Any] = {**history.facts, "objective": history.objective, **times}
    run.summary.update({f"caviar/{name}": value for name, value in facts.items() if value is not None})
    run.finish(exit_code=1 if history.status in _FAILED else 0)


def _as_config(value: Value) -> Any:
    """As it is, but for infinite numbers, which JSON has not."""
    return value if value is None or isinstance(value, list) else as_scalar(value)


def _settings() -> wandb.Settings:
    """Nothing of this machine or this process, which trained nothing, goes into a run."""
    return wandb.Settings(
        console="off",
        disable_code=True,
        disable_git=True,
        silent=True,
        x_disable_machine_info=True,
        x_disable_meta=True,
        x_disable_stats=True,
        x_save_requirements=False,
    )


def _named(name: str) -> str:
    """Names that begin with _ are those of W&B itself."""
    return f"{_PREFIX}{name}" if name.startswith("_") else name
