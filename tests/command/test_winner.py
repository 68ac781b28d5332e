"""`caviar predict`, `export` and `refit` as their user meets them."""

import io
import json
import shutil

import numpy as np
import pandas as pd
import pytest

import sweeps
from sweeps.face import execute, plan_from_spec
from sweeps.spec import read_spec

SPEC = {
    "trainable": "mlp",
    "name": "people",
    "data": {"path": "people.csv", "target": "sort"},
    **{"trials": 4, "epochs": 3, "finalists": {"top": 1, "seeds": 2}},
    "space": {"learning_rate": {"log": [1e-2, 0.3]}, "hidden_units": 4},
}


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    """The folder of a sweep on a table, with new rows beside it."""
    folder = tmp_path_factory.mktemp("people")
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"id": np.arange(90), "height": rng.normal(size=90), "weight": rng.normal(size=90)})
    frame["sort"] = np.where(frame["height"] > frame["weight"], "tall, thin", "no")
    frame.drop(columns="id").to_csv(folder / "people.csv", index=False)
    frame.drop(columns="sort").to_csv(folder / "new.csv", index=False)
    (folder / "spec.yaml").write_text(json.dumps(SPEC))
    result = plan_and_run(folder)
    assert result.best is not None
    return folder


def plan_and_run(folder):
    plan = plan_from_spec(read_spec(folder / "spec.yaml", []), folder)
    return execute(plan, out=folder / "run", serial=True)


@pytest.fixture
def caviar(sweep, monkeypatch, command):
    monkeypatch.chdir(sweep)
    return command


def test_rows_are_predicted_to_standard_output(caviar, sweep):
    code, out, err = caviar("predict", "run", "new.csv", "--proba", "--keep", "id")
    assert (code, err) == (0, "")
    found = pd.read_csv(io.StringIO(out))
    assert list(found) == ["id", "prediction", "probability.no", "probability.tall, thin"]
    assert found["id"].tolist() == list(range(90))
    model = sweeps.load(sweep / "run").model()
    frame = pd.read_csv("new.csv")
    assert found["prediction"].tolist() == model.predict(frame).tolist()
    np.testing.assert_allclose(found.iloc[:, 2:], model.predict_proba(frame), rtol=1e-12)


def test_kept_columns_are_as_they_were_written(caviar, sweep):
    frame = pd.read_csv("new.csv").head(3).assign(plz=["0071", "00123", ""], ok=["True", "FALSE", "NA"])
    frame["height"] = ["1.50", "2", "-0"]
    frame.to_csv("texts.csv", index=False)
    code, out, err = caviar(
        "predict", "run", "texts.csv", "--keep", "plz", "--keep", "ok", "--keep", "height"
    )
    assert (code, err) == (0, "")
    found = pd.read_csv(io.StringIO(out), dtype=str, keep_default_na=False)
    assert list(found) == ["plz", "ok", "height", "prediction"]
    assert found.iloc[:, :3].equals(
        frame[["plz", "ok", "height"]].astype(object).astype(found.dtypes.iloc[0])
    )


def test_kept_whole_numbers_stay_so_where_one_is_missing(caviar, sweep):
    frame = pd.read_csv("new.csv").head(3).assign(count=pd.array([2**60 + 1, None, 3], "Int64"))
    frame.to_parquet("gap.parquet")
    out = caviar("predict", "run", "gap.parquet", "--keep", "count")[1]
    assert [line.split(",")[0] for line in out.splitlines()] == ["count", str(2**60 + 1), "", "3"]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_rows_are_predicted_to_a_file(caviar, sweep, tmp_path, suffix):
    path = tmp_path / f"out{suffix}"
    code, out, err = caviar("predict", "run", "new.csv", "-o", path)
    assert (code, out) == (0, "")
    assert "90 rows" in err
    found = pd.read_csv(path) if suffix == ".csv" else pd.read_parquet(path)
    assert found["prediction"].tolist() == sweeps.load(sweep / "run").model().predict("new.csv").tolist()


def test_a_saved_model_does_without_its_sweep(caviar, tmp_path):
    shutil.copytree("run/best", tmp_path / "copy")
    assert caviar("predict", tmp_path / "copy", "new.csv") == caviar("predict", "run", "new.csv")
    alone = caviar("predict", "run", "new.csv", "--proba")
    several = caviar("predict", tmp_path / "copy", "new.csv", "--proba", "--ensemble")
    assert several == caviar("predict", "run", "new.csv", "--proba", "--ensemble") != alone


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere", "new.csv"], "nowhere' is not a folder"),
        (["run", "nowhere.csv"], "nowhere.csv' does not exist"),
        (["run", "spec.yaml"], "cannot be read: .yaml"),
        (["run", "short.csv"], "lacks the columns weight"),
        (["run", "text.csv"], "text in weight, a column of numbers: heavy"),
        (["run", "new.csv", "--keep", "name"], "has no column name to keep"),
        (["run", "clash.csv", "--keep", "prediction"], "is the name of a column of the predictions"),
        (["run", "clash.csv", "--keep", "probability.no", "--proba"], "is the name of a column of the pred"),
        (["run", "new.csv", "-o", "out.txt"], "cannot be written"),
        (["run", "new.csv", "-o", "new.csv"], "the rows themselves"),
        (["run", "new.csv", "-o", "no/such/out.csv"], "does not exist"),
        (["run", "new.csv", "--refit"], "caviar refit"),
    ],
)
def test_bad_input_is_one_screen(caviar, sweep, arguments, said):
    (sweep / "short.csv").write_text("height\n1\n")
    (sweep / "text.csv").write_text("height,weight\n1,2\n1,heavy\n")
    (sweep / "clash.csv").write_text("height,weight,prediction,probability.no\n1,2,3,4\n")
    before = (sweep / "new.csv").read_bytes()
    code, out, err = caviar("predict", *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert "fix: " in err
    assert "Traceback" not in err
    assert (sweep / "new.csv").read_bytes() == before


def test_show_says_that_there_is_a_model(caviar, sweep, tmp_path):
    assert "ready to use: caviar predict" in caviar("show", "run")[1]
    shutil.copytree(sweep / "run", tmp_path / "run")
    shutil.rmtree(tmp_path / "run" / "best")
    assert "ready to use" not in caviar("show", tmp_path / "run")[1]


def test_a_winner_is_exported(caviar, tmp_path):
    code, _, err = caviar("export", "run", "--to", "npz", "-o", tmp_path / "winner.npz")
    assert code == 0
    assert "winner.npz" in err
    with np.load(tmp_path / "winner.npz") as arrays:
        assert arrays["classes"].tolist() == ["no", "tall, thin"]
    code, _, err = caviar("export", "run", "--to", "onxx", "-o", tmp_path / "winner")
    assert code == 2
    assert "did you mean onnx" in err
    code, _, err = caviar("export", "run", "--to", "torch", "-o", tmp_path / "winner.py")
    assert code == 2
    assert ".pt" in err


def test_a_winner_is_refit(caviar, sweep, tmp_path):
    shutil.copytree(sweep / "run", tmp_path / "run")
    code, out, _ = caviar("refit", tmp_path / "run")
    assert code == 0
    assert "epochs on training and validation data, 2 seeds" in out
    assert "test_error" in out
    assert caviar("predict", tmp_path / "run", "new.csv", "--refit")[0] == 0
    code, _, err = caviar("refit", tmp_path / "run", "--changed-code", "no")
    assert code == 2
    assert "is not ok" in err
