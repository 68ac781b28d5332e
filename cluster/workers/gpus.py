"""How the workers share the cluster's GPUs."""

from __future__ import annotations

from sweeps.errors import BadInput


def gpu_share(device: str, gpus: float, workers: int, asked: float | None = None) -> float:
    """The GPUs of each worker: a whole number of them, or an even part of one; 0 off the GPU.

    Args:
        device: Where workers train.
        gpus: Of the whole cluster.
        workers: How many share them.
        asked: How many each is to have, if that was said.

    Raises `BadInput` where the device is a GPU and the cluster has none, and where it is one by number:
    Ray gives each worker a GPU, which it sees as its only one.
    """
    if not device.startswith("cuda"):
        return asked or 0  # a trainable may know by itself what to do with one
    if device != "cuda":
        fix = "write device: cuda; --serial takes a GPU by number"
        raise BadInput("device", device, "names a GPU, but Ray hands them out itself", fix)
    if gpus < 1:
        fix = "join a cluster that has one (--address), or write device: cpu"
        raise BadInput("device", device, "needs a GPU, and the Ray cluster has none", fix)
    if asked is not None:
        return asked
    if gpus >= workers:
        return gpus // workers
    sharing = -(-workers // int(gpus))  # workers on the fullest GPU
    return 1 / sharing
