"""Parts that tests share: one Ray for the whole session, and hypothesis without surprises."""

import os

import hypothesis
import pytest

from tests.slow import is_slow

_EXAMPLES = int(os.environ.get("CAVIAR_TEST_EXAMPLES", "40"))  # of a law; `make test-all` asks for more
hypothesis.settings.register_profile("caviar", deadline=None, derandomize=True, max_examples=_EXAMPLES)
hypothesis.settings.load_profile("caviar")


# What starts a Ray of its own, or looks for processes that are left.
_SERIAL = "serial"
_RAY_FIXTURES = {"ray_cluster", "run", "start", "on_ray"}
_OWN_RAY_FILES = tuple(
    f"cluster/test_{name}" for name in ("arriving", "dashboards", "faults", "join", "kept", "session")
)
_RAY_FILES = (
    "cluster/",
    "command/",
    "execution/test_executors",
    "execution/test_push",
    "face/test_workers",
    "sweep/test_deterministic",
    "sweep/test_retries",
    "test_interrupt",
)
_PAGES = ("pages/test_blocks",)


@pytest.hookimpl(tryfirst=True)  # before xdist looks for groups
def pytest_collection_modifyitems(items):
    """Where the tests run in several processes, those that need Ray run in one of them each: those that share
    one Ray, those that mostly start their own, and the pages.
    """
    for item in items:
        if is_slow(item.nodeid):
            item.add_marker(pytest.mark.slow)
        if _is_in(item, _PAGES):
            item.add_marker(pytest.mark.xdist_group("pages"))
        elif _is_in(item, _OWN_RAY_FILES):
            item.add_marker(pytest.mark.xdist_group("own ray"))
        elif _needs_ray(item):
            item.add_marker(pytest.mark.xdist_group("ray"))


def _is_in(item, files):
    return any(f"tests/{name}" in item.nodeid for name in files)


def _needs_ray(item):
    given = getattr(item, "callspec", None)
    if given is not None and any(
        isinstance(value, str) and value == _SERIAL for value in given.params.values()
    ):
        return False
    asked = _RAY_FIXTURES & set(item.fixturenames)
    return bool(asked) or _is_in(item, _RAY_FILES)


@pytest.fixture(scope="session", autouse=True)
def nothing_kept(tmp_path_factory):
    """A cluster that a developer keeps (`caviar cluster start`), and their library, are none of the tests'
    business."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="session")
def ray_cluster():
    """Ray on this machine with four CPUs, so that several workers fit at once, and two licences."""
    import logging

    import ray

    logging.getLogger("ray").setLevel(logging.ERROR)
    ray.init(
        address="local", num_cpus=4, resources={"licence": 2}, log_to_driver=False, configure_logging=False
    )
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
    return _runner(tmp_path, workers=2, serial=request.param == "serial")


@pytest.fixture
def serial(tmp_path):
    """The same, one job after the other in this process."""
    return _runner(tmp_path, serial=True)


def _runner(folder, **given):
    import sweeps

    defaults = {"out": folder / "run", "progress": False, "finalists": False, **given}
    return lambda train, **options: sweeps.run(train, **{**defaults, **options})


os.environ.setdefault("COLUMNS", "160")
