"""The key `resources` of a spec: what each worker gets."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from sweeps.errors import BadInput, choices, in_words

_UNITS = {
    "B": 1,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "TiB": 2**40,
}
_MEMORY = re.compile(rf"(\d+(?:\.\d+)?)({'|'.join(_UNITS)})")
_LEAST = 0.0001  # Ray counts no finer
_FIX = "write resources: {cpus: 2, gpus: 0.25, memory: 4GiB, custom: {name: 1}}, or some of them"
_MEMORY_FIX = "write bytes as a number, or text such as 512MiB or 4GiB"
_NOT_CUSTOM = ("CPU", "GPU", "memory", "object_store_memory")


@dataclass(frozen=True)
class Resources:
    """What each worker has for itself.

    Attributes:
        cpus: CPUs, and as many threads for BLAS and torch.
        gpus: GPUs, or a part of one; None for an even share where the device is a GPU.
        memory: Bytes of memory that are set aside for it; nobody watches that it takes no more.
        custom: Other things that a Ray cluster was started with, by their names.

    Raises:
        BadInput: A number that is not above 0, or more than one GPU that are not whole.

    Examples:
        >>> Resources(cpus=2, memory=4 * 2**30).to_yaml()
        {'cpus': 2, 'memory': '4GiB'}
    """

    cpus: float = 1
    gpus: float | None = None
    memory: int | None = None
    custom: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_amount("cpus", self.cpus)
        if self.gpus is not None:
            _check_amount("gpus", self.gpus)
            if self.gpus > 1 and self.gpus != int(self.gpus):
                raise BadInput("gpus", self.gpus, "is neither a part of one GPU nor a whole number", _FIX)
        if self.memory is not None:
            _check_amount("memory", self.memory)
        for name, amount in _named(self.custom).items():
            _check_amount(f"custom.{name}", amount)

    @property
    def threads(self) -> int:
        """How many threads a library may use: one for each whole CPU.

        >>> Resources(cpus=0.5).threads, Resources(cpus=2.5).threads
        (1, 2)
        """
        return max(1, int(self.cpus))

    @property
    def in_words(self) -> str:
        """What it is, as part of a sentence.

        >>> Resources().in_words
        'a CPU'
        >>> Resources(cpus=2, gpus=0.25, memory=4 * 2**30, custom={"licence": 1}).in_words
        '2 CPUs, 0.25 of a GPU, 4GiB of memory and 1 licence'
        """
        parts = ["a CPU" if self.cpus == 1 else amount_text("CPU", self.cpus)]
        parts += [] if self.gpus is None else [amount_text("GPU", self.gpus)]
        parts += [] if self.memory is None else [amount_text("memory", self.memory)]
        parts += [amount_text(name, amount) for name, amount in self.custom.items()]
        return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))

    def to_yaml(self) -> dict[str, Any]:
        """The form a spec file holds; `as_resources` reads it back."""
        form = {name: value for name, value in vars(self).items() if value is not None}
        if self.memory is not None:
            form["memory"] = bytes_text(self.memory)
        custom = dict(form.pop("custom"))
        return {**form, "custom": custom} if custom else form


def as_resources(form: Any) -> Resources:
    """From a mapping such as ``{cpus: 2, memory: 4GiB}``. Raises `BadInput`, at ``resources.memory``."""
    if isinstance(form, Resources):
        return form
    if not isinstance(form, Mapping):
        raise BadInput("resources", form, "does not map resources to amounts", _FIX)
    try:
        known = _known(form)
        if known.get("memory") is not None:
            known["memory"] = as_bytes(known["memory"])
        return Resources(**known)
    except BadInput as error:
        raise error.within("resources") from None


def as_bytes(form: Any) -> Any:
    """Memory in bytes: a whole number as it is, or text with a unit.

    Raises:
        BadInput: It is text of another form.

    Examples:
        >>> as_bytes("4GiB"), as_bytes("1.5 KB"), as_bytes(100)
        (4294967296, 1500, 100)
    """
    if not isinstance(form, str):
        return form
    found = _MEMORY.fullmatch(form.replace(" ", ""))
    if found is None:
        fix = f"{_MEMORY_FIX}; units: {', '.join(_UNITS)}"
        raise BadInput("memory", form, "is no amount of memory", fix)
    return round(float(found[1]) * _UNITS[found[2]])


def bytes_text(size: float) -> Any:
    """Bytes as a spec may have them: text where they are whole in a unit of 1024s, else the number.

    >>> bytes_text(4 * 2**30), bytes_text(1500)
    ('4GiB', 1500)
    """
    for unit in ("TiB", "GiB", "MiB", "KiB"):
        if size >= _UNITS[unit] and size % _UNITS[unit] == 0:
            return f"{int(size) // _UNITS[unit]}{unit}"
    return int(size)


def amount_text(name: str, amount: float) -> str:
    """An amount of a resource, by the name that Ray has for it.

    >>> amount_text("CPU", 1), amount_text("GPU", 0.5), amount_text("memory", 2**31)
    ('1 CPU', '0.5 of a GPU', '2GiB of memory')
    """
    if name == "memory":
        return f"{_rounded(amount)} of memory"
    if name == "GPU" and 0 < amount < 1:
        return f"{amount:g} of a GPU"
    return f"{amount:g} {in_words(name)}{'s' if name in ('CPU', 'GPU') and amount != 1 else ''}"


def _rounded(size: float) -> str:
    exact = bytes_text(size)
    if isinstance(exact, str):
        return exact
    unit = next(unit for unit in ("TB", "GB", "MB", "KB", "B") if size >= _UNITS[unit] or unit == "B")
    return f"{size / _UNITS[unit]:.3g}{unit}"


def _known(form: Mapping[Any, Any]) -> dict[str, Any]:
    names = [field.name for field in fields(Resources)]
    for key, value in form.items():
        if key not in names:
            rule = "stands under a key that resources do not have"
            fix = f"{choices(names, str(key))}; what your cluster calls so: custom: {{{key}: …}}"
            raise BadInput(str(key), value, rule, fix)
    return dict(form)


def _named(custom: Any) -> Mapping[str, Any]:
    if not isinstance(custom, Mapping) or not all(isinstance(name, str) and name for name in custom):
        raise BadInput("custom", custom, "does not map names to amounts", "write custom: {name: 1}")
    for name in custom:
        if name in _NOT_CUSTOM:
            raise BadInput(f"custom.{name}", custom[name], "is none of the custom resources", _FIX)
    return custom


def _check_amount(name: str, value: Any) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not is_number or value < _LEAST:
        raise BadInput(name, value, f"must be a number from {_LEAST} on", _FIX)
    if name == "memory" and value != int(value):
        raise BadInput(name, value, "must be a whole number of bytes", _MEMORY_FIX)
