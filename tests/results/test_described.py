"""What was understood of the data is kept with a sweep, and its summary compares with the baselines."""

import json

import sweeps
from sweeps.results import summarize
from sweeps.store import Described, read_described, write_described

SPACE = {"learning_rate": sweeps.LogUniform(1e-3, 1e-1)}


def swept(folder, **options):
    shape = {"trials": 2, "epochs": 1, "serial": True, "progress": False, "scheduler": "random"}
    return sweeps.run(
        "mlp", space=SPACE, data="digits", metric="val_loss", finalists=False, out=folder, **shape, **options
    )


def test_a_summary_has_the_baselines(tmp_path):
    result = swept(tmp_path / "run")
    assert result.described.lines[0].startswith("digits, 1,797 rows")
    summary = summarize(sweeps.load(tmp_path / "run"))
    assert summary.baselines["constant"]["val_error"] > 0.85
    assert json.loads(json.dumps(summary.to_json()))["baselines"]["linear"]["test_error"] < 0.1


def test_a_trainable_that_says_nothing_has_none(tmp_path):
    result = sweeps.run(
        lambda config, run: {"objective": config["x"]},
        space={"x": sweeps.Uniform(0, 1)},
        metric="objective",
        trials=2,
        finalists=False,
        serial=True,
        progress=False,
        out=tmp_path / "run",
    )
    assert not result.described
    assert not (tmp_path / "run" / "data.json").exists()


def test_what_is_no_longer_whole_is_passed_over(tmp_path):
    described = Described(("a line",), {"linear": {"val_loss": 0.5}})
    write_described(tmp_path, described)
    assert read_described(tmp_path) == described
    for damaged in ('{"lines": 3}', "[", '{"lines": [], "baselines": {"a": 3}}', ""):
        (tmp_path / "data.json").write_text(damaged)
        assert read_described(tmp_path) == Described()
