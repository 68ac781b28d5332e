"""Trains in processes of this machine while Ray starts, which takes as long as a small sweep."""

from __future__ import annotations

import logging
import math
import os
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack

import ray
from ray import cloudpickle
from ray._private.authentication.authentication_token_setup import maybe_enable_token_auth_if_token_available

from cluster.connect.background import Head
from cluster.connect.ray_here import join_here, usable_cpus
from cluster.connect.signals import own_handlers
from cluster.session import Choice, Session, choose, describe, quiet_raylet
from cluster.workers.answers import Ref
from cluster.workers.shipping import payload_of
from sweeps.execution import Workload
from sweeps.execution.process import Payload, ProcessActor
from sweeps.spec import Resources

_LATER = 10.0  # so many seconds a sweep does without Ray, whose start takes several of all CPUs' …
_WORTH = 60.0  # … and as a whole where it may last no longer than this


def arriving(
    workload: Workload,
    address: str | None,
    workers: int | None,
    limit: float | None = None,
    told: Mapping[str, str] | None = None,
) -> Arriving | None:
    """A Ray that is to be started on this machine in the background, where that is what an address asks for.

    Args:
        workload: What is to be trained meanwhile.
        address: As in `ray_session`.
        workers: How many there will be, as in `ray_session`.
        limit: For how many seconds the sweep may last; None where nobody has said.
        told: As in `ray_session`.

    Returns:
        None where the address is that of a cluster, or nothing is to be trained meanwhile: on a GPU, whose
        memory two processes would need at once, on data too large for a copy a process, and where Ray is to
        say whether it has the memory that each worker wants.

    Raises:
        BadInput: If the trainable or its data cannot be sent to a worker.
    """
    asked = workload.resources
    if os.name != "posix" or workload.device != "cpu" or asked != Resources(cpus=asked.cpus):
        return None
    needed = (workers or 1) * asked.cpus
    if ray.is_initialized() or (choice := choose(address, needed)).address is not None:
        return None
    payload = payload_of(workload)
    if payload is None:
        return None
    cpus = max(math.ceil(needed), usable_cpus())
    later = _LATER if limit is None or limit > _WORTH else math.inf
    return Arriving(payload, cpus, lambda: Head(cpus), choice, later, told)


class Arriving:
    """A Ray of this machine that is on its way, and who trains until then.

    Args:
        payload: What they train.
        cpus: That Ray has for workers.
        head: Starts the process that starts it.
        choice: How it came to be chosen.
        later: In how many seconds it is to be started, inf for never.
        told: What its dashboard says of this program.

    Attributes:
        never: Whether it is not to be started, unless workers can do nothing without it.
    """

    def __init__(
        self,
        payload: Payload,
        cpus: int,
        head: Callable[[], Head],
        choice: Choice = Choice(),  # noqa: B008 - frozen
        later: float = 0.0,
        told: Mapping[str, str] | None = None,
    ) -> None:
        self.never, self._due = later == math.inf, time.monotonic() + later
        self._choice, self._told = choice, told
        self.cpus, self._payload, self._start = cpus, payload, head
        self._head: Head | None = None
        self._joined = ExitStack()

    @property
    def is_due(self) -> bool:
        """Whether it is worth its start by now."""
        return time.monotonic() > self._due

    def start(self) -> None:
        """Start Ray, unless that has been done."""
        if self._head is None:
            self._head = self._start()

    def __call__(self, name: str, number: int) -> tuple[ProcessActor, Ref]:
        """A worker in a process of its own, and a reference to what comes once it has loaded."""
        actor = ProcessActor(name, cloudpickle.dumps, self._payload.rest.resources.threads)
        return actor, actor.load(self._payload)

    def session(self) -> Session | None:
        """A connection to Ray once it is up; None before.

        Raises:
            RuntimeError: It cannot be started, or not be joined.
        """
        address = None if self._head is None else self._head.address()
        if address is None:
            return None
        self._joined.enter_context(quiet_raylet())
        self._joined.callback(ray.shutdown)
        logging.getLogger("ray").setLevel(logging.ERROR)
        try:
            with own_handlers():
                maybe_enable_token_auth_if_token_available(warn_if_disabled=False)
                join_here(address, self._told)
        except (ConnectionError, ValueError) as error:
            raise RuntimeError(f"Ray could not be joined: {error}") from error
        return describe(None, self._payload.rest.resources, self._choice)

    def close(self) -> None:
        """Leave Ray, and have it end by itself."""
        self._joined.close()
        if self._head is not None:
            self._head.close()
