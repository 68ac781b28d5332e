"""Whole sweeps for other programs: tables as CSV, and the studies, runs and event files of other tools."""

from sweeps.export.formats import FORMATS, export

__all__ = ["FORMATS", "export"]
