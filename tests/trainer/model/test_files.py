"""A model is saved without pickle, read back exactly, and refused where it is damaged or another's."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import trainer
from tests.trainer.examples import Job, blobs, bytes_data, line
from trainer import DataError, load_model, mlp
from trainer.model.trained import trained_model

CONFIG = {"hidden": [5, 4], "batch_norm": True, "activation": "tanh", "keep_probability": 0.9}


def model_of(data, seeds=(0,), about=None):
    jobs = [Job(data, epochs=2, seed=seed) for seed in seeds]
    for job in jobs:
        assert list(mlp(CONFIG, job))
    return trained_model(data, [(CONFIG, job.saved) for job in jobs], about or {})


@pytest.mark.parametrize("data", [blobs(), line(), bytes_data()], ids=["blobs", "line", "bytes"])
@pytest.mark.parametrize("seeds", [(0,), (0, 1, 2)])
def test_it_comes_back_exactly(data, seeds, tmp_path):
    model = model_of(data, seeds, {"name": "a sweep", "origin": {"trial": 3}})
    model.save(tmp_path / "model")
    again = load_model(tmp_path / "model")
    np.testing.assert_array_equal(again.predict(data.x_test), model.predict(data.x_test))
    np.testing.assert_array_equal(again.outputs(data.x_test), model.outputs(data.x_test))
    assert again.about == model.about
    assert [each.config for each in again.networks] == [each.config for each in model.networks]
    params = ["params.npz"] if len(seeds) == 1 else [f"params-{i}.npz" for i in range(3)]
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == [
        "README.md",
        "model.json",
        *params,
    ]


def test_another_process_gives_the_same(tmp_path):
    data = blobs()
    model = model_of(data)
    model.save(tmp_path / "model")
    np.save(tmp_path / "rows.npy", data.x_test)
    code = (
        "import numpy as np, trainer, sys;"
        "found = trainer.load_model('model').predict_proba(np.load('rows.npy'));"
        "assert 'numba' not in sys.modules and 'ray' not in sys.modules;"
        "np.save('found.npy', found)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(trainer.__file__).parent.parent)}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, env=environment)
    np.testing.assert_allclose(np.load(tmp_path / "found.npy"), model.predict_proba(data.x_test), rtol=1e-5)


def test_the_card_says_what_it_is(tmp_path):
    about = {
        **{"name": "a sweep", "data": "blobs", "seeds": 3, "mean": {"test_accuracy": 0.75}},
        **{"spread": {"test_accuracy": 0.0123}, "origin": {"trial": 7, "epoch": 2, "nowhere": None}},
    }
    model = model_of(blobs(), about=about)
    model.save(tmp_path / "model")
    card = (tmp_path / "model" / "README.md").read_text()
    for text in (
        "# a sweep",
        "hidden layers of 5, 4 units (tanh)",
        "90 train, 90 validation, 90 test",
        "a, b, c",
        f"| test\\_accuracy | {model.about['metrics']['test_accuracy']:.4g} | 0.75 ± 0.012 |",
        "- trial: 7",
        "load_model",
        "## Limits",
    ):
        assert text in card
    assert "nowhere" not in card


def test_a_model_is_replaced_and_nothing_else(tmp_path):
    data = blobs()
    first, second = model_of(data), model_of(data, (0, 1))
    first.save(tmp_path / "model")
    second.save(tmp_path / "model")
    assert len(load_model(tmp_path / "model").networks) == 2
    assert not (tmp_path / "model" / "params.npz").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    (tmp_path / "model" / "thesis.tex").write_text("years of work")
    with pytest.raises(DataError, match=r"something else: thesis\.tex"):
        first.save(tmp_path / "model")
    assert (tmp_path / "model" / "thesis.tex").read_text() == "years of work"
    with pytest.raises(DataError, match="is a file"):
        first.save(tmp_path / "model" / "thesis.tex")


@pytest.mark.parametrize("saved", [False, True])
@pytest.mark.parametrize(
    "name", ["README.md", "params.yaml", "params_src/code.py", "params.npz/mine", "params-.npz"]
)
def test_what_is_named_like_a_model_is_not_lost(saved, name, tmp_path):
    model, mine = model_of(blobs()), tmp_path / "proj" / name
    if saved and name != "README.md":
        model.save(tmp_path / "proj")
        (tmp_path / "proj" / "params.npz").unlink()
    mine.parent.mkdir(parents=True, exist_ok=True)
    mine.write_text("years of work")
    if not saved:
        (tmp_path / "proj" / "model.json").write_text('{"format": "another"}')
    elif name == "README.md":
        (tmp_path / "proj" / "model.json").write_text("[1, 2")
    before = sorted(path for path in tmp_path.rglob("*"))
    with pytest.raises(DataError, match="holds something else"):
        model.save(tmp_path / "proj")
    assert sorted(path for path in tmp_path.rglob("*")) == before
    assert mine.read_text() == "years of work"


def test_an_empty_folder_is_filled(tmp_path):
    (tmp_path / "model").mkdir()
    model_of(blobs()).save(tmp_path / "model")
    assert load_model(tmp_path / "model")


def test_a_save_that_fails_leaves_what_was_there(tmp_path, monkeypatch):
    model = model_of(blobs())
    model.save(tmp_path / "model")

    def full(*_, **__):
        raise OSError("no space left")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="no space"):
        model.save(tmp_path / "model")
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    assert load_model(tmp_path / "model").about == model.about


def change(path, **keys):
    plain = json.loads(path.read_text())
    path.write_text(json.dumps({**plain, **keys}))


DAMAGE = [
    (lambda f: (f / "model.json").unlink(), "model.json", "no saved model"),
    (lambda f: (f / "model.json").write_text('{"format": '), "model.json", "damaged"),
    (lambda f: (f / "model.json").write_text("[" * 100_000), "model.json", "damaged"),
    (lambda f: change(f / "model.json", format="other"), "model.json", "not a model of Caviar's"),
    (lambda f: change(f / "model.json", version=3), "model.json", "format 3"),
    (lambda f: change(f / "model.json", networks=[{"hidden": "x"}]), "model.json", "damaged"),
    (lambda f: change(f / "model.json", networks=[]), "model", "one network"),
    (lambda f: change(f / "model.json", preprocessing={}), "model.json", "damaged"),
    (lambda f: (f / "params.npz").unlink(), "params.npz", "cannot be read"),
    (lambda f: (f / "params.npz").write_bytes(b"torn"), "params.npz", "cannot be read"),
    (lambda f: flip(f / "params.npz"), "params.npz", "cannot be read"),
    (lambda f: np.savez(f / "params.npz", W1=np.zeros((2, 2))), "model", "do not go together"),
    (lambda f: np.savez(f / "params.npz", W1=np.array([object()])), "params.npz", "cannot be read"),
    (lambda f: np.savez_compressed(f / "params.npz", W1=np.zeros(2)), "params.npz", "compressed"),
]


def flip(path):
    """A bit of an array."""
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo("W1.npy").header_offset + 200
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(("damage", "file", "said"), DAMAGE)
def test_what_is_damaged_is_refused_by_name(damage, file, said, tmp_path):
    model_of(blobs()).save(tmp_path / "model")
    damage(tmp_path / "model")
    with pytest.raises(DataError, match=said) as caught:
        load_model(tmp_path / "model")
    assert file in str(caught.value)
    assert caught.value.fix


def test_what_earlier_versions_know_is_written_as_they_wrote_it(tmp_path):
    """Without fields that they do not know; what they would compute otherwise has a later version."""
    data = blobs()
    for name, own in (("plain", {}), ("bins", {"number_bins": 3}), ("skip", {"skip": True})):
        job = Job(data, epochs=1)
        list(mlp({"hidden": [4, 4], **own}, job))
        trained_model(data, [({"hidden": [4, 4], **own}, job.saved)], {}).save(tmp_path / name)
        plain = json.loads((tmp_path / name / "model.json").read_text())
        assert plain["version"] == (2 if own else 1)
        assert ("skip" in plain["networks"][0]) == bool(own)
        assert load_model(tmp_path / name).networks[0].config.number_bins == own.get("number_bins", 0)


@pytest.mark.parametrize(
    "damage",
    [
        lambda x: x + 0.5,
        lambda x: x * 1e30,
        lambda x: x[:0],
        lambda x: x[0],
        lambda x: x.astype("U4"),
        lambda x: -1 - x,
        lambda x: x + 100,
    ],
    ids=["broken", "huge", "none", "scalar", "text", "negative", "other"],
)
def test_damaged_bins_are_refused(damage, tmp_path):
    data, job, config = blobs(), Job(blobs(), epochs=1), {"hidden": [4], "number_bins": 3}
    list(mlp(config, job))
    trained_model(data, [(config, job.saved)], {}).save(tmp_path / "model")
    with np.load(tmp_path / "model" / "params.npz") as file:
        arrays = dict(file)
    np.savez(tmp_path / "model" / "params.npz", **{**arrays, "bin_feature": damage(arrays["bin_feature"])})
    with pytest.raises(DataError, match="do not go together"):
        load_model(tmp_path / "model")


def test_the_card_of_an_ensemble_says_what_each_member_is(tmp_path):
    data, found = blobs(), []
    for config in ({"hidden": [4]}, {"hidden": [6, 5], "activation": "tanh"}, {"hidden": [4]}):
        job = Job(data, epochs=1)
        list(mlp(config, job))
        found.append((config, job.saved))
    trained_model(data, found, {}).save(tmp_path / "model")
    card = (tmp_path / "model" / "README.md").read_text()
    assert "of 4 units (relu); hidden layers of 6, 5 units (tanh)" in card


def test_a_later_format_says_to_update(tmp_path):
    model_of(blobs()).save(tmp_path / "model")
    change(tmp_path / "model" / "model.json", version=3)
    with pytest.raises(DataError, match="pip install --upgrade"):
        load_model(tmp_path / "model")
