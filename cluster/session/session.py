"""Ray for as long as a sweep lasts: started here, kept here, joined at an address, or found running."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import ray

from cluster.connect.joining import named_by_variable, prepare_to_join
from cluster.connect.ray_here import job_told, join_here, start_here, usable_cpus
from cluster.connect.signals import own_handlers, replaced
from cluster.kept.joinable import joinable
from cluster.kept.usage import is_alone
from cluster.session.room import check_room, machines, needs
from sweeps.errors import BadInput
from sweeps.spec import DEFAULTS, Resources


@dataclass(frozen=True)
class Session:
    """A connection to Ray.

    Attributes:
        cpus: Of the whole cluster.
        gpus: Of the whole cluster.
        dashboard: Where a browser finds it, "" without one.
        needs_token: Whether the dashboard asks for one, as far as is known.
        is_own: Whether it was started here, for this sweep alone.
        is_here: Whether all workers run on this machine, as far as is known.
        joined: The address at which it was joined, in words, "" if it was not.
        notice: What the user should hear of how it was chosen, "" if nothing.
    """

    cpus: int
    gpus: float
    dashboard: str
    needs_token: bool
    is_own: bool
    is_here: bool
    joined: str = ""
    notice: str = ""

    @property
    def place(self) -> str:
        """Where it is, as it follows "4 workers on Ray"."""
        where = f" at {self.joined}" if self.joined else ""
        asks = "it asks for a token" if self.is_here else "should it ask for a token"
        hint = f" ({asks}: run `ray get-auth-token`)" if self.needs_token else ""
        return where + (f", dashboard http://{self.dashboard}{hint}" if self.dashboard else "")

    def is_alone(self) -> bool:
        """Whether the sweep is known to be alone on the cluster, which then has room for all its workers."""
        return self.is_own or (self.is_here and is_alone())


class Choice(NamedTuple):
    """Which Ray to use.

    place: where its address was given. address: None to start one here. kept: whether `caviar cluster start`
    has started it. notice: why another one is not used, "" if there is none.
    """

    place: str = "address"
    address: str | None = None
    kept: bool = False
    notice: str = ""

    @property
    def in_words(self) -> str:
        how = (
            " (caviar cluster)" if self.kept else " (from RAY_ADDRESS)" if self.place == "RAY_ADDRESS" else ""
        )
        return f"{self.address}{how}" if self.address is not None else ""


@contextmanager
def ray_session(
    address: str | None,
    workers: int | None,
    resources: Resources = DEFAULTS.resources,
    told: Mapping[str, str] | None = None,
) -> Iterator[Session]:
    """Connect to Ray, and leave it as it was found.

    Args:
        address: Of a running cluster, or "auto" for the one that runs on this machine. "local" starts one
            here. None uses the Ray that this process is connected to, else the cluster that the variable
            RAY_ADDRESS names, as it does inside a Ray job, else the one that `caviar cluster start` keeps,
            else starts one here.
        workers: How many there will be; None for as many as there is room for.
        resources: What each of them gets.
        told: What Ray's dashboard says of this program, such as the sweep's name and folder.

    Yields:
        The connection, until the block ends.

    Raises:
        BadInput: If the cluster cannot be joined, or has no room for the workers.

    Example:
        with ray_session("10.0.0.1:6379", workers=None) as session:
            print(session.cpus)
    """
    if ray.is_initialized():
        _refuse_another(address)
        yield describe(workers, resources)
        return
    cpus = (workers or 1) * resources.cpus
    choice = choose(address, cpus)
    if choice.address not in (None, "auto") and not choice.kept:
        prepare_to_join(choice.place, choice.address)
    with quiet_raylet():
        try:
            with own_handlers():
                _start(choice, cpus, told)
            yield describe(workers, resources, choice)
        finally:
            ray.shutdown()


def _refuse_another(address: str | None) -> None:
    if address is not None:
        fix = "leave the address out to use that one, or call ray.shutdown() first"
        rule = "cannot be joined: this process is connected to a Ray already"
        raise BadInput("address", address, rule, fix)


def choose(address: str | None, cpus: float) -> Choice:
    """Which Ray a process uses that is connected to none, as `ray_session` says."""
    if address is not None:
        return Choice(address=None if address == "local" else address)
    found = named_by_variable()
    if found is None:
        kept, notice = joinable(cpus)
        return Choice(address=kept.address, kept=True) if kept is not None else Choice(notice=notice)
    return Choice() if found == "local" else Choice("RAY_ADDRESS", found)


def starts_here(address: str | None, cpus: float) -> bool:
    """Whether a cluster would be started on this machine, for one sweep that needs so many CPUs alone."""
    return not ray.is_initialized() and choose(address, cpus).address is None


def _start(choice: Choice, cpus: float, told: Mapping[str, str] | None) -> None:
    logging.getLogger("ray").setLevel(logging.ERROR)
    place, address, kept, _ = choice
    try:
        if address is None:
            start_here(max(math.ceil(cpus), usable_cpus()), told)
        elif kept:
            join_here(address, told)
        else:
            config = job_told(told)
            ray.init(address=address, log_to_driver=False, configure_logging=False, job_config=config)
    except (ConnectionError, ValueError, RuntimeError) as error:
        if address is None:
            raise
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        fix = "check that a cluster runs there (`ray status`), or give --address local to start one here"
        raise BadInput(place, address, f"cannot be joined: {reason}", fix) from error


def describe(workers: int | None, resources: Resources, choice: Choice | None = None) -> Session:
    """The Ray that this process is connected to, since it has chosen that; None where it was before.

    Raises `BadInput` where it has no room for the workers.
    """
    is_own, choice = choice is not None and choice.address is None, choice or Choice()
    there: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
    cpus = int(there.get("CPU", 0))
    if cpus < 1:
        raise BadInput(
            "address", cpus, "CPUs are in the cluster, and a worker needs one", "start Ray with num_cpus"
        )
    check_room(needs(resources), machines(), workers)
    dashboard = getattr(ray._private.worker._global_node, "webui_url", None) or ""
    is_here = is_own or choice.kept
    return Session(
        cpus=cpus,
        gpus=there.get("GPU", 0.0),
        dashboard=dashboard,
        needs_token=os.environ.get("RAY_AUTH_MODE") == "token",
        is_own=is_own,
        is_here=is_here,
        joined=choice.in_words,
        notice=choice.notice,
    )


def quiet_raylet() -> AbstractContextManager[None]:
    """Keep the raylet's remarks, such as on a worker that died, off the screen; the sweep says so itself."""
    return replaced(ray._private.worker, "print_to_stdstream", lambda *args, **kwargs: None)
