"""Programs as trainables: heard line by line, without a shell, and ended with all that they started."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import sweeps
from sweeps.errors import BadInput
from sweeps.execution import Command, Run, Workload
from sweeps.execution.trainables.command import as_metrics
from sweeps.face import execute, plan_from_spec
from sweeps.spec import read_spec
from sweeps.sweep.planning.fingerprint import fingerprint_of_code
from sweeps.trial import Job, Outcome
from tests.cluster.pools import process_executor
from tests.execution.test_job_run import finish

PYTHON = f"{sys.executable} train.py"
PROGRAM = """
import json, os, sys
from pathlib import Path
rate, kept = float(sys.argv[1]), Path(os.environ["CAVIAR_FOLDER"]) / "w"
w = float(kept.read_text()) if kept.exists() else 10.0
print("started with", sys.argv[1:], os.environ["CAVIAR_CONFIG"])
for epoch in range(int(os.environ["CAVIAR_START"]), int(os.environ["CAVIAR_EPOCHS"])):
    w -= 2 * rate * w
    print(json.dumps({"epoch": epoch, "val_loss": w * w}))
kept.write_text(repr(w))
"""


@pytest.fixture
def folder(in_folder):
    (in_folder / "train.py").write_text(PROGRAM)
    return in_folder


def command(folder, text, program=None):
    if program is not None:
        (folder / "train.py").write_text(program)
    return Command(text, folder)


def alive(pid):
    """Whether a process runs; one that has ended and that nobody has waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_its_lines_are_its_epochs_and_its_folder_the_checkpoint(folder, capfd):
    train = command(folder, f"{PYTHON} {{rate}}")
    whole = finish(train, {"rate": 0.1}, stop=9)
    first = finish(train, {"rate": 0.1}, stop=4)
    second = finish(train, {"rate": 0.1}, start=4, stop=9, checkpoint=first.checkpoint)
    assert whole.outcome is Outcome.DONE
    assert set(whole.rows[0]) == {"val_loss"}
    assert [*first.rows, *second.rows] == list(whole.rows)
    assert "started with ['0.1'] {\"rate\": 0.1}" in capfd.readouterr().out


def test_values_are_one_word_each_whatever_they_hold(folder):
    run = Run(epochs=3, seed=5)
    words = command(folder, "program '--text={text}' --n {n} --on {on} --list {list} {{x}} {seed}").words(
        {"text": "a b; $(rm) 'c'", "n": None, "on": True, "list": [1, "b"]}, run
    )
    rest = ["--n", "null", "--on", "true", "--list", '[1, "b"]', "{x}", "5"]
    assert words == ["program", "--text=a b; $(rm) 'c'", *rest]
    run._end()


def test_an_option_without_its_value_is_left_out(folder):
    run = Run(epochs=1)
    words = command(folder, "program --a {a} --b={b} --c {c}").words({"c": 1}, run)
    assert words == ["program", "--c", "1"]
    run._end()


@pytest.mark.parametrize(
    ("line", "metrics"),
    [
        ('{"loss": 1, "acc": 0.5}\n', {"loss": 1, "acc": 0.5}),
        ('{"epoch": 3, "trial": 1, "loss": NaN}', {"loss": pytest.approx(float("nan"), nan_ok=True)}),
        ("{}", {}),
        ("epoch 1: loss 0.5", None),
        ('{"level": "info", "loss": 1}', None),
        ("{'loss': 1}", None),
        ("[1, 2]", None),
        ('{"loss": true}', None),
    ],
)
def test_which_lines_are_metrics(line, metrics):
    assert as_metrics(line) == metrics


def test_a_program_that_fails_leaves_the_end_of_its_error_stream(folder):
    train = command(folder, PYTHON, "import sys\nprint('{\"val_loss\": 1}')\nsys.exit('no such\\nluck')")
    report = finish(train)
    assert (report.outcome, report.epochs) == (Outcome.FAILED, 1)
    assert report.error.endswith("luck")
    assert "exit code 1" in report.error
    assert "Traceback" not in report.error.partition("no such")[0].partition("CommandFailed")[2]
    silent = finish(command(folder, PYTHON, "print('nothing')"))
    assert "has printed no line of metrics" in silent.error


def test_one_that_is_stopped_is_ended_with_all_that_it_started(folder):
    program = (
        "import json, os, subprocess, time\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        "while True: print(json.dumps({'val_loss': 1, 'child': child.pid, 'pid': os.getpid()}))\n"
    )
    report = finish(command(folder, PYTHON, program), stop=2)
    assert report.outcome is Outcome.DONE
    assert not alive(int(report.rows[0]["child"]))
    assert not alive(int(report.rows[0]["pid"]))


def test_what_it_leaves_behind_is_not_waited_for(folder):
    """A child that it has left holds its pipe; all that it printed itself is heard."""
    program = (
        "import json, subprocess\n"
        "subprocess.Popen('sleep 20; touch late', shell=True)\n"
        "for epoch in range(2000): print(json.dumps({'val_loss': epoch}))\n"
        "print('no newline', end='')\n"
    )
    report = finish(command(folder, PYTHON, program), stop=3000)
    assert [row["val_loss"] for row in report.rows] == list(range(2000))
    assert not (folder / "late").exists()


def test_one_that_is_left_and_prints_on_is_no_endless_matter(folder):
    program = "import subprocess\nprint('{\"val_loss\": 1}')\nsubprocess.Popen(['yes', 'y' * 9999])\n"
    assert finish(command(folder, PYTHON, program), stop=3).rows[0] == {"val_loss": 1}


def test_without_its_guard_it_is_ended(folder, monkeypatch):
    started = []

    class Noted(subprocess.Popen):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Noted)
    monkeypatch.setattr(sys, "executable", str(folder / "no-python"))
    run = Run(epochs=1)
    try:
        with pytest.raises(FileNotFoundError):
            next(command(folder, "sleep 600")({}, run))
        assert [process.returncode for process in started] == [-signal.SIGTERM]
    finally:
        started[0].kill()
        run._end()


def test_it_is_ended_when_its_worker_is_killed(folder):
    program = (
        "import json, os, time\n"
        "print(json.dumps({'val_loss': 1, 'pid': os.getpid(), 'worker': os.getppid()}))\n"
        "time.sleep(600)\n"
    )
    executor = process_executor(Workload(command(folder, PYTHON, program), "val_loss", "min"), 1)
    try:
        executor.submit(Job(0, {}, stop=2))
        reports = []
        while not any(report.rows for report in reports):
            reports = executor.poll(0.2)
        row = reports[-1].rows[0]
        descriptor = os.pidfd_open(int(row["pid"]))
        os.kill(int(row["worker"]), signal.SIGKILL)
        with os.fdopen(descriptor) as ended:
            assert select.select([ended], [], [], 60)[0]
    finally:
        executor.close()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("program --rate {rat}", "did you mean rate?"),
        ("program 'unbalanced", "cannot be split"),
        ("", "is no command line"),
        ("program {rate:.2f}", "no name stands"),
        ("program {}", "no name stands"),
        ("program {", "no name stands"),
        ("no-such-program-anywhere {rate}", "is no program that can be found"),
        (3, "is no command line"),
    ],
)
def test_what_is_wrong_with_a_command_line_is_said_before_the_start(in_folder, text, said):
    with pytest.raises(BadInput) as raised:
        sweeps.plan({"command": text}, space={"rate": sweeps.Uniform(0, 1)}, trials=2, progress=False)
    assert said in str(raised.value)


def test_a_mapping_without_a_command_is_refused(in_folder):
    with pytest.raises(BadInput, match="must have the key command"):
        sweeps.run({"comand": "x"}, space={"rate": sweeps.Uniform(0, 1)})


def test_its_code_is_its_line_and_its_files(folder):
    first = fingerprint_of_code(command(folder, f"{PYTHON} {{rate}}"))
    assert first == fingerprint_of_code(command(folder, f"{PYTHON} {{rate}}"))
    assert first != fingerprint_of_code(command(folder, f"{PYTHON} {{rate}} -v"))
    assert first != fingerprint_of_code(command(folder, f"{PYTHON} {{rate}}", "other"))


def test_a_sweep_from_a_spec_is_resumed_with_its_checkpoints(folder):
    spec = f"""
        trainable: {{command: "{PYTHON} {{rate}}"}}
        objective: last
        trials: 6
        epochs: 9
        finalists: false
        space: {{rate: {{uniform: [0, 0.9]}}}}
    """
    (folder / "sweep.yaml").write_text(spec)
    plan = plan_from_spec(read_spec(folder / "sweep.yaml"), folder)
    result = execute(plan, serial=True, out=folder / "run")
    assert (result.jobs.start > 0).any()
    assert result.checkpoint(folder=folder / "best") is None
    assert float((folder / "best" / "w").read_text()) ** 2 == result.best.objective
    more = sweeps.resume(folder / "run", trials=8, serial=True, progress=False)
    assert len(more.trials) == 8
