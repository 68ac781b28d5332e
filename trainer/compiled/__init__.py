"""One network on a CPU, whole epochs at a time, compiled by numba: array code's formulas without calls."""
