"""Whether a cluster has room for the workers, by what each of them needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import ray

from sweeps.errors import BadInput, shown
from sweeps.spec import Resources, amount_text

Amounts: TypeAlias = Mapping[str, float]
"""How much of each resource, by the name that Ray has for it: CPU, GPU, memory, or one of the user's."""

_KEYS = {"CPU": "cpus", "GPU": "gpus", "memory": "memory"}
_ROUNDING = 1e-6


def needs(resources: Resources) -> Amounts:
    """What a worker needs that has these; an even share of the GPUs is not among it."""
    asked = {"CPU": resources.cpus, "GPU": resources.gpus, "memory": resources.memory, **resources.custom}
    return {name: amount for name, amount in asked.items() if amount is not None}


def machines() -> list[Amounts]:
    """What each machine of the cluster has, free or not."""
    nodes: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]
    return [node["Resources"] for node in nodes if node["Alive"]]


def room(needs: Amounts, machines: Sequence[Amounts]) -> int:
    """For how many workers there is a place; each of them lives on one machine.

    >>> room({"CPU": 2, "memory": 10}, [{"CPU": 8, "memory": 35}, {"CPU": 1, "memory": 100}])
    3
    """
    return sum(
        min(_times(machine.get(name, 0), need) for name, need in needs.items()) for machine in machines
    )


def check_room(needs: Amounts, machines: Sequence[Amounts], workers: int | None) -> None:
    """Raise `BadInput` where there is no room for one worker, or for as many as are asked for."""
    there = room(needs, machines)
    if there >= (workers or 1):
        return
    alone = {name: room({name: need}, machines) for name, need in needs.items()}
    scarce = min(alone, key=lambda name: alone[name])
    if there == 0:
        raise _none(scarce, needs, machines) if alone[scarce] == 0 else _nowhere_together(needs)
    has = amount_text(scarce, sum(machine.get(scarce, 0) for machine in machines))
    each = amount_text(scarce, needs[scarce])
    rule = f"is more than the {has} of the cluster" + ("" if each == "1 CPU" else f", with {each} for each")
    raise BadInput("workers", workers, rule, f"give at most {there}")


def _none(scarce: str, needs: Amounts, machines: Sequence[Amounts]) -> BadInput:
    most = max((machine.get(scarce, 0) for machine in machines), default=0)
    place = f"resources.{_KEYS.get(scarce, f'custom.{scarce}')}"
    has = f"at most {amount_text(scarce, most)}" if most else f"no {scarce}"
    rule = f"is more than any machine of the Ray cluster has: {has}"
    return BadInput(place, needs[scarce], rule, "ask for less, or join a cluster that has it (--address)")


def _nowhere_together(needs: Amounts) -> BadInput:
    asked = ", ".join(amount_text(name, amount) for name, amount in needs.items())
    rule = "has its parts in the cluster, but no machine has all of them"
    return BadInput("resources", shown(asked), rule, "ask for less of one of them")


def _times(has: float, need: float) -> int:
    return int(has / need + _ROUNDING)
