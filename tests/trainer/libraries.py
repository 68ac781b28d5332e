"""Where array code is tested: NumPy, torch on the CPU and, where one is asked for, a GPU.

`CAVIAR_TEST_DEVICE=cuda pytest tests/trainer` runs on that device, too, what runs on torch.
"""

import os

import numpy as np
import pytest

from trainer.backends import backend_for

GPUS = tuple(filter(None, [os.environ.get("CAVIAR_TEST_DEVICE")]))
ON_TORCH = ("torch-cpu", *GPUS)
DEVICES = ("cpu", *ON_TORCH)


def backend(device):
    """Of NumPy or torch; skips the test where there is no torch."""
    if device != "cpu":
        pytest.importorskip("torch")
    return backend_for(device)


def host(x):
    """As NumPy's array, wherever it lies: a GPU's tensor does not become one by itself."""
    return x.numpy(force=True) if hasattr(x, "numpy") else np.asarray(x)
