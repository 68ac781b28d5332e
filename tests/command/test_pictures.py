"""From a folder of pictures to predictions of new ones, as their user meets it."""

import io

import numpy as np
import pandas as pd
import pytest

from sweeps.spec import read_spec

Image = pytest.importorskip("PIL.Image")
pytest.importorskip("torch")


def fill(folder, names=("bright", "dark"), each=20, pixels=8):
    rng = np.random.default_rng(0)
    for name in names:
        (folder / name).mkdir(parents=True)
        for number in range(each):
            low = 120 if name == "bright" else 0
            Image.fromarray(rng.integers(low, low + 120, (pixels, pixels, 3), np.uint8)).save(
                folder / name / f"{number}.png"
            )


@pytest.fixture
def caviar(in_folder, command):
    return command


SPACE = "space={channels: 4, stages: 1, batch_size: 8, learning_rate: 0.02}"
SMALL = ("trials=1", "epochs=5", "finalists=false", SPACE)


def test_init_run_and_predict(caviar, in_folder):
    fill(in_folder / "skies")
    code, out, err = caviar("init", "sky.yaml", "--data", "skies")
    assert code == 0, err
    assert "192 features (8 × 8 × 3)" in out
    spec = read_spec(in_folder / "sky.yaml")
    assert (spec.trainable, spec.data) == ("cnn", {"path": "skies"})
    assert "channels" in spec.space
    sets = [each for key in SMALL for each in ("--set", key)]
    code, _, err = caviar("run", "sky.yaml", "--serial", "--out", "run", *sets)
    assert code == 0, err
    code, out, _ = caviar("predict", "run", "skies", "--proba")
    found = pd.read_csv(io.StringIO(out))
    assert code == 0
    assert [*found] == ["file", "prediction", "probability.bright", "probability.dark"]
    assert found["file"][0] == "bright/0.png"
    right = found["file"].str.partition("/")[0] == found["prediction"]
    assert right.mean() > 0.8
    code, out, _ = caviar("predict", "run", "skies/dark/3.png")
    assert (code, out.splitlines()[0], len(out.splitlines())) == (0, "prediction", 2)


def test_a_dense_network_takes_pictures_too(caviar, in_folder):
    fill(in_folder / "skies")
    (in_folder / "spec.yaml").write_text("data: {path: skies, size: 4}\nspace: {hidden_units: 4}\n")
    sets = [each for key in SMALL[:3] for each in ("--set", key)]
    code, _, err = caviar("run", "spec.yaml", "--serial", "--out", "run", *sets)
    assert code == 0, err
    assert caviar("predict", "run", "skies")[0] == 0


def test_a_table_is_refused(caviar, in_folder):
    rows = "".join(f"{i * i % 17},{'yes' if i % 2 else 'no'}\n" for i in range(60))
    (in_folder / "table.csv").write_text("size,sold\n" + rows)
    (in_folder / "spec.yaml").write_text(
        "trainable: cnn\ndata: {path: table.csv, target: sold}\nspace: cnn\n"
    )
    code, _, err = caviar("run", "spec.yaml", "--serial")
    assert code == 2
    assert "takes images" in err
    assert "trainable: mlp" in err


def test_init_proposes_no_network_that_cannot_take_the_pictures(caviar, in_folder):
    fill(in_folder / "skies", pixels=7)
    code, out, err = caviar("init", "sky.yaml", "--data", "skies")
    assert code == 0, err
    assert "too small for cnn" in out
    assert read_spec(in_folder / "sky.yaml").trainable == "mlp"


def test_init_by_the_name_of_a_data_set(caviar, in_folder):
    assert caviar("init", "digits.yaml", "--data", "digits")[0] == 0
    spec = read_spec(in_folder / "digits.yaml")
    assert (spec.trainable, spec.data) == ("cnn", "digits")
    code, _, err = caviar("init", "other.yaml", "--data", "digit")
    assert code == 2
    assert "did you mean digits?" in err
