"""`learn_from`: folders read as knowledge, kept for a resumed sweep, and refused where they say nothing."""

import json
import shutil

import pytest

import sweeps
from sweeps.errors import BadInput
from sweeps.results.summary import summarize
from sweeps.store import read_earlier

SPACE = {"x": sweeps.Uniform(0, 1), "y": sweeps.LogUniform(1e-3, 1)}


def train(config, run):
    run.restore()
    for epoch in range(run.start, run.epochs):
        run.save({"epoch": epoch})
        yield {"val_loss": (config["x"] - 0.3) ** 2 + abs(config["y"] - 0.1) + 1 / (epoch + 1)}


def gain(config, run):
    for row in train(config, run):
        yield {"gain": 100 - row["val_loss"]}


def run(out, **options):
    options = {"space": SPACE, "trials": 24, "epochs": 9, "finalists": False, **options}
    function = options.pop("train", train)
    return sweeps.run(function, out=out, serial=True, progress=False, **options)


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    folder = tmp_path_factory.mktemp("old") / "run"
    run(folder)
    return folder


def first_configs(result, count=5):
    return result.trials["config"].map(json.loads).tolist()[:count]


def nearly(configs):
    """Up to the rounding of a value's way to the unit interval and back."""
    return [{name: pytest.approx(value, rel=1e-12) for name, value in each.items()} for each in configs]


def test_it_begins_with_the_best_of_before_and_says_what_they_were_worth(old, tmp_path):
    result = run(tmp_path / "new", seed=1, learn_from=[old])
    ranked = sweeps.load(old).trials.sort_values("objective")["config"].map(json.loads)
    assert first_configs(result) == nearly(ranked.tolist()[:5])
    (learned,) = summarize(result).learned_from
    assert learned.name == str(old)
    assert learned.trials == 24
    assert learned.worth > 0.7
    assert "much" in learned.verdict


def test_a_sweep_that_began_from_nothing_has_learned_from_none(old):
    assert sweeps.load(old).learned_from == ()


def test_another_metric_that_is_to_be_large_is_understood(old, tmp_path):
    run(tmp_path / "gain", train=gain, metric="gain", mode="max")
    result = run(tmp_path / "new", seed=1, learn_from=tmp_path / "gain")
    best = sweeps.load(tmp_path / "gain").best_of_search
    assert first_configs(result, 1) == nearly([best.config])


def test_resumed_it_decides_as_if_it_had_never_ended_though_the_old_folder_is_gone(old, tmp_path):
    moved = tmp_path / "old"
    shutil.copytree(old, moved)
    whole = run(tmp_path / "whole", seed=1, learn_from=[str(moved)])

    epochs = []

    def interrupted(config, run):
        for row in train(config, run):
            epochs.append(row)
            if len(epochs) == 40:
                raise KeyboardInterrupt
            yield row

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "new", train=interrupted, seed=1, learn_from=[str(moved)])
    shutil.rmtree(moved)
    result = sweeps.resume(tmp_path / "new", train=train, changed_code=True, serial=True, progress=False)
    assert result.trials["config"].tolist() == whole.trials["config"].tolist()
    assert result.learned_from[0].worth == whole.learned_from[0].worth


def test_with_says_what_the_earlier_sweep_did_not_know(old, tmp_path):
    space = {**SPACE, "z": sweeps.Uniform(0, 1)}
    result = run(
        tmp_path / "new", space=space, trials=8, learn_from=[{"from": str(old), "with": {"z": 0.25}}]
    )
    assert {config["z"] for config in first_configs(result, 3)} == {0.25}


@pytest.mark.parametrize(
    ("form", "options", "words"),
    [
        ("nowhere", {}, "nowhere"),
        ([{"top": 3}], {}, "does not say which sweep"),
        ([{"from": "OLD", "top": 3}], {}, "unknown option"),
        ([{"from": "OLD", "with": {"zz": 1}}], {}, "learn_from[0].with.zz"),
        ([{"from": "OLD", "with": None}], {}, "does not map"),
        ([{"from": "OLD", "with": {"x": 7}}], {}, "is no value of"),
        (["OLD"], {"space": {"x": sweeps.Uniform(5, 6)}}, "x lies outside its range"),
        (["OLD"], {"space": {"other": sweeps.Uniform(5, 6)}}, "shares no hyperparameter"),
        (["OLD"], {"scheduler": "random"}, "does not learn from earlier sweeps"),
    ],
    ids=[
        "no folder",
        "no from",
        "an option",
        "with",
        "with nothing",
        "with a value outside",
        "ranges",
        "names",
        "scheduler",
    ],
)
def test_what_cannot_be_learned_from_is_refused_before_anything_is_written(
    old, tmp_path, form, options, words
):
    text = json.dumps(form).replace("OLD", str(old))
    with pytest.raises(BadInput) as raised:
        run(tmp_path / "new", learn_from=json.loads(text), **options)
    assert words in str(raised.value)
    assert not (tmp_path / "new").exists()


def test_a_sweep_without_a_result_is_refused(tmp_path):
    def fails(config, run):
        yield {"val_loss": float("nan")}

    run(tmp_path / "old", train=fails, trials=3)
    with pytest.raises(BadInput, match="nothing to learn"):
        run(tmp_path / "new", learn_from=[tmp_path / "old"])


def test_a_damaged_copy_of_what_was_learned_is_named(old, tmp_path):
    run(tmp_path / "new", learn_from=[str(old)])
    (tmp_path / "new" / "earlier.json").write_text("[{")
    with pytest.raises(BadInput, match="learn_from"):
        sweeps.resume(tmp_path / "new", train=train, serial=True, progress=False, trials=30)
    with pytest.raises(BadInput, match="learn_from"):
        summarize(sweeps.load(tmp_path / "new"))


@pytest.mark.parametrize(
    "damage",
    ["[]", "[[0, 1.0]]", "[[3, 1.0], [2, 1.0]]", "[[1, NaN]]", "[[1, 1e999]]", '[[1, "1.0"]]'],
    ids=["no result", "no epochs", "epochs go back", "NaN", "too large", "text"],
)
def test_a_copy_with_what_no_sweep_finds_is_damaged_too(tmp_path, damage):
    (tmp_path / "earlier.json").write_text(f'[{{"name": "old", "trials": [[{{"x": 1}}, {damage}]]}}]')
    with pytest.raises(ValueError, match="is damaged"):
        read_earlier(tmp_path)


def test_a_copy_that_is_gone_is_said_and_can_be_done_without(old, tmp_path):
    run(tmp_path / "new", learn_from=[str(old)])
    (tmp_path / "new" / "earlier.json").unlink()
    options = {"train": train, "serial": True, "progress": False, "trials": 30}
    with pytest.raises(BadInput, match="is gone") as raised:
        sweeps.resume(tmp_path / "new", **options)
    assert "learn_from=false" in raised.value.fix
    assert sweeps.resume(tmp_path / "new", learn_from=False, **options).learned_from == ()


def test_a_space_that_is_widened_has_the_earlier_trials_that_lie_there(old, tmp_path):
    narrow = {"x": sweeps.Uniform(0.5, 1), "y": SPACE["y"]}
    result = run(tmp_path / "new", space=narrow, learn_from=[str(old)])
    known = sweeps.load(old).trials["config"].map(json.loads)
    assert [each.trials for each in result.learned_from] == [sum(config["x"] >= 0.5 for config in known)]
    wide = sweeps.resume(tmp_path / "new", train=train, serial=True, progress=False, space=SPACE, trials=30)
    assert [each.trials for each in wide.learned_from] == [24]


def test_a_dry_run_says_what_is_learned_from_whom(old, capsys):
    space = {"x": sweeps.Uniform(0.5, 1), "y": SPACE["y"], "z": sweeps.Uniform(0, 1)}
    found = sweeps.plan(train, space=space, trials=8, epochs=9, learn_from=[str(old)], serial=True)
    (learns,) = found.learns
    assert (learns.shared, learns.lacking, learns.of) == (("x", "y"), ("z",), 24)
    assert 0 < learns.trials < 24
    assert found.to_json()["learns_from"][0]["shared"] == ("x", "y")
    said = " ".join(capsys.readouterr().err.split())
    assert f"{learns.trials} of its 24 trials, by x, y; it did not have z" in said
