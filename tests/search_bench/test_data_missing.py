"""What is said where a source's data, or what reads them, are not there."""

import sys

import pytest

from benchmarks.search.problems import SOURCES, load_problems
from sweeps.errors import BadInput


@pytest.mark.parametrize("source", sorted(set(SOURCES) - {"trained"}))
def test_missing_data_are_named(source, tmp_path):
    with pytest.raises(BadInput, match=r"data: .*|needs onnxruntime"):
        load_problems(tmp_path, [source])


def test_the_extra_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(BadInput, match=r"(?s)needs onnxruntime.*search-bench"):
        load_problems(tmp_path, ["lcbench"])
