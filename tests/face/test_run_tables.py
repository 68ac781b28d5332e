"""The built-in network on a table that is given in Python, or by a spec."""

import numpy as np
import pandas as pd
import pytest

import sweeps
from sweeps.errors import BadInput

M = 120
RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "size": np.where(RNG.random(M) < 0.1, np.nan, RNG.normal(size=M)),
        "city": RNG.choice(["Rome", "Oslo", "Bern"], M),
        "sold": RNG.choice(["yes", "no"], M, p=[0.2, 0.8]),
    }
)
OPTIONS = {
    "space": {"learning_rate": sweeps.LogUniform(1e-3, 1e-1)},
    "trials": 2,
    "epochs": 2,
    "finalists": False,
    "scheduler": "random",
    "serial": True,
    "progress": False,
}


def test_a_frame_and_a_metric_of_rare_classes(tmp_path):
    result = sweeps.run(
        "mlp",
        data={"table": FRAME, "target": "sold"},
        metric="val_f1",
        mode="max",
        out=tmp_path / "run",
        **OPTIONS,
    )
    assert 0 <= result.best.objective <= 1
    assert {"val_f1", "test_f1"} <= set(result.metrics.columns)
    assert "test_f1" in result.described.baselines["linear"]


def test_a_file_is_found_again_by_a_resumed_sweep(tmp_path, monkeypatch):
    FRAME.to_csv(tmp_path / "t.csv", index=False)
    FRAME.to_csv(tmp_path / "later.csv", index=False)
    monkeypatch.chdir(tmp_path)
    form = {"path": "t.csv", "target": "sold", "test": "later.csv"}
    sweeps.run("mlp", data=form, out="run", metric="val_auc", mode="max", **OPTIONS)
    monkeypatch.chdir("/")
    result = sweeps.resume(tmp_path / "run", trials=3, serial=True, progress=False)
    assert len(result.trials) == 3
    assert result.metrics.val_auc.notna().all()


def test_a_frame_is_given_anew_as_it_was_given(tmp_path):
    form, out = {"table": FRAME, "target": "sold"}, tmp_path / "run"
    sweeps.run("mlp", data=form, metric="val_auc", mode="max", out=out, **OPTIONS)
    result = sweeps.resume(out, data=form, trials=3, serial=True, progress=False)
    assert len(result.trials) == 3
    assert result.metrics.val_auc.notna().all()
    assert sweeps.reproduce(out, 0, data=form, progress=False).verdict == "equal"
    assert sweeps.refit(out, data=form, progress=False).path.is_dir()
    with pytest.raises(BadInput, match="has changed since"):
        sweeps.resume(out, data={"table": FRAME.iloc[::-1], "target": "sold"}, serial=True, progress=False)


def test_a_metric_that_the_task_has_not_is_named(tmp_path):
    with pytest.raises(BadInput, match="is no metric of a classification"):
        sweeps.run(
            "mlp", data={"table": FRAME, "target": "sold"}, metric="val_r2", out=tmp_path / "run", **OPTIONS
        )
