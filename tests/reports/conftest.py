"""Sweeps that several tests of reports read; none of them writes to their folders."""

import pytest

from tests import reports


@pytest.fixture(scope="session")
def swept(tmp_path_factory):
    """A sweep with finalists, conditional hyperparameters, and trials that diverged and failed."""
    folder = tmp_path_factory.mktemp("report") / "swept"
    return reports.sweep(
        folder, reports.train, trials=60, finalists={"top": 2, "seeds": 2}, metric="val_loss"
    )


@pytest.fixture(scope="session")
def hostile(tmp_path_factory):
    """A sweep whose metric, choices, errors and, in its spec, name are markup."""
    folder = tmp_path_factory.mktemp("report") / "hostile"
    reports.sweep(folder, reports.hostile, reports.MARKUP, epochs=1, metric=reports.HOSTILE)
    spec = folder / "spec.yaml"
    lines = spec.read_text().splitlines(keepends=True)
    name = "name: \"</title><script>alert('2')</script>\"\n"
    spec.write_text("".join(name if line.startswith("name:") else line for line in lines))
    return folder
