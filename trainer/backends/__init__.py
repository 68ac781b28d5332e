"""Where a stack's arrays live: NumPy on the CPU, or torch on the CPU or a GPU.

Array code is written once, with what `numpy` and `torch` offer under one name and signature: the
operators, and functions such as `matmul` and `sqrt` with `out=`. That is nearly all of it, so neither
a standard namespace, which has no `out=`, nor wrappers around each call are needed. The rest is here.
"""

from trainer.backends.backend import Backend, Index, Rule
from trainer.backends.select import DEVICES, backend_for, check_device

__all__ = ["DEVICES", "Backend", "Index", "Rule", "backend_for", "check_device"]
