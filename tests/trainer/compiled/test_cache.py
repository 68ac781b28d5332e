"""Where machine code is kept: privately, once a machine, and not at all where there is no place."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

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


def run(home, **env):
    env = {**os.environ, "XDG_CACHE_HOME": str(home), **env}
    env.pop("NUMBA_DISABLE_JIT", None)
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=env, capture_output=True, text=True, check=True)
    return done.stdout.split(maxsplit=2)


def test_a_second_process_loads_what_the_first_compiled(tmp_path):
    folder, hits, values = run(tmp_path)
    assert (hits, values) == ("0", "[0.0, 1.0]\n")
    assert run(tmp_path) == [folder, "1", values]
    assert Path(folder).stat().st_mode & 0o777 == 0o700
    assert (Path(folder) / "test.ready").exists()


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
