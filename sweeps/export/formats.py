"""The formats that a whole sweep can be exported to; each is a file here, imported when it is asked for."""

from __future__ import annotations

import importlib
import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.errors import BadInput, choices

if TYPE_CHECKING:
    from sweeps.results import SweepResult


@dataclass(frozen=True)
class Format:
    """A format.

    Attributes:
        module: The file in this folder, which has ``write(result, path)``.
        needs: The packages that it imports beside our own.
        extra: The extra of caviar-sweeps that installs them.
    """

    module: str
    needs: Sequence[str] = ()
    extra: str = ""


FORMATS: Mapping[str, Format] = {
    "csv": Format("csv_tables"),
    "optuna": Format("optuna_study", ["optuna"], "optuna"),
    "tensorboard": Format("tensorboard_events", ["tensorboard"], "tensorboard"),
    "mlflow": Format("mlflow_runs", ["mlflow", "sqlalchemy", "alembic"], "mlflow"),
    "wandb": Format("wandb_runs", ["wandb"], "wandb"),
}


def export(result: SweepResult, to: str, path: str | Path) -> Path:
    """Write a whole sweep for another tool, be the sweep over or not.

    Args:
        result: The sweep.
        to: "csv", "optuna", "tensorboard", "mlflow" or "wandb".
        path: The file or folder to be written; absent so far. It is there once it is whole.

    Returns:
        The path, absolute.

    Raises:
        BadInput: There is no such format, a package is missing, the path is taken or its folder is not
            there, or a table is damaged.
        OSError: It cannot be written.
    """
    if to not in FORMATS:
        raise BadInput("to", to, "is no format that a sweep can be exported to", choices(FORMATS, to))
    check_installed(to)
    form, path = FORMATS[to], Path(path).absolute()
    _check_free(path)
    _write_beside(form, result, path)
    return path


def check_installed(to: str, place: str = "to") -> None:
    """Raise `BadInput` where a package that a format needs is missing."""
    form = FORMATS[to]
    for package in form.needs:
        if find_spec(package) is None:
            fix = f'pip install "caviar-sweeps[{form.extra}]"'
            raise BadInput(place, to, f"needs {package}, which is not installed", fix)


def _check_free(path: Path) -> None:
    if os.path.lexists(path):
        raise BadInput("out", str(path), "exists, and no export overwrites anything", "give another path")
    if not path.parent.is_dir():
        raise BadInput("out", str(path), "is in a folder that does not exist", "make the folder first")


def _write_beside(form: Format, result: SweepResult, path: Path) -> None:
    """Into a new folder beside the path, whose name cannot be guessed; what is whole is moved from there."""
    room = path.with_name(f".{path.name[:100]}.{secrets.token_hex(16)}.tmp")
    room.mkdir()
    try:
        made = room / "export"
        importlib.import_module(f"sweeps.export.{form.module}").write(result, made)
        _check_free(path)  # it took a while
        made.rename(path)
    finally:
        shutil.rmtree(room, ignore_errors=True)
