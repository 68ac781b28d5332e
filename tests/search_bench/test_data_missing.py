"""What is said where a source's data, or what reads them, are not there."""

import sys
from argparse import Namespace

import pytest

from benchmarks.search.__main__ import _compare
from benchmarks.search.problems import SOURCES, load_problems
from benchmarks.search.results import Results
from sweeps.errors import BadInput
from tests.search_bench.toy import Toy


@pytest.mark.parametrize("source", sorted(set(SOURCES) - {"trained"}))
def test_missing_data_are_named(source, tmp_path):
    with pytest.raises(BadInput, match=r"data: .*|needs onnxruntime"):
        load_problems(tmp_path, [source])


def test_the_extra_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(BadInput, match=r"(?s)needs onnxruntime.*search-bench"):
        load_problems(tmp_path, ["lcbench"])


def test_the_extra_is_asked_for_by_a_peer(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "dehb", None)
    monkeypatch.delitem(sys.modules, "benchmarks.search.peers.dehb_peer", raising=False)
    given = Namespace(first_seed=0, seeds=1, peers=["dehb"], workers=[1], budgets=[5])
    with pytest.raises(BadInput, match=r"(?s)needs dehb.*search-bench"):
        _compare([Toy()], given, Results(tmp_path / "out.csv"))
