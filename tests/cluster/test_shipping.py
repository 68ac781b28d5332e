"""What reaches a worker, and how: by name, as a file, or as code."""

import functools
import os
import pickle
import stat
import subprocess
import sys
import threading
import types
from pathlib import Path

import pytest

from cluster.workers.culprit import culprit
from sweeps import BadInput
from sweeps.execution import Workload
from sweeps.execution.trainables.modules import UserModules, user_modules
from sweeps.trial import Job, Outcome
from tests.execution.test_executors import ray_executor, train_all

SCRIPT = """
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor

import sweeps


class Net:
    weight = 2


def square(x):
    return x * x


def train(config, run):
    context = multiprocessing.get_context(config["start"])
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pickle.loads(pickle.dumps(Net())).weight + sum(pool.map(square, [1, 2]))


if __name__ == "__main__":
    result = sweeps.run(
        train,
        space={"start": sweeps.Choice(["fork", "spawn"])},
        trials=2,
        scheduler="random",
        finalists=False,
        workers=1,
        progress=False,
    )
    assert result.trials["objective"].tolist() == [7, 7], result.trials["error"].tolist()
"""
guard = threading.Lock()


def scaled(config, run, factor):
    yield {"val_loss": config["x"] * factor}


def pickles_its_own_class(config, run):
    return {"val_loss": pickle.loads(pickle.dumps(Weight(config["x"]))).value}  # noqa: S301


class Weight:
    def __init__(self, value):
        self.value = value


def train_one(train, data=None):
    executor = ray_executor(Workload(train, "val_loss", "min", data), 1)
    try:
        return train_all(executor, [Job(0, {"x": 0.5}, stop=1)])[0][0]
    finally:
        executor.close()


class Model:
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, config, run):
        return self.train(config, run)

    def train(self, config, run):
        return self.factor * config["x"]


@pytest.mark.parametrize(
    ("train", "value"),
    [
        (functools.partial(scaled, factor=8), 4.0),
        (pickles_its_own_class, 0.5),
        (functools.partial(pickles_its_own_class), 0.5),
        (Model(4.0), 2.0),
        (Model(2.0).train, 1.0),
    ],
    ids=["partial", "own class", "partial of own class", "object", "method"],
)
def test_trainables_of_every_kind_reach_a_worker(ray_cluster, train, value):
    report = train_one(train)
    assert report.outcome is Outcome.DONE, report.error
    assert report.objective == value


def test_a_module_without_a_file_is_sent_as_code(ray_cluster, monkeypatch):
    module = types.ModuleType("typed_in")
    exec("def twice(x): return 2 * x\ndef train(config, run): return twice(config['x'])", vars(module))  # noqa: S102
    monkeypatch.setitem(sys.modules, "typed_in", module)
    assert train_one(module.train).objective == 1.0


def test_a_script_pickles_its_classes_and_starts_processes_of_its_own(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "script.py"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_part_that_cannot_be_sent_is_named(ray_cluster):
    holder = Holder()
    with pytest.raises(BadInput) as caught:
        ray_executor(Workload(lambda config, run: holder.lock, "val_loss"), 1)
    assert caught.value.place == "trainable"
    assert "the attribute 'lock' of the variable 'holder' of" in caught.value.rule
    assert "is a lock" in caught.value.rule


class Holder:
    def __init__(self):
        self.lock = threading.Lock()


@pytest.mark.parametrize(
    ("thing", "says"),
    [
        (lambda: guard, "the global 'guard' of <lambda> is a lock"),
        (functools.partial(len, guard), "argument 0 of the partial is a lock"),
        ({"a": [1, guard]}, "[1] of ['a'] of the dict is a lock"),
        ((i for i in ()), "it is a generator"),
    ],
    ids=["global", "partial", "containers", "itself"],
)
def test_the_culprit_is_the_innermost_part(thing, says):
    assert culprit(thing) == says


def test_modules_are_imported_in_place_or_from_copies_that_child_processes_find(tmp_path):
    """In processes of their own, as on two machines: one has the driver's folder, the other has not."""
    here, scratch = tmp_path / "here", tmp_path / "scratch"
    (here / "kit").mkdir(parents=True)
    scratch.mkdir()
    (here / "mine.py").write_text("from kit.part import value\n")
    (here / "later.py").write_text("value = 5\n")
    (here / "kit" / "__init__.py").touch()
    (here / "kit" / "part.py").write_text("value = 3\n")
    driver = "import mine, pickle; from sweeps.execution.trainables.modules import user_modules as u; "
    driver += "import sys; sys.stdout.buffer.write(pickle.dumps(u(['mine'])))"
    sent = python(tmp_path, driver, here)
    (tmp_path / "sent").write_bytes(sent)
    worker = "import pickle, pathlib, subprocess, sys; "
    worker += "pickle.load(open('sent', 'rb')).make_importable(pathlib.Path('scratch').absolute()); "
    worker += "import mine, later; print(mine.__file__, mine.value + later.value); sys.stdout.flush(); "
    worker += "subprocess.run([sys.executable, '-c', 'import mine; print(mine.__file__)'], check=True)"
    assert python(tmp_path, worker).decode().split() == [f"{here}/mine.py", "8", f"{here}/mine.py"]
    here.rename(tmp_path / "away")
    first = python(tmp_path, worker).decode().split()
    assert Path(first[0]).parent.parent == scratch
    assert first[1:] == ["8", first[0]]
    assert python(tmp_path, worker).decode().split() == first  # one copy for all workers of a machine
    assert len(list(scratch.iterdir())) == 1
    assert stat.S_IMODE(Path(first[0]).parent.stat().st_mode) == 0o700


def python(folder, code, *more):
    path = os.pathsep.join([str(Path(__file__).parents[2]), *map(str, more)])
    command = [sys.executable, "-c", code]
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True).stdout


def test_installed_packages_and_our_own_stay_where_they_are():
    modules = user_modules([__name__])
    assert "tests/cluster/test_shipping.py" in modules.files
    tops = {path.partition("/")[0] for path in modules.files}
    assert not tops & {"sweeps", "cluster", "trainer", "ray", "numpy", "pytest", "os.py", "json"}


def test_a_folder_that_somebody_else_could_write_to_is_not_imported_from(tmp_path):
    modules = UserModules(files={"theirs.py": ("", b"value = 1\n")})
    trusted = modules._write_copies(tmp_path)
    assert modules._write_copies(tmp_path) == trusted
    trusted.chmod(0o777)
    fresh = modules._write_copies(tmp_path)
    assert fresh != trusted
    assert (fresh / "theirs.py").read_bytes() == b"value = 1\n"
