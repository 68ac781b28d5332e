"""The pages in docs/ whose code runs as it stands."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from sweeps.spec import read_yaml
from sweeps.spec.model import as_spec

DOCS = Path(__file__).parent.parent / "docs"


def blocks(page, language):
    found = re.findall(rf"```{language}\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return found


def test_both_sides_of_coming_from_optuna_find_the_optimum(ray_cluster, in_folder, capsys):
    for block in blocks("coming_from.md", "python"):
        exec(compile(block, "coming_from.md", "exec"), {"__name__": "page"})  # noqa: S102
    found = [eval(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]  # noqa: S307
    assert [set(config) for config in found] == [{"x", "kind"}] * 2
    assert found[1]["kind"] == "a"


def test_the_spec_of_coming_from_wandb_holds():
    (block,) = blocks("coming_from.md", "yaml")
    assert as_spec(read_yaml(block, "coming_from.md")).metric == "loss"


def test_the_tutorial_runs(in_folder, capsys):
    """Each line of a shell in its order, with the commands of this environment, then its Python."""
    commands = Path(sys.executable).parent
    assert shutil.which("caviar", path=str(commands))
    environment = {**os.environ, "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}"}
    for line in "".join(blocks("tutorial.md", "sh")).splitlines():
        done = subprocess.run(line, shell=True, env=environment, capture_output=True, text=True, check=False)  # noqa: S602
        assert done.returncode == 0, (line, done.stdout, done.stderr)
    exec(compile(blocks("tutorial.md", "python")[0], "tutorial.md", "exec"), {"__name__": "page"})  # noqa: S102
    assert "matter" in capsys.readouterr().out
    assert all(Path(name).exists() for name in ("out.csv", "winner.npz", "runs/sweep/report.html"))
