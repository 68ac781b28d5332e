"""Trains in processes of this machine while Ray starts, which takes as long as a small sweep."""

from __future__ import annotations

import os
from contextlib import ExitStack

import ray
from ray import cloudpickle
from ray._private.authentication.authentication_token_setup import maybe_enable_token_auth_if_token_available

from cluster.answers import Ref
from cluster.head import Head
from cluster.session import Session, describe, on_loopback, quiet_raylet, starts_here, usable_cpus
from cluster.shipping import payload_of
from cluster.signals import own_handlers
from sweeps.execution import Workload
from sweeps.execution.process import Payload, ProcessActor


def arriving(workload: Workload, address: str | None, workers: int | None) -> Arriving | None:
    """Start Ray on this machine in the background, where that is what an address asks for.

    Args:
        workload: What is to be trained meanwhile.
        address: As in `ray_session`.
        workers: How many there will be, as in `ray_session`.

    Returns:
        None where the address is that of a cluster, or nothing is to be trained meanwhile: on a GPU, whose
        memory two processes would need at once, and on data too large for a copy a process.

    Raises:
        BadInput: If the trainable or its data cannot be sent to a worker.
    """
    if os.name != "posix" or workload.device != "cpu" or not starts_here(address):
        return None
    payload = payload_of(workload)
    if payload is None:
        return None
    cpus = max(workers or 0, usable_cpus())
    return Arriving(payload, cpus, Head(cpus))


class Arriving:
    """A Ray of this machine that is on its way, and who trains until then.

    Args:
        payload: What they train.
        cpus: That Ray has for workers.
        head: The process that starts it.
    """

    def __init__(self, payload: Payload, cpus: int, head: Head) -> None:
        self.cpus, self._payload, self._head = cpus, payload, head
        self._joined = ExitStack()

    def __call__(self, name: str, number: int) -> tuple[ProcessActor, Ref]:
        """A worker in a process of its own, and a reference to what comes once it has loaded."""
        actor = ProcessActor(name, cloudpickle.dumps)
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
