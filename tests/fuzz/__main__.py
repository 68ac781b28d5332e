"""Fuzzes one reader, guided by coverage: python -m tests.fuzz TARGET [libFuzzer options].

Needs `pip install atheris`, which the tests do without. What it finds is written to a file crash-….
"""

import sys

import atheris

with atheris.instrument_imports(include=["sweeps", "yaml", "zipfile"]):
    from tests.fuzz.targets import TARGETS

if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
    sys.exit(f"give one of: {', '.join(TARGETS)}")
atheris.Setup([sys.argv[0], *sys.argv[2:]], TARGETS[sys.argv[1]])
atheris.Fuzz()
