"""The keys of a spec: what they take, and what is said of anything else."""

import pytest

from sweeps.errors import BadInput
from sweeps.spec import Finalists, SweepSpec, as_name, as_spec, read_spec, read_yaml, spec_text

SPACE = {"x": {"uniform": [0, 1]}}


@pytest.mark.parametrize(
    ("form", "finalists"),
    [
        ({"top": 5, "seeds": 2}, Finalists(5, 2)),
        ({"seeds": 7}, Finalists(seeds=7)),
        (4, Finalists(4)),
        (0, Finalists(0)),
        (True, Finalists()),
        (False, Finalists(0)),
    ],
)
def test_finalists_in_all_their_forms_are_kept(form, finalists):
    spec = as_spec({"space": SPACE, "finalists": form})
    assert spec.finalists == finalists
    kept = as_spec(read_yaml(spec_text(spec), "spec")).finalists
    assert kept == finalists or kept.top == finalists.top == 0


@pytest.mark.parametrize(
    ("form", "place", "says"),
    [
        (None, "spec", "the file is empty"),
        ([1], "spec", "must map keys"),
        ({}, "space", "is missing"),
        ({"space": SPACE, "trails": 3}, "trails", "did you mean trials"),
        ({"trails": 3}, "trails", "did you mean trials"),
        ({"space": SPACE, "trials": 0}, "trials", "such as trials: 64"),
        ({"space": SPACE, "trials": "many"}, "trials", "such as trials: 64"),
        ({"space": SPACE, "trials": list(range(5000))}, "trials", "…"),
        ({"space": SPACE, "mode": "least"}, "mode", "'min' or 'max'"),
        ({"space": SPACE, "name": "../up"}, "name", "letters, digits"),
        ({"space": SPACE, "seed": -1}, "seed", "from 0 on"),
        ({"space": SPACE, "data": 3}, "data", "write data: digits"),
        ({"space": [1, 2]}, "space", "write space:"),
        ({"space": SPACE, "finalists": -1}, "finalists", "neither a number"),
        ({"space": SPACE, "finalists": {"tpo": 3}}, "finalists.tpo", "did you mean top"),
        ({"space": SPACE, "finalists": {"seeds": 0}}, "finalists.seeds", "from 1 on"),
        ({"space": SPACE, "finalists": {"top": 0}}, "finalists.top", "finalists: false for none"),
        ({"space": SPACE, "finalists": {"top": 0, "seeds": 3}}, "finalists.top", "from 1 on"),
        ({"space": SPACE, "mode": "maximum"}, "mode", "write mode: min or mode: max"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(form, place, says):
    with pytest.raises(BadInput, match=says) as caught:
        as_spec(form)
    assert caught.value.place == place
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("key", SweepSpec.model_fields)
def test_for_each_key_it_is_said_what_to_write(key):
    with pytest.raises(BadInput) as caught:
        as_spec({"space": SPACE, key: object()})
    assert caught.value.place.partition(".")[0] == key
    assert caught.value.fix


def test_overrides_reach_inside_and_are_read_as_yaml(tmp_path):
    path = tmp_path / "my spec.yaml"
    path.write_text("trials: 3\nspace: {rate: {log: [1e-3, 1]}}\n", encoding="utf-8")
    spec = read_spec(path, ["trials=8", "space.rate.log=[1e-4, 1]", "space.clip=null", "objective=last"])
    assert (spec.name, spec.trials, spec.objective.kind) == ("my-spec", 8, "last")
    assert spec.space == {"rate": {"log": [1e-4, 1]}, "clip": None}
    for override, says in (
        ("trials", "key=value"),
        ("trials.x=1", "no keys below it"),
        ("trials=[", "not valid"),
    ):
        with pytest.raises(BadInput, match=says):
            read_spec(path, [override])


def test_names_of_files_and_functions_become_names_of_sweeps():
    assert [as_name(text) for text in ("a b", "<lambda>", "…", "x.y")] == ["a-b", "lambda", "sweep", "x.y"]
