"""Finds the backend of a device."""

from __future__ import annotations

import importlib.util
import re

from trainer.backends.backend import Backend
from trainer.backends.numpy_backend import NumpyBackend
from trainer.errors import ConfigError

DEVICES = ("cpu", "torch-cpu", "cuda", "cuda:0")
INSTALL = 'pip install "caviar-sweeps[torch]"'


def check_device(device: str) -> None:
    """Raise `ConfigError` where nothing can be trained on the device: no such one, no torch, no GPU.

    device: "cpu" is NumPy, "torch-cpu" torch on the CPU, "cuda" or "cuda:1" a GPU by torch.
    """
    if device == "cpu":
        return
    if device != "torch-cpu" and not re.fullmatch(r"cuda(:(0|[1-9][0-9]*))?", device):
        raise ConfigError("device", device, "is not a device", f"choose one of {', '.join(DEVICES)}, …")
    if importlib.util.find_spec("torch") is None:
        raise ConfigError(
            "device", device, "needs torch, which is not installed", f"{INSTALL}, or device: cpu"
        )
    if device != "torch-cpu":
        _check_gpu(device)


def backend_for(device: str, capture: bool = True) -> Backend:
    """The backend of a device. Raises `ConfigError` as `check_device` does.

    capture: whether a GPU records a step and replays it.
    """
    check_device(device)
    if device == "cpu":
        return NumpyBackend()
    from trainer.backends.cuda_backend import CudaBackend
    from trainer.backends.torch_backend import TorchBackend

    return TorchBackend() if device == "torch-cpu" else CudaBackend(device, capture)


def _check_gpu(device: str) -> None:
    import torch

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if not count:
        rule = "needs a GPU, and torch finds none"
        fix = "check that nvidia-smi lists one and that torch is built for CUDA, or write device: cpu"
        raise ConfigError("device", device, rule, fix)
    number = int(device.partition(":")[2] or 0)
    if number >= count:
        valid = ", ".join(f"cuda:{i}" for i in range(count))
        raise ConfigError(
            "device", device, "is not among the GPUs that torch finds", f"choose one of {valid}"
        )
