"""The README's code runs as it stands."""

import re
from pathlib import Path

import pytest

from sweeps.face import execute, plan_from_spec
from sweeps.space import Space
from sweeps.spec import read_spec, read_yaml

ROOT = Path(__file__).parent.parent
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)


def blocks(language):
    found = [text for kind, text in BLOCKS if kind == language]
    assert found
    return found


@pytest.fixture
def digits(in_folder):
    """A short sweep by the demo's spec, in the folder that the README reads."""
    spec = read_spec(ROOT / "examples" / "digits.yaml", ["trials=20", "epochs=9"])
    return execute(plan_from_spec(spec, ROOT / "examples"), serial=True)


def test_python_blocks_run(digits, ray_cluster, capsys):
    names = {"__name__": "readme"}  # one session, as a reader would type it
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), names)  # noqa: S102
    out = capsys.readouterr().out
    assert "Best(trial=" in out
    assert "learning_rate" in out


def test_the_spec_block_holds():
    form = read_yaml(blocks("yaml")[0], "README")
    assert Space(form["space"]).searched


def test_the_demo_finds_a_good_model(digits):
    assert digits.trials["repeats"].isna().sum() == 20
    assert digits.best.metrics["test_accuracy"] > 0.9
    assert digits.best.seeds == 3
    assert {"train_loss", "val_loss", "test_loss"} < digits.best.metrics.keys()
