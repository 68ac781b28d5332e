"""Devices that are not there: what is said, and what to do."""

import importlib.util

import pytest

from tests.trainer.examples import Job, blobs
from trainer import ConfigError, Stack, mlp, train_stack
from trainer.backends import backend_for, check_device

ASK = {
    "check_device": check_device,
    "backend_for": backend_for,
    "mlp.check_device": mlp.check_device,
    "Stack": lambda device: Stack(blobs(), device=device),
    "mlp": lambda device: next(mlp({}, Job(blobs(), epochs=1, device=device))),
    "train_stack": lambda device: next(train_stack([], blobs(), epochs=1, device=device)),
}


def refusal(ask, device):
    with pytest.raises(ConfigError) as raised:
        ASK[ask](device)
    assert (raised.value.key, raised.value.value) == ("device", device)
    return raised.value.rule, raised.value.fix


@pytest.fixture
def no_torch(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)


@pytest.fixture
def gpus(monkeypatch):
    """Sets how many GPUs torch finds."""
    torch = pytest.importorskip("torch")

    def find(count):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: count)

    return find


@pytest.mark.parametrize("ask", ASK)
@pytest.mark.parametrize(
    "device", ["gpu", "", "cuda:", "cuda:x", "CUDA", "cuda:1:2", "cpu ", "torch", "cuda0"]
)
def test_no_device(ask, device):
    rule, fix = refusal(ask, device)
    assert rule == "is not a device"
    assert fix == "choose one of cpu, torch-cpu, cuda, cuda:0, …"


@pytest.mark.parametrize("ask", ASK)
@pytest.mark.parametrize("device", ["torch-cpu", "cuda", "cuda:7"])
def test_no_torch(ask, device, no_torch):
    rule, fix = refusal(ask, device)
    assert rule == "needs torch, which is not installed"
    assert fix == 'pip install "caviar-sweeps[torch]", or device: cpu'


def test_numpy_needs_no_torch(no_torch):
    assert check_device("cpu") is None
    assert backend_for("cpu").device == "cpu"


@pytest.mark.parametrize("ask", ASK)
@pytest.mark.parametrize("device", ["cuda", "cuda:0", "cuda:7"])
def test_no_gpu(ask, device, gpus):
    gpus(0)
    rule, fix = refusal(ask, device)
    assert rule == "needs a GPU, and torch finds none"
    assert "nvidia-smi" in fix
    assert "device: cpu" in fix


@pytest.mark.parametrize("ask", ASK)
def test_fewer_gpus(ask, gpus):
    gpus(2)
    rule, fix = refusal(ask, "cuda:7")
    assert rule == "is not among the GPUs that torch finds"
    assert fix == "choose one of cuda:0, cuda:1"


@pytest.mark.parametrize("device", ["cuda", "cuda:0", "cuda:1"])
def test_a_gpu_that_is_there(device, gpus):
    gpus(2)
    assert check_device(device) is None
    backend = backend_for(device)
    assert (backend.device, backend.eager) == (device, False)


def test_torch_on_the_cpu():
    pytest.importorskip("torch")
    assert check_device("torch-cpu") is None
    assert backend_for("torch-cpu").device == "torch-cpu"
