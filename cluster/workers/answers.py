"""What workers answer, those on Ray and those in processes of this machine alike."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from multiprocessing.connection import wait as wait_for_connections
from typing import Any, TypeAlias

import ray
from ray.exceptions import RayError, RayTaskError

from sweeps.errors import last_line
from sweeps.execution.process import Answer, CallRaised, WorkerDied

Ref: TypeAlias = Any  # an `Answer`, or a ray.ObjectRef, whose generic form Ray does not export
_TURN_SECONDS = 0.01  # so long one kind of answer is waited for while the other is looked at


def take(ref: Ref) -> Any:
    """The value behind a reference that is ready. Raises `WorkerDied` and `CallRaised`."""
    if isinstance(ref, Answer):
        return ref.take()
    try:
        return ray.get(ref)
    except RayTaskError as error:
        raise CallRaised(str(error)) from None
    except RayError as error:  # all others tell of a worker that is gone: crashed, killed for its memory …
        raise WorkerDied(str(error), _why(error)) from None


def _why(error: RayError) -> str:
    """Ray's reason in one line."""
    text = " ".join(str(error).split())
    detail = re.search(r"Worker exit detail: (.*?\.)(?: |$)", text)
    return detail.group(1) if detail else last_line(str(error))


def ready(refs: Iterable[Ref], timeout: float) -> list[Ref]:
    """Those whose value or error has come, after waiting for the first at most so many seconds."""
    every = list(refs)
    answers = [ref for ref in every if isinstance(ref, Answer)]
    rays = [ref for ref in every if not isinstance(ref, Answer)]
    if not answers:
        return _ready_on_ray(rays, timeout)
    deadline = time.monotonic() + timeout
    while True:
        left = max(deadline - time.monotonic(), 0.0)
        _receive(answers, min(left, _TURN_SECONDS) if rays else left)
        found = [answer for answer in answers if answer.done] + _ready_on_ray(rays, 0)
        if found or not left:
            return found


def _ready_on_ray(refs: list[Ref], timeout: float) -> list[Ref]:
    if not refs:
        return []
    if timeout:
        ray.wait(refs, num_returns=1, timeout=timeout, fetch_local=False)
    found, _ = ray.wait(refs, num_returns=len(refs), timeout=0, fetch_local=False)
    return found


def _receive(answers: list[Answer], timeout: float) -> None:
    """Let answers come in from their processes, after waiting for the first."""
    sources = {each.source for each in answers if not each.done and each.source is not None}
    if any(each.done for each in answers):
        timeout = 0
    if not sources:
        time.sleep(timeout)
        return
    found = wait_for_connections([each.connection for each in sources], timeout)
    for source in sources:
        if source.connection in found:
            source.receive()
