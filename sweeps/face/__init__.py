"""The face: from what a user writes to a sweep that runs. No other room reaches cluster or trainer."""

from sweeps.face.babysitting.adopt import adopt
from sweeps.face.babysitting.nudge import nudge, suggest
from sweeps.face.babysitting.panda import panda
from sweeps.face.babysitting.replay import replay
from sweeps.face.babysitting.schedule import replay_schedule
from sweeps.face.cluster import cluster_status, dashboard_page, start_cluster, stop_cluster, write_dashboards
from sweeps.face.execute import execute
from sweeps.face.models.refit import Refit, refit
from sweeps.face.preview import plan, preview
from sweeps.face.reproduce import reproduce
from sweeps.face.resolve import load_data, plan_from_spec
from sweeps.face.resume import resume, resume_sweep
from sweeps.face.retune import retune, retune_sweep
from sweeps.face.run import run
from sweeps.face.stop import stop

__all__ = [
    "Refit",
    "adopt",
    "cluster_status",
    "dashboard_page",
    "execute",
    "load_data",
    "nudge",
    "panda",
    "plan",
    "plan_from_spec",
    "preview",
    "refit",
    "replay",
    "replay_schedule",
    "reproduce",
    "resume",
    "resume_sweep",
    "retune",
    "retune_sweep",
    "run",
    "start_cluster",
    "stop",
    "stop_cluster",
    "suggest",
    "write_dashboards",
]
