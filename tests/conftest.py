"""Parts that tests share: one Ray for the whole session, and hypothesis without surprises."""

import os

import hypothesis
import pytest

hypothesis.settings.register_profile("caviar", deadline=None, derandomize=True, max_examples=100)
hypothesis.settings.load_profile("caviar")


@pytest.fixture(scope="session")
def ray_cluster():
    """Ray on this machine with four CPUs, so that several workers fit at once."""
    import logging

    import ray

    logging.getLogger("ray").setLevel(logging.ERROR)
    ray.init(address="local", num_cpus=4, log_to_driver=False, configure_logging=False)
    yield
    ray.shutdown()


@pytest.fixture
def in_folder(tmp_path, monkeypatch):
    """An empty current folder, so that runs/ lands nowhere else."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(params=["serial", "ray"])
def run(request, tmp_path):
    """`sweeps.run`, quiet, into a fresh folder, by either executor; without finals unless asked for."""
    if request.param == "ray":
        request.getfixturevalue("ray_cluster")

    import sweeps

    def _run(train, **options):
        defaults = {"out": tmp_path / "run", "progress": False, "workers": 2, "finalists": False}
        options = {**defaults, **options}
        return sweeps.run(train, serial=request.param == "serial", **options)

    return _run


@pytest.fixture
def serial(tmp_path):
    """The same, one job after the other in this process."""
    import sweeps

    def _run(train, **options):
        defaults = {"out": tmp_path / "run", "progress": False, "serial": True, "finalists": False}
        return sweeps.run(train, **{**defaults, **options})

    return _run


os.environ.setdefault("COLUMNS", "160")
