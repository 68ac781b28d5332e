"""The same asks and tells give the jobs that they gave when they were recorded."""

import pytest

from tests.schedulers.replay import CASES, recorded, replay, rounding

ROUNDING, LINES = recorded()


@pytest.mark.parametrize(
    ("case", "line"), list(zip(CASES, LINES, strict=True)), ids=[repr(case) for case in CASES]
)
def test_the_same_jobs_as_recorded(case, line):
    assert line["case"] == repr(case)
    if case.scheduler == "optuna":
        pytest.importorskip("optuna")
    if case.by_model and rounding() != ROUNDING:
        pytest.skip("this machine's libraries round otherwise than those of the recording")
    assert replay(case, line["steps"]) == line["rounds"]
