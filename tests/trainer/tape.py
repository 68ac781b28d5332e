"""A captured step, as a CUDA graph is one, on the CPU: what a step did, once more, in the same memory."""

import contextlib

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from trainer.backends.cuda_backend import CudaBackend

# What waits for the device, moves data from the host, or has a shape that depends on numbers.
FORBIDDEN = ("_local_scalar_dense", "lift_fresh", "nonzero", "masked_select", "_unique", "is_nonzero")
HOST = ((torch.Tensor, "numpy"), (torch.Tensor, "cpu"), (torch.Tensor, "__array__"), (torch, "from_numpy"))


class Tape(TorchDispatchMode):
    """Records the kernels that run; `replay` runs them on the same tensors, into the same tensors."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        assert not any(name in str(func) for name in FORBIDDEN), func
        result = func(*args, **(kwargs or {}))
        self.calls.append((func, args, kwargs or {}, result))
        return result

    def replay(self):
        for func, args, kwargs, result in self.calls:
            returns = func._schema.returns
            if func.is_view:
                continue
            again = func(*args, **kwargs)
            if all(each.alias_info is None for each in returns):
                for old, new in zip(tree_leaves(result), tree_leaves(again), strict=True):
                    old.copy_(new)


def _refuse(*args, **kwargs):
    raise AssertionError("a step went to the host")


class CountedBackend(CudaBackend):
    """CUDA's on the CPU. Steps are counted on the device; tape: record the first one and replay it.

    steps: how each was run.
    """

    def __init__(self, monkeypatch, *, tape):
        super().__init__("cpu")
        self.monkeypatch, self.tape, self.steps = monkeypatch, tape, []

    def compiled(self, rule):
        return rule

    def arithmetic(self):
        return contextlib.nullcontext()

    def runner(self):
        counter, taped = torch.zeros(1, dtype=torch.int64), []

        def run(step, first, last):
            counter.fill_(first)
            for _ in range(first, last):
                self.steps.append("replayed" if taped else "run")
                if taped:
                    taped[0].replay()
                else:
                    tape = self._record(lambda: (step(counter), counter.add_(1)))
                    taped.extend([tape] if self.tape else [])

        return run

    def _record(self, step):
        with self.monkeypatch.context() as patched, Tape() as tape:
            for owner, name in HOST:
                patched.setattr(owner, name, _refuse)
            step()
        return tape
