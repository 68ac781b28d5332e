"""An exported convolutional network gives other programs what it gives here."""

import importlib.util

import numpy as np
import pytest

from tests.trainer.convolution.test_model import KINDS, winner
from trainer import ConfigError
from trainer.model.export import export

# Both compute in float32; see test_model.py.
CLOSE = {"rtol": 1e-4, "atol": 1e-5}
SHAPES = [(7, 6), (6, 7, 3)]


def exported(model, kind, folder):
    path = folder / f"winner.{kind}"
    export(model, kind, path)
    return path


@pytest.mark.parametrize("own", KINDS, ids=str)
@pytest.mark.parametrize(("shape", "classes"), [(SHAPES[0], 3), (SHAPES[1], 0)], ids=["grey", "colours"])
def test_to_torch(tmp_path, own, shape, classes):
    torch = pytest.importorskip("torch")
    model, data, _ = winner(own, shape, classes)
    path = exported(model, "torch", tmp_path)
    spec = importlib.util.spec_from_file_location("winner", path.with_suffix(".py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    raw = data.x_test.reshape(-1, *shape)
    with torch.no_grad():
        found = module.load(path)(torch.from_numpy(raw)).numpy()
    expected = model.predict_proba(raw) if classes else model.predict(raw)
    np.testing.assert_allclose(found, expected, **CLOSE)


@pytest.mark.parametrize("own", KINDS, ids=str)
@pytest.mark.parametrize(("shape", "classes"), [(SHAPES[0], 0), (SHAPES[1], 3)], ids=["grey", "colours"])
def test_to_onnx(tmp_path, own, shape, classes):
    pytest.importorskip("onnx")
    onnxruntime = pytest.importorskip("onnxruntime")
    model, data, _ = winner(own, shape, classes)
    session = onnxruntime.InferenceSession(exported(model, "onnx", tmp_path))
    name = "probabilities" if classes else "quantity"
    (found,) = session.run([name], {"rows": data.x_test.astype(np.float64)})
    expected = model.predict_proba(data.x_test) if classes else model.predict(data.x_test)
    np.testing.assert_allclose(found, expected, **CLOSE)


def test_to_arrays_is_refused(tmp_path):
    model, _, _ = winner(KINDS[0])
    with pytest.raises(ConfigError) as raised:
        exported(model, "npz", tmp_path)
    assert "is no format for a convolutional network" in raised.value.rule
    assert not (tmp_path / "winner.npz").exists()
