"""The store: a sweep's folder with its log, its tables and its checkpoints, written while it runs."""

from sweeps.store.atomic import write_atomically, write_folder
from sweeps.store.checkpoints import Checkpoints
from sweeps.store.described import Described, read_described, write_described
from sweeps.store.earlier import EARLIER_FILE, read_earlier, write_earlier
from sweeps.store.lease import Holder, Lease, moment, read_holder
from sweeps.store.log import LogReader, sync_log
from sweeps.store.requests import is_waiting, request_nudge, request_stop
from sweeps.store.run_directory import LOG, SPEC_FILE, RunDirectory, check_free, claimed, no_sweep
from sweeps.store.tables.jobs import JobRow, change_rows
from sweeps.store.tables.parts import first_line
from sweeps.store.tables.trials import TrialRow

__all__ = [
    "EARLIER_FILE",
    "LOG",
    "SPEC_FILE",
    "Checkpoints",
    "Described",
    "Holder",
    "JobRow",
    "Lease",
    "LogReader",
    "RunDirectory",
    "TrialRow",
    "change_rows",
    "check_free",
    "claimed",
    "first_line",
    "is_waiting",
    "moment",
    "no_sweep",
    "read_described",
    "read_earlier",
    "read_holder",
    "request_nudge",
    "request_stop",
    "sync_log",
    "write_atomically",
    "write_described",
    "write_earlier",
    "write_folder",
]
