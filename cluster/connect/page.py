"""Where the dashboard of a cluster is that was started elsewhere."""

from __future__ import annotations

import os
from typing import NamedTuple

from ray._private.ray_constants import KV_NAMESPACE_DASHBOARD
from ray._private.services import get_ray_address_from_environment
from ray._raylet import GcsClient  # type: ignore[attr-defined]

from cluster.connect.joining import prepare_to_join
from sweeps.errors import BadInput

_ANSWER_SECONDS = 5
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Page(NamedTuple):
    """A dashboard.

    Attributes:
        place: Its host and port, "" where the cluster has none.
        asks: Whether it may ask for a token.
        only_there: The machine whose browsers alone reach it, "" where others do, too.
    """

    place: str
    asks: bool
    only_there: str


def page_of(where: str, address: str) -> Page:
    """The dashboard of the cluster at an address.

    Args:
        where: Where the address was given: "address" or "RAY_ADDRESS".
        address: Such as 10.0.0.1:6379, or "auto" for the one that runs on this machine.

    Raises:
        BadInput: As `prepare_to_join`, and where none runs on this machine, or the address is "local".
    """
    if address == "local":
        rule = "names no cluster: it has each sweep start a Ray of its own, and say where its dashboard is"
        raise BadInput(where, address, rule, "write 10.0.0.1:6379, or auto for the one on this machine")
    if address == "auto":
        address = _on_this_machine(where)
    prepare_to_join(where, address)
    found = GcsClient(address=address).internal_kv_get(
        b"webui:url", KV_NAMESPACE_DASHBOARD, timeout=_ANSWER_SECONDS
    )
    place = found.decode().removeprefix("http://") if found else ""
    there, host = address.rpartition(":")[0], place.rpartition(":")[0]
    only_there = there if host in _LOOPBACK and there not in _LOOPBACK else ""
    # A process that was let in without one has joined a cluster that asks for none.
    return Page(place, os.environ.get("RAY_AUTH_MODE") == "token", only_there)


def _on_this_machine(where: str) -> str:
    """The address that `ray.init` makes of "auto"."""
    try:
        return str(get_ray_address_from_environment("auto", None))
    except ConnectionError as error:
        rule = "names no cluster: none runs on this machine"
        fix = "start one with `caviar cluster start`, or write the address of one elsewhere: 10.0.0.1:6379"
        raise BadInput(where, "auto", rule, fix) from error
