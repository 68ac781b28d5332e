"""Launch: from what a user writes to a sweep that runs. The only room that reaches cluster/ and trainer/."""

from sweeps.launch.execute import execute
from sweeps.launch.facade import run
from sweeps.launch.resolve import plan_from_spec

__all__ = ["execute", "plan_from_spec", "run"]
