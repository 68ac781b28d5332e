"""Callbacks for frameworks that own their loop: each reports, keeps the model, and stops in time.

A module for each framework, which imports it: `sweeps.integrations.keras`, `xgboost`, `lightgbm`,
`lightning`, `transformers`. docs/frameworks.md has an example of each, and of those that need no callback.
"""

from __future__ import annotations

import importlib
from typing import Any

from sweeps.errors import BadInput


def needed(module: str, install: str, remark: str = "") -> Any:
    """A framework's module.

    Args:
        module: Its name.
        install: What pip calls the package that has it, and others that it needs.
        remark: What else would do.

    Raises:
        BadInput: It is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name and not f"{module}.".startswith(f"{error.name}."):
            raise  # the framework is there, and lacks something itself
        fix = f"pip install {install}" + f"; {remark}" * bool(remark)
        raise BadInput("import", module, "is not installed", fix) from error
