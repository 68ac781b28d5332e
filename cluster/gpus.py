"""How the workers share the cluster's GPUs."""

from __future__ import annotations

from sweeps.errors import BadInput


def gpu_share(device: str, gpus: float, workers: int) -> float:
    """The GPUs of each worker: a whole number of them, or an even part of one; 0 off the GPU.

    Raises `BadInput` where the device is a GPU and the cluster has none, and where it is one by number:
    Ray gives each worker a GPU, which it sees as its only one.
    """
    if not device.startswith("cuda"):
        return 0
    if device != "cuda":
        fix = "write device: cuda; --serial takes a GPU by number"
        raise BadInput("device", device, "names a GPU, but Ray hands them out itself", fix)
    if gpus < 1:
        fix = "join a cluster that has one (--address), or write device: cpu"
        raise BadInput("device", device, "needs a GPU, and the Ray cluster has none", fix)
    if gpus >= workers:
        return gpus // workers
    sharing = -(-workers // int(gpus))  # workers on the fullest GPU
    return 1 / sharing
