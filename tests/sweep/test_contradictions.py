"""A log whose records are whole, and yet cannot be of one sweep."""

import json
import shutil
import tempfile
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sweeps
from tests.sweep.test_resume import SWEEP, decay, resume

SEGMENT = Path("log") / "segment-00000.log"


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A sweep that has ended."""
    out = tmp_path_factory.mktemp("done") / "run"
    return sweeps.run(decay, **SWEEP, out=out, serial=True, progress=False).path


def read(folder):
    return [json.loads(line[18:]) for line in (folder / SEGMENT).read_bytes().splitlines()]


def copied(done, folder, forms):
    """The sweep with these records in its log, which are numbered anew."""
    shutil.copytree(done, folder)
    lines = []
    for number, form in enumerate(forms):
        payload = json.dumps({**form, "n": number}, separators=(",", ":")).encode()
        lines.append(b"%08x %08x %b\n" % (len(payload), zlib.crc32(payload), payload))
    (folder / SEGMENT).write_bytes(b"".join(lines))
    return folder


def where(forms, kind, **fields):
    """The first record that has these fields."""
    return next(i for i, form in enumerate(forms) if form["kind"] == kind and form.items() >= fields.items())


def tables(folder):
    return {path: path.read_bytes() for path in folder.rglob("*.parquet")}


def end_of_first(forms):
    return next(
        i for i, each in enumerate(forms) if each["kind"] == "reported" and each["outcome"] != "running"
    )


def ask(forms):
    return next(i for i, each in enumerate(forms) if each["kind"] == "asked" and each["jobs"])


def a_report_that_no_event_asked_for(forms):
    forms[end_of_first(forms)]["trial"] = 999
    return "is a report of trial 999, which no record before it asks for", end_of_first(forms)


def two_reports_of_one_job(forms):
    place = end_of_first(forms)
    forms.insert(place + 1, {**forms[place], "count": 0, "rows": {}})
    return "none of whose jobs is in training", place + 1


def a_report_of_epochs_that_do_not_follow(forms):
    place = end_of_first(forms)
    forms[place]["epochs"] += 7
    return "epochs are known before", place


def a_job_of_a_trial_that_is_in_training(forms):
    place = ask(forms)
    forms.insert(place + 1, forms[place])
    return "which is in training then", place + 1


def a_trial_twice_in_one_ask(forms):
    place = ask(forms)
    forms[place]["jobs"].append(forms[place]["jobs"][0])
    return "which is in training then", place


def a_trial_out_of_turn(forms):
    place = ask(forms)
    forms[place]["jobs"][0][0] = 2**40
    return f"asks for a job of trial {2**40}, where there are 0 trials", place


def a_retry_of_what_has_not_begun(forms):
    place = ask(forms)
    forms.insert(place, {"kind": "retried", "trial": 3, "attempt": 1})
    return "trains trial 3 again, which has never begun", place


def observed(trial, **fields):
    return {"trial": trial, "config": {}, "epochs": 0, "objective": None, "outcome": "done", **fields}


def a_search_that_forgets_what_there_is(forms):
    place = end_of_first(forms)
    spec = forms[where(forms, "search")]["spec"]
    forms.insert(place + 1, {"kind": "search", "spec": spec, "observed": []})
    return "begins a search with 0 trials", place + 1


def a_search_with_results_of_nobody(forms):
    place = where(forms, "search")
    forms[place]["observed"] = [observed(0, epochs=4, objective=1.0)]
    return "results of trial 0, which has never begun", place


def a_search_with_a_trial_in_training_that_has_not_begun(forms):
    place = where(forms, "search")
    forms[place]["observed"] = [observed(0, outcome="running", stop=2)]
    return "results of trial 0, which has never begun", place


def a_search_that_forgets_what_is_in_training(forms):
    place = ask(forms)
    trials = [observed(job[0]) for job in forms[place]["jobs"]]
    spec = forms[where(forms, "search")]["spec"]
    forms.insert(place + 1, {"kind": "search", "spec": spec, "observed": trials})
    return "does not know of trial 0, which is in training then", place + 1


def a_search_whose_trials_are_out_of_order(forms):
    place = where(forms, "search")
    forms[place]["observed"] = [observed(1), observed(0)]
    return "not numbered 0, 1, 2", place


@pytest.mark.parametrize(
    "contradict",
    [
        a_report_that_no_event_asked_for,
        two_reports_of_one_job,
        a_report_of_epochs_that_do_not_follow,
        a_job_of_a_trial_that_is_in_training,
        a_trial_twice_in_one_ask,
        a_trial_out_of_turn,
        a_retry_of_what_has_not_begun,
        a_search_that_forgets_what_there_is,
        a_search_with_results_of_nobody,
        a_search_with_a_trial_in_training_that_has_not_begun,
        a_search_that_forgets_what_is_in_training,
        a_search_whose_trials_are_out_of_order,
    ],
)
def test_it_is_said_which_record_contradicts_those_before_it(done, tmp_path, contradict):
    forms = read(done)
    rule, record = contradict(forms)
    folder = copied(done, tmp_path / "run", forms)
    before = tables(folder)
    with pytest.raises(sweeps.BadInput) as caught:
        resume(folder)
    assert (caught.value.place, caught.value.value) == (str(folder), "log")
    assert caught.value.rule.startswith(f"contradicts itself: record {record} ")
    assert rule in caught.value.rule
    assert "from a copy" in caught.value.fix
    assert tables(folder) == before


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["remove", "double", "swap", "trial", "epochs", "outcome"]),
            st.floats(0, 0.999),
            st.integers(0, 15),
        ),
        min_size=1,
        max_size=2,
    )
)
def test_whatever_is_done_to_a_log_it_is_resumed_or_refused(done, edits):
    forms = read(done)
    for how, at, number in edits:
        edit(forms, how, int(at * len(forms)), number)
    with tempfile.TemporaryDirectory() as parent:
        folder = copied(done, Path(parent) / "run", forms)
        with suppress(sweeps.BadInput):
            resume(folder)


def edit(forms, how, at, number):
    form = forms[at]
    if how == "remove":
        del forms[at]
    elif how == "double":
        forms.insert(at, form)
    elif how == "swap":
        other = number % len(forms)
        forms[at], forms[other] = forms[other], forms[at]
    elif form["kind"] == "asked" and form["jobs"] and how != "outcome":
        job = form["jobs"][number % len(form["jobs"])]
        job[0 if how == "trial" else 2] = number
    elif form["kind"] == "reported":
        form[how] = ["failed", "done", "ended", "stopped"][number % 4] if how == "outcome" else number
