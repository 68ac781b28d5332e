"""Small files in the form of Fashion-MNIST."""

import gzip

import numpy as np

RNG = np.random.default_rng(0)
X, X_TEST = (RNG.integers(0, 256, (m, 28, 28), dtype=np.uint8) for m in (40, 20))
Y, Y_TEST = (np.arange(m, dtype=np.uint8) % 10 for m in (40, 20))
ARRAYS = {"x_train": X, "y_train": Y, "x_test": X_TEST, "y_test": Y_TEST}
NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def idx(array):
    """An idx file's content."""
    header = bytes([0, 0, 8, array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
    return header + array.tobytes()


def fill(folder, spelling="{}", arrays=ARRAYS):
    """Write the four idx files into a folder, which is given back."""
    folder.mkdir(exist_ok=True)
    for name, array in zip(NAMES, arrays.values(), strict=True):
        path = folder / spelling.format(name)
        path.write_bytes(gzip.compress(idx(array)) if path.suffix == ".gz" else idx(array))
    return folder


def form(path, **options):
    return {"name": "fashion-mnist", "path": str(path), **options}
