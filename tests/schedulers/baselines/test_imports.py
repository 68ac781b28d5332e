"""What is optional is imported only when asked for."""

import subprocess
import sys


def test_sweeps_does_not_import_optuna():
    code = "import sys, sweeps; sys.exit('optuna' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
