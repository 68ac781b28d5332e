"""What trials print: a file each, whoever trains them, and on the screen where that is asked for."""

import json
import pickle
import sys
from collections import Counter
from dataclasses import replace

import numpy as np

from sweeps import Uniform
from sweeps.execution import Workload
from sweeps.execution.process import Payload, ProcessActor
from sweeps.execution.trainables.modules import UserModules
from sweeps.execution.trainables.printed import MOST_PRINTED, Printed, give_turn, heard_prints
from sweeps.execution.worker import Order
from sweeps.store.prints import MOST_BYTES, PrintsFolder, read_prints
from sweeps.trial import Job, Outcome, Prints, Report

X = {"x": Uniform(0, 1)}


def talks(config, run):
    """Says its x on both streams, each epoch, and goes on from its checkpoint."""
    run.restore()
    for epoch in range(run.start, run.epochs):
        print(f"x {config['x']!r}", "epoch", epoch + 1)
        print("to the error stream", file=sys.stderr, end="")
        print(" in two parts", file=sys.stderr)
        run.save({"epoch": epoch})
        yield {"val_loss": config["x"]}
    print("and after the last one", end="")


def reporting(config, run):
    for _ in range(run.epochs):
        print("from a thread of its own")
        run.report({"val_loss": config["x"]})


class Choir:
    """A trainable with packs of four, which speak together in each epoch, and alone as they come."""

    def __call__(self, config, run):
        raise AssertionError("packs train it")

    def pack_key(self, config, run):
        return "all"

    def pack(self, config, run):
        return _Pack()


class _Pack:
    seats = 4

    def __init__(self):
        self.inside = {}

    def enter(self, seat, config, run):
        print("I am", config["x"])
        self.inside[seat] = config["x"]

    def leave(self, seat):
        del self.inside[seat]

    def epoch(self):
        print("la")
        return {seat: {"val_loss": x} for seat, x in self.inside.items()}

    def save(self, seat):
        return None


def test_each_trial_has_a_file_of_its_own(run):
    result = run(talks, space=X, trials=6, epochs=3, finalists={"top": 1, "seeds": 2})
    for row in result.trials.itertuples():
        config = json.loads(row.config)
        jobs = result.jobs[result.jobs["trial"] == row.trial]
        lines = read_prints(result.path, row.trial).splitlines()
        words = [line for line in lines if line.startswith("x ")]
        assert words == [f"x {config['x']!r} epoch {epoch + 1}" for epoch in range(row.epochs)]
        assert lines.count("to the error stream in two parts") == row.epochs
        assert sum("and after the last one" in line for line in lines) == len(jobs)


def test_who_does_not_print_leaves_no_folder(serial):
    result = serial(lambda config, run: config["x"], space=X, trials=3)
    assert not (result.path / "prints").exists()


def test_in_this_process_prints_still_reach_the_screen(serial, capsys):
    result = serial(talks, space=X, trials=3)
    out, err = capsys.readouterr()
    assert out.count("x 0.") == err.count("in two parts") == result.trials["epochs"].sum()


def test_a_function_that_reports_from_its_own_thread(serial):
    result = serial(reporting, space=X, trials=3, epochs=2, scheduler="random")
    for trial in range(3):
        assert read_prints(result.path, trial) == "from a thread of its own\n" * 2


def test_trials_of_a_pack_are_told_apart_where_that_can_be_known(serial):
    result = serial(Choir(), space=X, trials=8, epochs=2, scheduler="random")
    for row in result.trials.itertuples():
        lines = read_prints(result.path, row.trial).splitlines()
        assert lines.count(f"I am {json.loads(row.config)['x']}") == 1
        assert sum(line.startswith("I am") for line in lines) == 1
        assert lines.count("la") == row.epochs
    whose = Counter(
        line for trial in range(8) for line in read_prints(result.path, trial).splitlines() if "[" in line
    )
    assert "[trials 1, 2, 3, 4 are trained as one; one of them, or all:]" in whose


def test_a_trial_that_fails_keeps_what_it_said_last(serial):
    def train(config, run):
        print("about to")
        raise RuntimeError("oh")

    def or_not(config, run):
        if config["x"] > 0.5:
            return train(config, run)
        return config["x"]

    result = serial(or_not, space=X, trials=6, retries=1)
    failed = result.trials[result.trials["status"] == "failed"]
    assert len(failed)
    for trial in failed["trial"]:
        assert read_prints(result.path, trial) == "about to\n" * 2, "once for each attempt"


def test_a_trial_that_prints_without_end_is_cut(serial):
    def loud(config, run):
        for _ in range(run.start, run.epochs):
            print("ä" * 700_000)
            yield {"val_loss": config["x"]}

    result = serial(loud, space=X, trials=1, epochs=3)
    text = read_prints(result.path, 0)
    assert len(text.encode()) < MOST_BYTES + 100
    assert text.endswith("[cut: a trial's prints are kept up to 1 MB]\n")
    assert text.count("[cut") == 1


def test_a_disk_that_takes_no_prints_fails_no_sweep(serial, tmp_path):
    def train(config, run):
        (tmp_path / "run" / "prints").touch()  # where the folder would be
        print("unheard")
        return config["x"]

    assert len(serial(train, space=X, trials=3).trials) == 3


def test_a_worker_in_a_process_of_its_own_hears_prints():
    actor = ProcessActor("worker-00")
    parts = [(pickle.dumps(part), []) for part in (talks, np.zeros(1))]
    try:
        answers = [
            actor.load(Payload(UserModules(), parts, Workload(None, "val_loss"))),
            actor.train([Order(0, Job(0, {"x": 0.25}, stop=2), None)], "train"),
        ]
        while not all(answer.done for answer in answers):
            actor.receive()
        ((_, report),) = answers[1].take().ended
    finally:
        actor.kill()
    assert report.prints.first == 0
    assert "x 0.25 epoch 2\n" in report.prints.text
    assert not report.prints.cut


def test_prints_of_a_job_in_training_come_in_whole_lines_and_once(tmp_path):
    folder, said = PrintsFolder(tmp_path / "prints"), ""
    text = "".join(f"line {n}\n" for n in range(100))
    for end in range(0, len(text), 7):
        report = Report(5, 1, None, Outcome.RUNNING, prints=Prints(0, text[:end]))
        new = folder.take(report)
        assert new == "" or new.endswith("\n")
        said += new
    assert folder.take(Report(5, 1, None, Outcome.RUNNING, prints=Prints(len(text) + 9, "far"))) == ""
    far = Report(6, 1, None, Outcome.RUNNING, prints=Prints(9, "far\n"))
    assert folder.take(far) == "[9 letters left out]\nfar\n"
    assert folder.take(replace(far, prints=Prints(9, "far\nfarther\n"))) == "farther\n"
    said += folder.take(Report(5, 1, None, Outcome.DONE, prints=Prints(0, text + "end")))
    assert said == text + "end\n" == (tmp_path / "prints" / "trial-5.txt").read_text()
    folder.take(Report(5, 2, None, Outcome.DONE, prints=Prints(0, "again\n")))
    assert (tmp_path / "prints" / "trial-5.txt").read_text().endswith("end\nagain\n")


def test_what_is_left_out_is_said(tmp_path, monkeypatch):
    printed = Printed()
    for _ in range(MOST_PRINTED // 64):
        printed.add("x" * 63 + "\n")
    assert not printed.told(over=True).cut
    printed.add("more")
    assert printed.told(over=True).cut
    monkeypatch.setattr("sweeps.store.prints.MOST_BYTES_IN_ALL", 10)
    folder = PrintsFolder(tmp_path / "prints")
    for trial in range(4):
        folder.take(Report(trial, 1, None, Outcome.DONE, prints=Prints(0, "1234567\n")))
    kept = [path.read_text() for path in sorted((tmp_path / "prints").iterdir())]
    assert kept[0] == "1234567\n"
    assert "a sweep's prints are kept" in kept[1]
    assert len(kept) == 2


def test_only_whose_turn_it_is_hears(capsys):
    one, two = Printed(), Printed()
    with heard_prints():
        print("nobody's")
        before = give_turn(one)
        print("one")
        inner = give_turn(two)
        print("two")
        give_turn(inner)
        sys.stdout.writelines(["one ", "again\n"])
        give_turn(before)
        print("nobody's")
    print("after")
    assert (one.told(True).text, two.told(True).text) == ("one\none again\n", "two\n")
    assert capsys.readouterr().out == "nobody's\none\ntwo\none again\nnobody's\nafter\n"


def test_a_report_on_the_way_brings_the_end_alone():
    kept = Printed()
    assert kept.told(True) is None
    for _ in range(2000):
        kept.add("x" * 1000)
    told, whole = kept.told(False), kept.told(True)
    assert (whole.first, len(whole.text), whole.cut) == (0, MOST_PRINTED, True)
    assert told.first + len(told.text) == MOST_PRINTED
    assert len(told.text) == 1 << 16
