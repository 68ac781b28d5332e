"""Trains in processes of this machine while Ray starts, which takes as long as a small sweep."""

from __future__ import annotations

import os
from contextlib import ExitStack

import ray
from ray._private.authentication.authentication_token_setup import maybe_enable_token_auth_if_token_available

from cluster.answers import Ref
from cluster.head import Head
from cluster.session import Session, describe, on_loopback, quiet_raylet, starts_here, usable_cpus
from cluster.signals import own_handlers
from sweeps.execution import Workload
from sweeps.execution.process import Payload, ProcessActor, payload_of


def arriving(workload: Workload, address: str | None, workers: int | None) -> Arriving | None:
    """Start Ray on this machine in the background, where that is what an address asks for.

    Args:
        workload: What is to be trained meanwhile; None is returned where that cannot be sent to a process.
        address: As in `ray_session`.
        workers: How many there will be, as in `ray_session`.
    """
    if os.name != "posix" or workload.device != "cpu" or not starts_here(address):
        return None
    payload = payload_of(workload)
    return None if payload is None else Arriving(payload, max(workers or 0, usable_cpus()))


class Arriving:
    """A Ray of this machine that is on its way, and who trains until then.

    Args:
        payload: What they train.
        cpus: That Ray has for workers.

    Attributes:
        cpus: As above.
    """

    def __init__(self, payload: Payload, cpus: int) -> None:
        self.cpus = cpus
        self._payload = payload
        self._head = Head(cpus)
        self._joined = ExitStack()

    def __call__(self, name: str, number: int) -> tuple[ProcessActor, Ref]:
        """A worker in a process of its own, and a reference to what comes once it has loaded."""
        actor = ProcessActor(name)
        return actor, actor.load(self._payload, threads=1)

    def session(self) -> Session | None:
        """A connection to Ray once it is up; None before. Raises `RuntimeError` if it cannot be started."""
        address = self._head.address()
        if address is None:
            return None
        self._joined.enter_context(quiet_raylet())
        self._joined.callback(ray.shutdown)
        with own_handlers(), on_loopback():
            maybe_enable_token_auth_if_token_available(warn_if_disabled=False)
            ray.init(address=address, log_to_driver=False, configure_logging=False)
        return describe(None, is_own=True)

    def close(self) -> None:
        """Leave Ray, and have it end by itself."""
        self._joined.close()
        self._head.close()
