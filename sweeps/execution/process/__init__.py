"""Workers in processes of this machine, without Ray."""

from sweeps.execution.process.actor import ProcessActor
from sweeps.execution.process.answer import Answer, CallRaised, WorkerDied
from sweeps.execution.process.payload import Payload
from sweeps.execution.process.spawn import spawn

__all__ = ["Answer", "CallRaised", "Payload", "ProcessActor", "WorkerDied", "spawn"]
