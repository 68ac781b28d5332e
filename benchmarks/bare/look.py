"""Says what a machine has: Python, the packages that matter, GPUs, and whether ours can be imported."""

from __future__ import annotations

import importlib
import os
import platform
import sys

PACKAGES = (
    *("numpy", "scipy", "torch", "triton", "jax", "numba", "pandas", "pyarrow", "pydantic", "yaml"),
    *("threadpoolctl", "sklearn", "pytest", "hypothesis", "ray", "trainer", "sweeps"),
)


def main() -> None:
    print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs, {platform.platform()}")
    for name in PACKAGES:
        try:
            module = importlib.import_module(name)
        except Exception as error:  # whatever is wrong with it, that is what is to be said
            print(f"  {name:14} missing: {type(error).__name__}: {error}".split("\n")[0])
        else:
            told = (
                "stands in" if type(module).__name__ == "Absent" else getattr(module, "__version__", "there")
            )
            print(f"  {name:14} {told}")
    torch = sys.modules.get("torch")
    if torch is not None:
        print(f"  torch's CUDA {torch.version.cuda}, GPUs {torch.cuda.device_count()}")
        for number in range(torch.cuda.device_count()):
            print(f"  cuda:{number}: {torch.cuda.get_device_properties(number)}")


if __name__ == "__main__":
    main()
