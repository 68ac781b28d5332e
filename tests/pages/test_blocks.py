"""Every block of code in the README and in docs/ runs, page by page, in the order in which it is read."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import matplotlib.pyplot as pyplot
import pytest
import typer

from sweeps.command import main
from sweeps.command.app import app
from sweeps.face import execute, plan_from_spec
from sweeps.space import Space
from sweeps.spec import read_spec, read_yaml
from sweeps.spec.model import as_spec
from tests.pages.blocks import LANGUAGES, ROOT, blocks, indented, made, pages, shell_lines, text_of

NOT_RUN = {  # a line of a shell that has this in it: why, and what runs instead; its options must exist
    "pip install": "needs the network; .ci/wheel installs",
    "python3 -m venv": "comes before pip install",
    "make ": "make test is what runs this",
    "HOST:PORT": "a cluster of several machines; tests/cluster/test_join.py joins one",
    "caviar cluster": "a Ray that stays; tests/cluster/test_kept.py",
    "caviar stop": "a sweep that runs; tests/face/test_stop.py",
    "prometheus --config": "Prometheus itself",
    "caviar nudge runs/p": "a panda in training; tests/nudging",
    "--track ": "TensorBoard and MLflow; tests/tracking, which .ci/exports runs",
    "examples/command_line.yaml": "tests/test_examples.py runs it",
}
COMPILED = {  # blocks of a page that have this in them are compiled alone: what runs instead
    ("docs/frameworks.md", "import"): "each is a file of examples/, which .ci/frameworks runs",
    ("docs/exports.md", "sweeps.tracking."): "tests/tracking, which .ci/exports runs",
}
PRINTED = {  # what is shown when a page has run
    "README.md": "Best(trial=",
    "docs/coming_from.md": "'kind': 'a'",
    "docs/tutorial.md": "matter",
    "docs/resume.md": "x is too large",
}


@pytest.fixture(scope="session")
def digits(tmp_path_factory):
    """A short sweep by the demo's spec."""
    out = tmp_path_factory.mktemp("pages") / "digits"
    spec = read_spec(ROOT / "examples" / "digits.yaml", ["trials=20", "epochs=9"])
    return execute(plan_from_spec(spec, ROOT / "examples"), out=out, serial=True)


@pytest.fixture
def session(request, digits, in_folder, monkeypatch):
    """What a reader of a page has: the finished sweeps that it names and does not run, and `caviar`."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    pyplot.switch_backend("agg")

    def _session(page):
        text = text_of(page)
        for name in ("digits", "sweep"):
            if f"runs/{name}" in text and f"caviar run {name}.yaml" not in text:
                shutil.copytree(digits.path, in_folder / "runs" / name)
        return {"__name__": "page"}

    yield _session
    pyplot.close("all")


@pytest.mark.parametrize("page", [page for page in pages() if blocks(page)])
def test_a_page_runs(page, session, monkeypatch, capsys):
    names, shown = session(page), []
    for language, code in blocks(page):
        if language == "python":
            program = compile(code, page, "exec")
            if not any(page == of and sign in code for of, sign in COMPILED):
                exec(program, names)  # noqa: S102
        elif language == "sh":
            for line in filter(is_run, shell_lines(code)):
                assert run(line, monkeypatch) == 0, (line, *capsys.readouterr())
        else:
            hold(code, page)
        shown.append("".join(capsys.readouterr()))
    assert PRINTED.get(page, "") in "".join(shown)
    assert all(Path(name).exists() for name in made(page)), (
        "a picture is made by the code that its page shows"
    )


def is_run(line):
    return not any(sign in line for sign in NOT_RUN)


def run(line, monkeypatch):
    """Its exit code. `caviar` runs in this process, and trains in it: others would take seconds to begin."""
    if not line.startswith("caviar "):
        return subprocess.run(line, shell=True, check=False).returncode  # noqa: S602
    trains = re.match("caviar (run|resume|retune) ", line) and "--workers" not in line
    monkeypatch.setattr(sys, "argv", [*shlex.split(line), *(["--serial"] if trains else [])])
    with pytest.raises(SystemExit) as end:
        main()
    return end.value.code or 0


def hold(code, page):
    """A spec, or some keys of one, by the reader of specs."""
    form = {"trainable": "mlp", "metric": "val_loss", "space": {"l2": {"log": [0.1, 1]}}} | read_yaml(
        code, page
    )
    assert Space(form["space"]).searched
    as_spec(form)


@pytest.mark.parametrize("page", pages())
def test_no_code_is_passed_over(page):
    found = blocks(page)
    assert {block.language for block in found} <= {*LANGUAGES}, (
        f"tests/pages must run these, too: {LANGUAGES}"
    )
    assert text_of(page).count("```") == 2 * len(found)
    commands = re.compile(r"^ {4}(caviar|pip|python3?|make|import|from) ", re.MULTILINE)
    assert not [code for code in indented(page) if commands.search(code)]


def test_lines_that_are_not_run_have_options_that_exist():
    every = [
        line for page in pages() for kind, code in blocks(page) if kind == "sh" for line in shell_lines(code)
    ]
    left_out = [line for line in every if not is_run(line)]
    assert all(any(sign in line for line in left_out) for sign in NOT_RUN), "the list names what is no more"
    for line in left_out:
        if line.startswith("caviar "):
            command, arguments = typer.main.get_command(app), shlex.split(line)[1:]
            while hasattr(command, "commands"):
                command, arguments = command.commands[arguments[0]], arguments[1:]
            command.make_context("caviar", arguments)


def test_the_demo_finds_a_good_model(digits):
    assert digits.trials["repeats"].isna().sum() == 20
    assert digits.best.metrics["test_accuracy"] > 0.9
    assert digits.best.seeds == 3
    assert {"train_loss", "val_loss", "test_loss"} < digits.best.metrics.keys()
