"""The examples of frameworks: short, quiet, the same in docs/frameworks.md, and a trial goes on where it was.

Those whose framework is not installed are left out; `.ci/frameworks` has an environment for each.
"""

import ast
import importlib
import io
import os
import re
import sys
import tokenize
from pathlib import Path

import numpy as np
import pytest

import trainer
from sweeps.execution import JobRun, Workload
from sweeps.face import execute, plan_from_spec
from sweeps.space import Space
from sweeps.spec import read_spec
from sweeps.trial import Change, Job, Outcome

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
PAGE = (ROOT / "docs" / "frameworks.md").read_text(encoding="utf-8")
MOST_LINES = 25
METRICS = {  # of each example: its metric, and how far apart going on and never stopping may be
    "torch_mlp": ("val_loss", 1e-12),
    "sklearn_partial_fit": ("val_loss", 1e-12),
    "xgboost_rounds": ("val_mlogloss", 1e-2),  # draws the rows of each tree anew
    "keras_callback": ("val_loss", 0.2),  # `fit` shuffles otherwise then
    "jax_optax": ("val_loss", 1e-6),
    "lightgbm_rounds": ("val_multi_logloss", 1e-3),
    "lightning_callback": ("val_loss", 1e-6),
    "hugging_face_trainer": ("eval_loss", 1e-6),
}
FRAMEWORKS = {
    "hugging_face_trainer": "transformers"
}  # by what stands before _, those that are called otherwise
TALKS = {"lightning_callback"}  # in this process: docs/frameworks.md says how to silence it
PROGRAMS = ["sklearn_cross_validation", "command_line"]


def code_of(text):
    """Its lines without the docstring at the top, comments of their own and blank lines."""
    head = ast.parse(text).body[0]
    left_out = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    lines = {t.start[0] for t in tokens if t.type not in left_out and t.string}
    return lines - set(range(head.lineno, head.end_lineno + 1))


@pytest.mark.parametrize("name", [*METRICS, *PROGRAMS])
def test_an_example_is_short_and_stands_on_the_page(name):
    text = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8")
    assert 0 < len(code_of(text)) <= MOST_LINES
    block = text.split('"""', 2)[2].strip()
    assert f"```python\n{block}\n```" in PAGE
    assert f"examples/{name}.py" in PAGE


def test_the_page_has_the_spec_of_the_command_line():
    assert (EXAMPLES / "command_line.yaml").read_text(encoding="utf-8").strip() in PAGE


def test_the_page_names_no_file_that_is_not_there():
    named = set(re.findall(r"\.\./([\w./]+)", PAGE))
    assert named
    assert all((ROOT / path).exists() for path in named)


@pytest.fixture
def example(monkeypatch):
    """Imports an example, unless its framework is not there."""
    monkeypatch.syspath_prepend(str(EXAMPLES))

    def _example(name):
        pytest.importorskip(FRAMEWORKS.get(name, name.partition("_")[0]))
        return importlib.import_module(name)

    return _example


@pytest.mark.parametrize("name", METRICS)
def test_a_trial_goes_on_as_if_it_had_never_stopped(example, name, capfd):
    module, (metric, apart) = example(name), METRICS[name]
    space = Space(module.SPACE)
    config, data = space.config(np.full(len(space.searched), 0.5)), trainer.load_data("digits")

    def trained(start, stop, checkpoint=None):
        run = JobRun(
            Workload(module.train, metric, data=data), Job(0, config, start=start, stop=stop), checkpoint, "w"
        )
        while run.advance():
            pass
        report = run.report()
        assert report.outcome is Outcome.DONE, report.error
        return report

    whole, first = trained(0, 4), trained(0, 2)
    second = trained(2, 4, first.checkpoint)
    assert (whole.epochs, first.epochs, second.epochs, len(second.rows)) == (4, 2, 4, 2)
    begun, there = whole.rows[0][metric], whole.rows[-1][metric]
    assert there < begun
    assert abs(second.rows[-1][metric] - there) <= apart * begun
    if name not in TALKS:
        assert capfd.readouterr() == ("", "")


def test_a_trial_goes_on_with_another_rate(example):
    """A state of an optimizer has the old one, which must not win: Ray's #62173."""
    module, data = example("torch_mlp"), trainer.load_data("digits")
    before = {"rate": 1e-2, "units": 16}

    def trained(config, start, stop, checkpoint=None, change=None):
        job = Job(0, config, start=start, stop=stop, change=change)
        run = JobRun(Workload(module.train, "val_loss", data=data), job, checkpoint, "w")
        while run.advance():
            pass
        return run.report()

    first = trained(before, 0, 1)
    tiny = trained({**before, "rate": 1e-9}, 1, 2, first.checkpoint, Change(1, before))
    assert abs(tiny.rows[-1]["val_loss"] - first.rows[-1]["val_loss"]) < 1e-5
    same = trained(before, 1, 2, first.checkpoint)
    assert abs(same.rows[-1]["val_loss"] - first.rows[-1]["val_loss"]) > 1e-3


def test_cross_validation_is_a_trial_of_one_epoch(example):
    module = example("sklearn_cross_validation")
    run = JobRun(
        Workload(module.train, "val_accuracy", "max"), Job(0, {"C": 10.0, "gamma": 1e-3}, stop=1), None, "w"
    )
    assert not run.advance()
    assert run.report().objective > 0.95


def test_the_command_line_runs(in_folder, monkeypatch):
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    spec = read_spec(EXAMPLES / "command_line.yaml", ["trials=2", "epochs=3", "finalists=false"])
    result = execute(plan_from_spec(spec, EXAMPLES), serial=True)
    assert result.trials.error.isna().all()
    assert result.best.metrics["val_accuracy"] > 0.5
