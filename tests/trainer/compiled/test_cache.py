"""Where machine code is kept: privately, once a machine, and not at all where there is no place."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import trainer

SCRIPT = """
from trainer.compiled import cache
from trainer.compiled.epoch import flush
import numpy as np
x = np.array([1e-30, 1.0], np.float32)
with cache.compiling("test"):
    flush(x, 1e-20)
print(cache.cache_folder(), flush.stats.cache_hits.total() if hasattr(flush.stats.cache_hits, "total") else
      sum(flush.stats.cache_hits.values()), x.tolist())
"""

TRAIN = """
from tests.trainer.examples import blobs
from trainer import MLPConfig
from trainer.compiled.model import Model
model = Model(MLPConfig(hidden=(9, 7), batch_norm=True), blobs(), seed=4)
print([model.train_epoch() for _ in range(3)])
"""


def run(home, cwd=None, **env):
    env = {**os.environ, "XDG_CACHE_HOME": str(home), **env}
    env.pop("NUMBA_DISABLE_JIT", None)
    command, options = [sys.executable, "-c", SCRIPT], {"capture_output": True, "text": True, "check": True}
    done = subprocess.run(command, env=env, cwd=cwd, **options)
    return done.stdout.split(maxsplit=2)


def test_a_second_process_loads_what_the_first_compiled(tmp_path):
    folder, hits, values = run(tmp_path)
    assert (hits, values) == ("0", "[0.0, 1.0]\n")
    assert run(tmp_path) == [folder, "1", values]
    assert Path(folder).stat().st_mode & 0o777 == 0o700
    assert (Path(folder) / "test.ready").exists()


def test_what_was_compiled_long_ago_is_removed(tmp_path):
    old, recent, other = (tmp_path / "caviar" / name for name in ("kernels-old", "kernels-recent", "notes"))
    for folder in (old, recent, other):
        (folder / "within").mkdir(parents=True)
    for folder in (old, other):
        os.utime(folder, (0, 0))
    (tmp_path / "caviar").chmod(0o700)
    run(tmp_path)
    assert not old.exists()
    assert recent.exists()
    assert other.exists()


def test_a_process_that_finds_nothing_compiled_trains_as_those_after_it(tmp_path):
    """To the last bit of float32, where copies of a kernel may be rounded differently."""
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    env.pop("NUMBA_DISABLE_JIT", None)
    first, second = (
        subprocess.run([sys.executable, "-c", TRAIN], env=env, capture_output=True, text=True, check=True)
        for _ in range(2)
    )
    assert first.stdout == second.stdout != ""


def test_a_copy_elsewhere_has_a_folder_of_its_own(tmp_path):
    """Or it would be taken for compiled, and each of its processes would compile."""
    copy = shutil.copytree(Path(trainer.__file__).parent, tmp_path / "copy" / "trainer")
    folder, _, values = run(tmp_path)
    other, hits, same = run(tmp_path, cwd=copy.parent)
    assert (hits, same) == ("0", values)
    assert other != folder
    os.utime(copy / "compiled" / "epoch.py", ns=(1, 1))  # as another install of the same has another time
    assert run(tmp_path, cwd=copy.parent)[:2] != [other, "1"]


def test_uncompiled_nothing_is_taken_for_compiled(tmp_path):
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "NUMBA_DISABLE_JIT": "1"}
    subprocess.run([sys.executable, "-c", TRAIN], env=env, capture_output=True, check=True)
    assert not list(tmp_path.rglob("*.ready"))


def test_of_several_that_start_at_once_one_compiles(tmp_path):
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda _: run(tmp_path), range(3)))
    assert sorted(hits for _, hits, _ in found) == ["0", "1", "1"]


def test_it_runs_where_nothing_can_be_kept(tmp_path):
    (tmp_path / "file").write_text("")
    assert run(tmp_path / "file") == ["None", "0", "[0.0, 1.0]\n"]


@pytest.mark.parametrize("mode", [0o777, 0o720])
def test_a_folder_that_others_may_write_to_is_not_used(tmp_path, mode):
    (tmp_path / "caviar").mkdir()
    (tmp_path / "caviar").chmod(mode)
    assert run(tmp_path)[0] == "None"
