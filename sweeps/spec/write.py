"""The spec as it is kept in the run directory."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from platform import python_version

from sweeps.spec.model import SweepSpec
from sweeps.spec.yaml_text import write_yaml

_NOTED = ("caviar-sweeps", "ray", "numpy", "scipy", "pandas", "pyarrow")


def spec_text(spec: SweepSpec, noted: Mapping[str, str] | None = None) -> str:
    """YAML with every default filled in and the versions in use; `read_spec` reads it back.

    noted: the versions; by default `versions()`.
    """
    form = {**spec.model_dump(), "versions": dict(noted or versions())}
    if form["retune"] is None:  # nothing that a person writes
        del form["retune"]
    return write_yaml(form)


def versions() -> dict[str, str]:
    """Python's and the main packages' versions."""
    return {"python": python_version(), **{name: _version(name) for name in _NOTED}}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
