"""Trials that begin from another's checkpoint, and configs that change between jobs: what is known of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeps.events import JobReported, JobsAsked, Nudged
from sweeps.nudges import WHATS, Nudge
from sweeps.store import TrialRow
from sweeps.store.records import from_record, to_record
from sweeps.store.tables.jobs import change_rows
from sweeps.sweep.contradictions import Contradiction, check_follows
from sweeps.sweep.ledger import Ledger, Unwritten
from sweeps.trial import Change, Job, Outcome

OLD, NEW, NEWER = {"rate": 1.0}, {"rate": 0.5}, {"rate": 0.5, "l2": 0.1}
whole = st.integers(0, 2**40)
configs = st.dictionaries(st.text(min_size=1), st.floats(allow_nan=False), max_size=3)
changes = st.none() | st.builds(Change, whole, configs, st.text(), st.text())
numbers = st.none() | whole


def ledger():
    """Of trial 0, changed at epoch 2, of trial 1, which began from its epoch 3, and was changed at 4."""
    found = Ledger(Unwritten(), "val_loss", "min", 9)
    jobs = [
        Job(0, OLD, stop=2),
        Job(0, NEW, start=2, stop=4, change=Change(2, OLD, "ann")),
        Job(1, NEW, start=3, stop=4, parent=(0, 3), change=Change(3, NEW, "ann")),
        Job(1, NEWER, start=4, stop=5, parent=(0, 3), change=Change(4, NEW, "ann")),
    ]
    for job in jobs:
        found.begin(job)
        rows = {"val_loss": [1 / epoch for epoch in range(job.start + 1, job.stop + 1)]}
        count = job.stop - job.start
        event = JobReported(trial=job.trial, epochs=job.stop, outcome=Outcome.DONE, rows=rows, count=count)
        found.replay(event)
    return found


def test_a_trial_that_begins_from_a_parent_has_its_epochs_behind_it_and_they_count_once():
    found = ledger()
    row = found.rows[1]
    assert (row.parent, row.parent_epoch, row.epochs) == (0, 3, 5)
    assert found.trained_epochs == 4 + 2


@pytest.mark.parametrize(
    ("trial", "epoch", "config"),
    [(0, 0, OLD), (0, 2, OLD), (0, 3, NEW), (0, 4, NEW), (1, 3, NEW), (1, 4, NEW), (1, 5, NEWER)],
)
def test_it_is_known_what_each_checkpoint_was_trained_with(trial, epoch, config):
    assert ledger().config_at(trial, epoch) == config


def test_a_row_has_the_latest_config():
    assert [row.config for row in ledger().rows.values()] == [NEW, NEWER]


def test_a_change_is_a_row_per_hyperparameter():
    job = Job(1, NEWER, start=4, stop=5, change=Change(4, OLD, "ann", "why"))
    rate, l2 = change_rows(job, 7.0)
    assert rate == (1, 4, 7.0, "rate", "1.0", "0.5", "ann", "why")
    assert (l2.before, l2.after) == (None, "0.1")
    begins = Job(1, OLD, start=3, stop=4, parent=(0, 3), change=Change(3, OLD, "ann"))
    assert [each.hyperparameter for each in change_rows(begins, 0.0)] == [None]
    assert not list(change_rows(Job(0, OLD, stop=1), 0.0))


@given(st.builds(Job, whole, configs, stop=whole, parent=st.none() | st.tuples(whole, whole), change=changes))
def test_a_job_is_read_back_from_the_log_as_it_was(job):
    asked = JobsAsked(capacity=1, jobs=(job,))
    assert from_record(to_record(3, asked)) == (3, asked)


def test_a_job_of_a_sweep_is_recorded_as_before():
    plain = to_record(0, JobsAsked(capacity=1, jobs=(Job(0, OLD, stop=2),)))
    assert b'"jobs":[[0,0,2,0,0,null,{"rate":1.0}]]' in plain


@given(
    st.builds(
        Nudge,
        st.sampled_from(WHATS),
        branch=numbers,
        epoch=numbers,
        of=numbers,
        config=configs,
        before=configs,
        reason=st.text(),
    )
)
def test_a_nudge_is_read_back_from_the_log_as_it_was(nudge):
    assert from_record(to_record(0, Nudged(nudge=nudge))) == (0, Nudged(nudge=nudge))


@pytest.mark.parametrize(
    ("job", "why"),
    [
        (Job(1, OLD, start=9, stop=10, parent=(0, 9)), "from epoch 9 of trial 0, which has none"),
        (Job(1, OLD, start=1, stop=2, parent=(1, 1)), "from epoch 1 of trial 1, which has none"),
        (Job(1, OLD, start=0, stop=2, parent=(0, 1)), "from epoch 0 on, where it began at epoch 1"),
    ],
)
def test_a_parent_that_cannot_be_is_said(job, why):
    rows = {0: TrialRow(0, 0, OLD, epochs=4)}
    with pytest.raises(Contradiction, match=why):
        check_follows(JobsAsked(capacity=1, jobs=(job,)), rows, {}, 0)
