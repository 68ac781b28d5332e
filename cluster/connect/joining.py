"""Which Ray cluster RAY_ADDRESS names, and a look at one before it is joined: Ray would wait long."""

from __future__ import annotations

import json
import os
import platform
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ray
from ray._private.authentication.authentication_token_setup import maybe_enable_token_auth_if_token_available
from ray._raylet import GcsClient  # type: ignore[attr-defined]
from ray.exceptions import AuthenticationError

from sweeps.errors import BadInput

_KNOCK_SECONDS = 5.0
_ANSWER_SECONDS = 5
_FOR_JOBS = ("http://", "https://")  # where `ray job submit` sends a job, and no cluster to join
_CHECK = "check that a cluster runs there (`ray status`), or give --address local to start one here"
_LET_IN = (
    "copy ~/.ray/auth_token from the machine where the cluster was started to this one, or put what"
    " `ray get-auth-token` prints there into the variable RAY_AUTH_TOKEN, with RAY_AUTH_MODE=token"
)


def named_by_variable() -> str | None:
    """The address that RAY_ADDRESS gives: host:port, "auto", or "local" for none; None where it is not set.

    Empty is not set, as for Ray itself.
    """
    found = os.environ.get("RAY_ADDRESS") or None
    return "local" if found is not None and found.startswith(_FOR_JOBS) else found


def prepare_to_join(place: str, address: str) -> None:
    """Check that a cluster answers at the address, lets this process in, and runs the same Ray and Python.

    A cluster that asks for a token gets the one of this machine's user, if there is one.

    Args:
        place: Where the user gave the address: "address" or "RAY_ADDRESS".
        address: Such as 10.0.0.1:6379.

    Raises:
        BadInput: If it cannot be joined: what is the matter, and what to do.
    """
    _check_form(place, address)
    _knock(place, address)
    with _silence():  # Ray's own library complains on the error stream as well
        metadata = _metadata(place, address)
    _check_versions(place, address, metadata)


def _check_form(place: str, address: str) -> None:
    host, _, port = address.rpartition(":")
    if "/" in address or not host or not port.isdigit():
        raise BadInput(place, address, "is not of the form host:port", "write 10.0.0.1:6379, auto or local")


def _knock(place: str, address: str) -> None:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_KNOCK_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise BadInput(place, address, f"cannot be reached: {error}", _CHECK) from error


def _metadata(place: str, address: str) -> dict[str, Any]:
    try:
        return _ask(address)
    except AuthenticationError:
        pass
    except Exception as error:  # Ray's own errors, or what a client makes of another server's answer
        raise BadInput(place, address, "is open, but no Ray cluster answers there", _CHECK) from error
    if not maybe_enable_token_auth_if_token_available(warn_if_disabled=False):
        raise BadInput(place, address, "asks for a token, and this process has none", _LET_IN)
    try:
        return _ask(address)
    except AuthenticationError as error:
        raise BadInput(place, address, "asks for another token than this process has", _LET_IN) from error


def _ask(address: str) -> dict[str, Any]:
    found: bytes = GcsClient(address=address).internal_kv_get(
        b"CLUSTER_METADATA", b"cluster", timeout=_ANSWER_SECONDS
    )
    metadata: dict[str, Any] = json.loads(found) if found else {}
    return metadata


def _check_versions(place: str, address: str, metadata: dict[str, Any]) -> None:
    theirs = metadata.get("ray_version"), metadata.get("python_version")
    ours = ray.__version__, platform.python_version()
    if None not in theirs and theirs != ours:
        rule = (
            f"runs Ray {theirs[0]} on Python {theirs[1]}, and this process Ray {ours[0]} on Python {ours[1]}"
        )
        raise BadInput(place, address, rule, "install the same versions on both sides")


@contextmanager
def _silence() -> Iterator[None]:
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
