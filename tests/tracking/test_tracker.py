"""What a callback is told of each trial is what the tables have in the end."""

import pytest

import sweeps
from sweeps.command import main
from sweeps.export.histories import histories
from sweeps.tracking.tracker import Tracker
from tests.tracking.sweeps_tracked import tracked


class Recording(Tracker):
    """Keeps what it is told; both processes' in one."""

    def __init__(self, kept):
        self.kept = kept

    def begin(self):
        self.ids = self.kept.setdefault("ids", [])

    def has(self, history):
        return history.trial in self.kept

    def start(self, history):
        self.ids.append(self.sweep)
        self.kept.setdefault(history.trial, []).append(("start", history))

    def report(self, history):
        self.kept[history.trial].append(("report", history))

    def stand(self, history):
        self.kept[history.trial].append(("stand", history))


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    kept = {}
    result = tracked(tmp_path_factory.mktemp("tracked") / "run", lambda: Recording(kept))
    return result, kept


def test_a_resumed_sweep_is_the_same_one(both):
    assert len(set(both[1].pop("ids"))) == 1


def test_each_trial_is_told_as_the_tables_have_it(both):
    result, kept = both
    known = list(histories(result))
    assert {"completed", "stopped", "failed", "infeasible"} <= {each.status for each in known}
    assert any(each.repeats is not None for each in known)
    for expected in known:
        told = kept[expected.trial]
        assert told[0][0] == "start"
        assert told[-1][0] == "stand"
        assert (told[0][1].name, told[0][1].config) == (expected.name, expected.config)
        assert told[-1][1].facts == expected.facts
        assert told[-1][1].objective == expected.objective


def test_epochs_are_told_once_in_their_order_and_time(both):
    result, kept = both
    for expected in histories(result):
        reports = [history for what, history in kept[expected.trial] if what == "report"]
        assert [step for each in reports for step in each.steps] == list(expected.steps)
        for name, values in expected.metrics.items():
            found = [value for each in reports for value in each.metrics[name]]
            assert str(found) == str(list(values))
        moments = [moment for each in reports for moment in each.moments]
        assert moments == sorted(moments)


def test_promoted_trials_stand_at_each_rung(both):
    _, kept = both
    stands = [
        [history.status for what, history in told if what == "stand"]
        for trial, told in kept.items()
        if trial != "ids"
    ]
    assert any(each.count("paused") and each[-1] == "completed" for each in stands)


def test_a_sweep_followed_from_its_resumption_on_has_what_was_trained_since(tmp_path, capsys):
    kept = {}
    result = tracked(tmp_path / "run", lambda: Recording(kept), late=True)
    kept.pop("ids")
    assert 0 < len(kept) < len(list(histories(result)))
    assert all([what for what, _ in told].index("start") == 0 for told in kept.values())
    assert "Recording" not in capsys.readouterr().err


def test_at_the_end_a_trial_that_cannot_be_written_costs_the_others_nothing(tmp_path):
    class Clumsy(Recording):
        def stand(self, history):
            if history.status == "stopped" and "spoilt" not in self.kept:
                self.kept["spoilt"] = history.trial
                raise OSError("no room")
            super().stand(history)

    kept = {}
    result = tracked(tmp_path / "run", lambda: Clumsy(kept))
    waited = [each.trial for each in histories(result) if each.status == "stopped"]
    spoilt = kept.pop("spoilt")
    assert len(waited) > 1
    assert {trial for trial in waited if kept[trial][-1][1].status == "stopped"} == {*waited} - {spoilt}


def test_a_tool_that_is_unknown_or_not_installed_is_said_before_the_start(monkeypatch):
    with pytest.raises(sweeps.BadInput, match="did you mean mlflow"):
        sweeps.tracking.of_kind("mlflw")
    monkeypatch.setattr("sweeps.export.formats.find_spec", lambda name: None)
    with pytest.raises(sweeps.BadInput, match=r"caviar-sweeps\[tensorboard\]"):
        sweeps.tracking.tensorboard()


def test_a_tracker_that_fails_costs_the_sweep_nothing(tmp_path, capsys):
    class Broken(Recording):
        def begin(self):
            raise OSError("no room")

    result = sweeps.run(
        lambda config, run: config["x"],
        space={"x": {"uniform": [0, 1]}},
        trials=5,
        out=tmp_path / "run",
        serial=True,
        progress=False,
        callbacks=[Broken({})],
    )
    assert len(result.trials) > 4
    assert capsys.readouterr().err.count("caviar: Broken") == 1


def test_a_tracker_that_fails_three_times_in_a_row_is_left_alone(tmp_path, capsys):
    class Down(Recording):
        def start(self, history):
            self.kept["tries"] = self.kept.get("tries", 0) + 1
            raise OSError("no server")

    kept = {}
    sweeps.run(
        lambda config, run: config["x"],
        space={"x": {"uniform": [0, 1]}},
        trials=9,
        out=tmp_path / "run",
        serial=True,
        progress=False,
        callbacks=[Down(kept)],
    )
    assert kept["tries"] == 3
    err = capsys.readouterr().err
    assert err.count("raised 'OSError: no server'") == 1
    assert err.count("caviar: Down is left alone from here on: 3 failures in a row") == 1


def test_the_command_line_names_what_it_can_follow_in(tmp_path, monkeypatch, capsys):
    (tmp_path / "spec.yaml").write_text("trainable: mine:train\nspace: {x: {uniform: [0, 1]}}\n")
    (tmp_path / "mine.py").write_text("def train(config, run):\n    return config['x']\n")
    arguments = [
        "caviar",
        "run",
        str(tmp_path / "spec.yaml"),
        "--out",
        str(tmp_path / "run"),
        "--track",
        "wandb",
    ]
    monkeypatch.setattr("sys.argv", arguments)
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert "Valid: mlflow, tensorboard" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
