"""The report of a sweep: one HTML file that answers what a reader asks, question by question."""

from sweeps.reports.write import report

__all__ = ["report"]
