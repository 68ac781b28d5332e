"""`caviar panda`, `nudge` and `replay`: what they print, and their exit codes."""

import json

import pytest

from tests.nudging.pandas_by_hand import SPACE, babysat


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("panda") / "p"
    babysat(out, {5: {"fork": True, "l2": 0.03}}, epochs=12)
    return out


def test_the_commands(command, folder, tmp_path):
    code, out, err = command("replay", folder, "--trial", "1")
    assert (code, err) == (0, "")
    assert (
        "branch 1, from epoch 5 of branch 0: 7 epochs trained again; all metrics, and the weights of" in out
    )
    assert command("nudge", folder, "--suggest")[0] == 0
    code, _, err = command("nudge", folder, "l2=1")
    assert code == 2
    assert "nobody works on" in err
    code, _, err = command("replay", folder, "--trial", "9")
    assert code == 2
    assert "is no trial that has been trained" in err
    spec = tmp_path / "p.yaml"
    spec.write_text(json.dumps({"data": "digits", "epochs": 2, "space": {**SPACE, "l2": {"log": [1e-5, 1]}}}))
    code, _, err = command("panda", spec, "--out", tmp_path / "q")
    assert code == 2
    assert "has several values, and a panda begins with one\n  fix: say which: --config l2=…" in err
    code, out, _ = command("panda", spec, "--config", "l2=1e-3", "--out", tmp_path / "q", "--plain")
    assert code == 0
    assert "1 of 1 trials (1 completed), 2 epochs" in out
