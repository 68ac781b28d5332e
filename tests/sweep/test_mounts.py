"""A real file system that is full, in a name space of its own."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import sweeps
from tests.sweep.test_resume import SWEEP, assert_same_sweep, decay, resume

ROOT = Path(__file__).parents[2]
ALONE = ["unshare", "--map-root-user", "--mount"]
SCRIPT = """
import subprocess, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from sweeps.face import execute
from tests.sweep.plans import plan_of
from tests.sweep.test_resume import SWEEP, Notices, decay

disk = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], check=True)
ballast, said = disk / "ballast", []

def harm():
    with open(ballast, "ab", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            said.append("full")

def mend(text):
    said.append(text)
    if "the log cannot be written" in text:
        ballast.unlink()

def train(config, run):
    for row in decay(config, run):
        yield row
        if not said:
            harm()

execute(plan_of(train, **SWEEP), out=disk / "run", serial=True, observer=Notices(mend))
print("\\n".join(said))
subprocess.run(["cp", "-r", disk / "run", sys.argv[2]], check=True)
"""


@pytest.fixture(scope="module")
def alone():
    """How to run a command that may mount."""
    if not shutil.which("unshare") or subprocess.run([*ALONE, "true"], check=False).returncode:
        pytest.skip("no name space of its own is allowed here")
    return ALONE


def test_a_full_file_system_is_waited_for(tmp_path, alone):
    (tmp_path / "disk").mkdir()
    (tmp_path / "script.py").write_text(SCRIPT.format(root=str(ROOT)))
    command = [*alone, sys.executable, "script.py", "disk", "copy"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "No space left" in done.stdout
    assert "can be written again" in done.stdout
    whole = sweeps.run(decay, **SWEEP, out=tmp_path / "whole", serial=True, progress=False)
    assert_same_sweep(tmp_path / "copy", whole)
    resume(tmp_path / "copy", changed_code=True)
