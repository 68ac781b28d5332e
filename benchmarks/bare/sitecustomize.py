"""What benchmarks/gpu_check.sh puts on the path of a bare machine, so that `import trainer` works there.

An older Python's missing StrEnum, and a pyarrow that can be imported and is good for nothing else.
"""

import enum
import importlib.machinery
import importlib.util
import sys
import types
from typing import Any

if not hasattr(enum, "StrEnum"):  # before Python 3.11

    class StrEnum(str, enum.Enum):  # noqa: UP042 - this is what stands in for it
        __str__ = str.__str__

    enum.StrEnum = StrEnum  # type: ignore[misc]


class Absent(types.ModuleType):
    """Has every name, so that whoever only imports it goes on; none can be used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {"__init__": _take_all, "__getattr__": lambda self, name: ()})


def _take_all(self: object, *arguments: object, **options: object) -> None:
    """Of an object that is made when a module is imported."""


if importlib.util.find_spec("pyarrow") is None:
    whole = Absent("pyarrow")
    for part in ("", "compute", "csv", "parquet", "types"):
        module = Absent(f"pyarrow.{part}") if part else whole
        module.__spec__ = importlib.machinery.ModuleSpec(module.__name__, None)
        module.__path__ = []
        sys.modules[module.__name__] = module
        setattr(whole, part or "pyarrow", module)
