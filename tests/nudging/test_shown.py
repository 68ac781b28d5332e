"""What is shown of a panda: on a terminal, in its report, and what is suggested."""

import io

import pytest

import sweeps
from sweeps.nudging.curves import branches_of
from sweeps.results.state import State
from sweeps.screen.console import Screen
from sweeps.screen.live import Follower, picture
from tests.nudging.pandas_by_hand import SPACE, babysat
from tests.reports import Page

ASKS = {
    3: {"learning_rate": "*5", "reason": "<b>faster</b>"},
    5: {"fork": True, "l2": 0.03},
    14: {"branch": 0, "batch_size": 32},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("shown") / "p"
    babysat(out, ASKS, epochs=12, space={**SPACE, "learning_rate": 0.001})
    return out


def test_the_picture_has_each_branch_and_each_intervention(folder):
    follower, out = Follower(folder), io.StringIO()
    follower.read()
    drawn = picture(follower.state, State("complete"), now=0.0, width=120, height=60)
    Screen(file=out, width=120).print(drawn)
    text = out.getvalue()
    assert "2/2 trials" in text
    assert "branch 1, from epoch 5 of branch 0" in text
    assert "epoch 3, branch 0: learning_rate 0.001 → 0.005 (<b>faster</b>), ann: val_loss" in text
    assert "▲" in text
    assert "interventions: 3" in text


@pytest.mark.parametrize(("width", "height"), [(80, 23), (40, 12), (20, 5), (10, 1)])
def test_it_fits_any_screen(folder, width, height):
    follower, out = Follower(folder), io.StringIO()
    follower.read()
    drawn = picture(follower.state, State("running"), now=0.0, width=width, height=height)
    Screen(file=out, width=width).print(drawn)
    assert len(out.getvalue().splitlines()) <= height


def test_the_curve_of_a_fork_begins_with_its_parents(folder):
    found = branches_of(sweeps.load(folder))
    assert sorted(found.curve(1)) == list(range(1, 13))
    assert [found.curve(1)[epoch] for epoch in (1, 5)] == [found.curve(0)[epoch] for epoch in (1, 5)]
    assert [mark.epoch for mark in found.marks(1)] == [3, 5]
    before, after = found.effect(found.interventions[0])
    assert (before, after) == (found.curve(0)[3], found.curve(0)[6])


def test_the_report_draws_interventions_and_tells_them_in_a_table(folder, tmp_path):
    page = Page(sweeps.report(folder, tmp_path / "report.html").read_text())
    assert page.sections.index("interventions") == page.sections.index("curves") - 1
    assert "Something was changed 3 times, and 1 branch begins" in page.texts["interventions"]
    assert "<b>faster</b>" in page.texts["interventions"]
    (drawn,) = page.pictures("interventions")
    assert [len(trace["x"]) for trace in drawn["traces"]] == [12, 2, 12, 1]


def test_what_a_fork_has_shown_is_suggested(tmp_path):
    """A fork with a larger rate is better than the branch it began from, which is the one that is kept."""
    asks = {2: {"fork": True, "learning_rate": "*3"}, 6: {"keep": 0}}
    babysat(tmp_path / "p", asks, epochs=40, space={**SPACE, "learning_rate": 0.003})
    found = sweeps.suggest(tmp_path / "p")
    tried = [each for each in found if "tried it at epoch 2" in each.reason]
    assert tried
    assert float(tried[0].values["learning_rate"]) == pytest.approx(0.009)
    assert f"caviar nudge {tmp_path / 'p'} learning_rate=0.009" in tried[0].command(tmp_path / "p")


def test_an_adopted_trial_is_held_against_the_best_of_its_sweep(tmp_path):
    space = {**SPACE, "learning_rate": {"log": [1e-5, 1e-1]}}
    keys = {"trials": 60, "epochs": 2, "finalists": False, "scheduler": "random"}
    sweeps.run("mlp", data="digits", space=space, out=tmp_path / "s", serial=True, progress=False, **keys)
    trials = sweeps.load(tmp_path / "s").trials
    worst = int(trials.loc[trials["objective"].idxmax(), "trial"])
    sweeps.adopt(tmp_path / "s", worst, epochs=4, out=tmp_path / "p", progress=False)
    found = [each for each in sweeps.suggest(tmp_path / "p") if "learning_rate" in each.values]
    assert "nearly all of the 8 best trials of s have another learning_rate" in found[-1].reason
    assert found[-1].values["learning_rate"] > 1e-3


def test_autopilot_does_what_alarms_propose(tmp_path):
    space = {"learning_rate": 0.1, "l2": 0.0, "hidden_units": 64}
    result = babysat(tmp_path / "p", {}, epochs=25, space=space, autopilot=True)
    assert set(result.changes["author"]) == {"autopilot"}
    assert result.changes["reason"].str.contains(": ").all()
    assert sweeps.replay(tmp_path / "p", progress=False).equal


def test_autopilot_raises_a_rate_that_is_too_slow_and_cools_down_in_the_end(tmp_path):
    space = {"learning_rate": 0.001, "l2": 0.0, "hidden_units": 64, "batch_size": 64}
    result = babysat(tmp_path / "p", {}, epochs=40, space=space, limits={"epochs": 40}, autopilot=True)
    kinds = [reason.partition(":")[0] for reason in result.changes["reason"]]
    assert kinds[0] == "slow"
    assert "variance" in kinds
    assert int(result.metrics["epoch"].count()) <= 40
    assert sweeps.replay(tmp_path / "p", progress=False).equal


def jumpy(config, run):
    """A model that jumps about where it began unless its rate is small."""
    run.restore()
    for epoch in range(run.start, run.epochs):
        jump = 0.3 * (epoch % 2) if config["learning_rate"] > 0.05 else 0.0
        run.save(epoch)
        yield {"train_loss": 1.2 if epoch else 2.0, "val_loss": 1.0 + jump}


def test_autopilot_begins_anew_where_the_first_steps_were_too_large(tmp_path):
    space = {"learning_rate": 0.1}
    result = babysat(tmp_path / "p", {}, epochs=20, space=space, train=jumpy, data=None, autopilot=True)
    assert result.trials["parent_epoch"].tolist()[1] == 0
    assert result.changes.iloc[0]["reason"].startswith("roughness: ")
