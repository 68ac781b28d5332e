"""The two libraries that array code is written for."""

import pytest

from trainer.backends import backend_for

DEVICES = ("cpu", "torch-cpu")


def backend(device):
    """Of NumPy or torch; skips the test where there is no torch."""
    if device != "cpu":
        pytest.importorskip("torch")
    return backend_for(device)
