"""Ranges, where trials are lost, and the refined spec: on sweeps whose answer is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sweeps
from sweeps.analysis import next_step, ranges
from sweeps.analysis.ranges import narrowed, short
from sweeps.analysis.refined import _scaled as refined_scaled
from sweeps.analysis.split import find_split
from sweeps.space import Choice, IntUniform, LogUniform, ReverseLogUniform, Space, Uniform
from sweeps.spec import as_spec, read_yaml
from sweeps.sweep.planning.start_with import taken_of_best
from sweeps.trial import Region, Round, Status
from tests.analysis.sweeps_on_disk import SPACE, of_function, write

KINDS = {
    "optimizer": {"choice": ["momentum", "adam", None]},
    "momentum": {"reverse_log": [0.5, 0.99], "when": {"optimizer": "momentum"}},
    "rate": {"log": [1e-4, 1]},
    "batch": {"choice": [16, 32, 64, 128], "ordered": True},
    "l2": 0.01,
}


def lost_above(path, name="rate", value=0.02, space=KINDS, n=200):
    """A sweep in which trials diverge above a value of a hyperparameter, and only there."""
    parsed, rng = Space(space), np.random.default_rng(0)
    configs = [parsed.config(point) for point in rng.random((n, len(parsed.searched)))]
    status = [Status.INFEASIBLE if c.get(name, 0) > value else Status.COMPLETED for c in configs]
    return write(path, [[float(rng.random())] for _ in configs], configs, space=space, status=status)


@pytest.mark.parametrize(("mode", "sign"), [("min", 1), ("max", -1)])
def test_a_range_whose_best_lie_at_an_end_is_too_small(tmp_path, mode, sign):
    found = ranges(of_function(tmp_path / "run", lambda x: sign * x[0], mode=mode))
    (edge,) = found.edges
    assert (edge.hyperparameter, edge.end, edge.value) == ("rate", "low", 1e-4)
    assert edge.proposed == pytest.approx(1e-6)  # half of four decades further out
    assert "rate may need a wider range" in found.words


def test_a_range_whose_best_lie_inside_is_wide_enough(tmp_path):
    found = ranges(of_function(tmp_path / "run", lambda x: (x[0] - 0.5) ** 2 + (x[1] - 0.5) ** 2))
    assert found.edges == ()
    assert "No range looks too small" in found.words


def test_the_best_of_chance_lean_on_no_end(tmp_path):
    """Twenty sweeps of noise, with two ranges of two ends each: one of a hundred may look too small."""
    rng = np.random.default_rng(0)
    found = [
        ranges(of_function(tmp_path / str(seed), lambda x: rng.random(), n=100, seed=seed)).edges
        for seed in range(20)
    ]
    assert sum(map(len, found)) <= 3


def test_trials_exactly_on_an_end_are_counted(tmp_path):
    """Of rates cut off at 1e-4; two of the best are among them, too few to call the range too small."""
    rng = np.random.default_rng(0)
    rates = [1e-4] * 2 + [float(rate) for rate in 10 ** rng.uniform(-3, -1, 46)] + [1e-4] * 2
    configs = [{"rate": rate, "units": 8 + place} for place, rate in enumerate(rates)]
    found = ranges(write(tmp_path / "run", [[float(place)] for place in range(50)], configs))
    assert [(each.hyperparameter, each.end, each.trials, each.elites) for each in found.on_ends] == [
        ("rate", "low", 4, 2),
        ("units", "low", 1, 1),
    ]
    assert not [edge for edge in found.edges if edge.hyperparameter == "rate"]


def test_an_end_that_the_best_lean_on_says_how_many_lie_on_it(tmp_path):
    configs = [{"rate": 1e-4 if place < 9 else 0.1, "units": 30} for place in range(40)]
    result = write(tmp_path / "run", [[float(place)] for place in range(40)], configs)
    (edge,) = ranges(result).edges
    assert (edge.hyperparameter, edge.exactly) == ("rate", 9)
    assert "(9 trials of all exactly on it)" in edge.words


def test_the_next_spec_keeps_a_neighbour_of_an_ordered_choice(tmp_path):
    space = {"batch": {"choice": [16, 32, 64, 128], "ordered": True}, "rate": {"log": [1e-4, 1]}}
    found = next_step(of_function(tmp_path / "run", lambda x: x[0], space=space))
    assert read_yaml(found.spec, "spec")["space"]["batch"]["choice"] == [16, 32]


def test_an_end_moves_only_as_far_as_a_config_can_be_trained(tmp_path):
    result = of_function(tmp_path / "run", lambda x: -x[1])
    asked = []
    assert ranges(result).edges[0].proposed == 92
    assert ranges(result, lambda config: asked.append(config) or False).edges[0].proposed is None
    assert all(set(config) == {"rate", "units"} for config in asked)
    assert ranges(result, lambda config: config["units"] <= 80).edges[0].proposed == 78


def test_a_range_that_has_grown_is_as_wide_as_its_trials(tmp_path):
    """With `extend`, trials lie beyond the ends that the spec says; the spec that follows searches there."""
    rates = np.logspace(-6, 0, 60)
    configs = [{"rate": float(rate), "units": 8 + place} for place, rate in enumerate(rates[:57])]
    result = write(tmp_path / "run", [[float(i)] for i in range(57)], configs, extend=True)
    assert ranges(result).edges[0].value == 1e-6
    assert Space(read_yaml(next_step(result).spec, "spec")["space"]).distributions["rate"].low < 1e-6
    assert len(result.regions()) == 2


def test_points_in_the_last_region_are_counted(tmp_path):
    regions = tuple(
        Region(name, *ends, 5, "elites") for name, ends in (("rate", (1e-4, 1e-2)), ("units", (8, 64)))
    )
    result = of_function(tmp_path / "run", lambda x: x[0], rounds=[Round(1, regions)])
    found = ranges(result)
    assert found.inside == (result.trials["config.rate"] <= 1e-2).sum()
    assert found.enough


def test_the_rule_of_where_trials_are_lost_is_found(tmp_path):
    found = ranges(lost_above(tmp_path / "run")).where_lost
    assert found.hyperparameter == "rate"
    assert found.condition.startswith("above 0.0")
    assert found.lost == found.trials
    assert found.elsewhere_lost == 0
    assert "100 %" in ranges(lost_above(tmp_path / "again")).words


def test_losses_by_chance_follow_no_rule():
    rng, space = np.random.default_rng(0), Space(KINDS)
    found = [find_split(space, rng.random((100, 4)), rng.random(100) < 0.2) for _ in range(20)]
    assert sum(split is not None for split in found) <= 4


def test_a_choice_that_is_lost_is_named():
    rng, space = np.random.default_rng(0), Space(KINDS)
    points = rng.random((100, 4))
    found = find_split(space, points, points[:, 0] > 2 / 3)
    assert (found.hyperparameter, found.condition, found.cut) == ("optimizer", "= None", None)


def test_the_next_spec_searches_around_the_best_and_wider_where_they_lean(tmp_path):
    found = next_step(of_function(tmp_path / "run", lambda x: x[0] + (x[1] - 0.5) ** 2))
    spec = as_spec(read_yaml(found.spec, "spec"))
    space = Space(spec.space)
    assert spec.name == "test-2"
    assert space.distributions["rate"].low == pytest.approx(1e-6)
    assert space.distributions["rate"].high < 0.1
    assert 8 < space.distributions["units"].low < 36 < space.distributions["units"].high < 64
    assert found.steps[0].about == "ranges"
    assert [step.weight for step in found.steps] == sorted((s.weight for s in found.steps), reverse=True)
    assert "# rate:" in str(found)


def test_the_next_spec_trains_longer_where_the_best_still_improve(tmp_path):
    curves = [[1 + 0.01 * i - 0.1 * epoch for epoch in range(5)] for i in range(12)]
    found = next_step(write(tmp_path / "run", curves))
    assert as_spec(read_yaml(found.spec, "spec")).epochs == 10
    assert "epochs: 5 → 10" in map(str, found.changes)


@pytest.mark.parametrize(("worse", "kept"), [(1.0, ["a"]), (0.0, ["a", "b"])])
def test_the_next_spec_leaves_out_choices_that_the_best_lack_beyond_chance(tmp_path, worse, kept):
    space = {"rate": {"log": [1e-4, 1]}, "kind": {"choice": ["a", "b"]}}
    rng = np.random.default_rng(0)
    configs = [{"rate": float(10 ** rng.uniform(-4, 0)), "kind": "ab"[i % 2]} for i in range(40)]
    curves = [[1 + i / 40 + worse * (c["kind"] == "b")] for i, c in enumerate(configs)]
    found = next_step(write(tmp_path / "run", curves, configs, space=space))
    assert list(Space(as_spec(read_yaml(found.spec, "spec")).space).distributions["kind"].values) == kept
    assert ("kind: a, b → a" in map(str, found.changes)) == (kept == ["a"])


@pytest.mark.parametrize(("trainable", "horizon"), [("mlp", 10), ("somewhere:train", 5)])
def test_what_is_a_part_of_the_training_grows_with_it(tmp_path, trainable, horizon):
    space = {"learning_rate": {"log": [1e-4, 1]}, "decay_horizon": {"log": [0.5, 5]}}
    rng = np.random.default_rng(0)
    configs = [
        {"learning_rate": float(10 ** rng.uniform(-4, 0)), "decay_horizon": (0.5, 5.0)[i % 2]}
        for i in range(12)
    ]
    curves = [[1 + 0.01 * i - 0.1 * epoch for epoch in range(5)] for i in range(12)]
    found = next_step(write(tmp_path / "run", curves, configs, space=space, trainable=trainable))
    spec = as_spec(read_yaml(found.spec, "spec"))
    kind = Space(spec.space).distributions["decay_horizon"]
    assert (spec.epochs, kind.high) == (10, horizon)


@pytest.mark.parametrize(
    ("kind", "epochs", "stretched"),
    [
        ({"int": [5, 20], "step": 5}, 4, {"int": [5, 20], "step": 5}),  # no range any more
        ({"int": [1, 2]}, 7, {"int": [1, 2]}),
        ({"log": [2, 20]}, 40, {"log": [4, 40]}),
        (1, 7, 1),
        (20, 40, 40),
    ],
)
def test_what_is_scaled_stays_a_range_and_above_nothing(kind, epochs, stretched):
    before, after = Space({"decay_horizon": kind}), Space({"decay_horizon": stretched})
    assert refined_scaled(before, epochs / 20).to_yaml() == after.to_yaml()


def test_patience_grows_and_stays_three_epochs():
    space = Space({"patience": 5, "x": {"uniform": [0, 1]}})
    found = [refined_scaled(space, times).to_yaml()["patience"] for times in (2, 0.25)]
    assert found == [Space({"patience": value}).to_yaml()["patience"] for value in (10, 3)]


def test_a_command_line_has_advice_and_a_report(tmp_path):
    curves = [[1 + 0.01 * i - 0.1 * epoch for epoch in range(5)] for i in range(12)]
    result = write(tmp_path / "run", curves, trainable={"command": "train --rate {rate} --units {units}"})
    assert as_spec(read_yaml(next_step(result).spec, "spec")).epochs == 10
    assert sweeps.report(result, tmp_path / "r.html").exists()


def test_the_next_spec_leaves_out_where_trials_are_lost_and_keeps_what_conditions_name(tmp_path):
    found = next_step(lost_above(tmp_path / "run"))
    space = Space(as_spec(read_yaml(found.spec, "spec")).space)
    assert space.distributions["rate"].high < 0.03
    assert space.distributions["optimizer"].values == ("momentum", "adam", None)


def test_the_next_spec_begins_with_the_best_configs_that_lie_in_its_space(tmp_path):
    result = of_function(tmp_path / "run", lambda x: x[0] + (x[1] - 0.5) ** 2)
    spec = read_yaml(next_step(result).spec, "spec")
    assert spec["start_with"] == {"from": str(result.path), "top": 3}


def test_configs_are_taken_over_as_far_as_the_space_has_them(tmp_path):
    result = of_function(tmp_path / "run", lambda x: x[0])
    rates = result.top(3)["rate"].to_numpy()
    around_two = Space({**SPACE, "rate": {"log": [rates[0] / 2, (rates[1] + rates[2]) / 2]}})
    assert taken_of_best(result, around_two, 3) == 2
    assert taken_of_best(result, Space({"rate": {"log": [0.5, 1]}, "units": {"int": [8, 64]}}), 3) == 0
    assert taken_of_best(write(tmp_path / "few", [[1.0]]), Space(SPACE), 3) == 1


def test_the_next_sweep_runs(tmp_path):
    """What it proposes is trained, by the trainable of the sweep."""

    def train(config, run):
        for epoch in range(run.start, run.epochs):
            yield {"val_loss": abs(np.log10(config["rate"]) + 2) + 1 / (epoch + 1)}

    first = sweeps.run(
        train,
        space=KINDS,
        trials=20,
        epochs=3,
        serial=True,
        out=tmp_path / "run",
        progress=False,
        finalists=False,
    )
    spec = read_yaml(first.next_step().spec, "spec")
    second = sweeps.run(
        train,
        space=spec["space"],
        start_with=spec["start_with"],
        trials=5,
        epochs=spec["epochs"],
        serial=True,
        out=tmp_path / "next",
        progress=False,
        finalists=False,
    )
    assert len(second.trials) == 5
    tried = second.trials["config"].head(spec["start_with"]["top"]).to_list()
    assert tried == first.trials.nsmallest(len(tried), "objective")["config"].to_list() != []


def test_a_trainable_that_is_built_in_says_how_far_a_range_may_go(tmp_path):
    """A keep probability is 1 at most, whatever the best lean on."""
    space = {"keep_probability": {"uniform": [0.5, 0.999]}, "learning_rate": {"log": [1e-4, 1e-1]}}
    found = of_function(tmp_path / "run", lambda x: -x[0], space=space, trainable="mlp").next_step()
    assert Space(read_yaml(found.spec, "spec")["space"]).distributions["keep_probability"].high <= 1


@pytest.mark.parametrize("status", [Status.RUNNING, Status.INFEASIBLE, Status.FAILED, Status.COMPLETED])
@pytest.mark.parametrize("n", [0, 1, 2])
def test_of_few_trials(tmp_path, n, status):
    result = write(tmp_path / "run", [[0.5 + i] for i in range(n)], status=[status] * n)
    found = next_step(result)
    as_spec(read_yaml(found.spec, "spec"))
    assert found.steps
    assert all(step.words for step in found.steps)


@settings(max_examples=200)
@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 5))
def test_a_narrowed_range_is_a_range_within(one, other, place):
    kind = [
        LogUniform(1e-5, 1), Uniform(-3, 4), Uniform(0, 1, step=0.1), ReverseLogUniform(0.9, 0.9999),
        IntUniform(1, 8), Choice([1, 2, 3], ordered=True),
    ][place]  # fmt: skip
    low, high = sorted((one, other))
    found = narrowed(kind, low, high)
    assert all(found.from_unit(unit) in kind for unit in (0.0, 1.0))


def test_a_short_value_stays_inside():
    assert short(LogUniform(0.0123, 1), 0.0123) == 0.0123
    assert short(ReverseLogUniform(0.9, 0.9999), 0.99987) == pytest.approx(0.99987)
