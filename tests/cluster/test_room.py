"""How many workers have room, and what is said where there is too little of anything."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sweeps
from cluster.session.room import check_room, needs, room
from sweeps.errors import BadInput
from sweeps.spec import Resources, as_resources

TWO = [{"CPU": 4.0, "memory": 8.0 * 2**30, "licence": 1.0}, {"CPU": 2.0, "GPU": 1.0, "memory": 2.0 * 2**30}]


@pytest.mark.parametrize(
    ("resources", "workers"),
    [
        (Resources(), 6),
        (Resources(cpus=2), 3),
        (Resources(cpus=4), 1),
        (Resources(cpus=0.1), 60),
        (Resources(gpus=0.25), 2),
        (Resources(cpus=0.3, gpus=0.1), 6),
        (Resources(memory=3 * 2**30), 2),
        (Resources(custom={"licence": 0.5}), 2),
    ],
)
def test_each_worker_has_its_place_on_one_machine(resources, workers):
    assert room(needs(resources), TWO) == workers
    check_room(needs(resources), TWO, None)
    check_room(needs(resources), TWO, workers)
    with pytest.raises(BadInput) as caught:
        check_room(needs(resources), TWO, workers + 1)
    assert (caught.value.place, caught.value.value) == ("workers", workers + 1)
    assert caught.value.fix == f"give at most {workers}"


@given(st.integers(1, 64), st.integers(1, 200))
def test_rounding_costs_no_place(cpus, parts):
    assert room({"CPU": 1 / parts}, [{"CPU": cpus}]) == cpus * parts


@pytest.mark.parametrize(
    ("resources", "place", "says"),
    [
        (Resources(cpus=5), "resources.cpus", "at most 4 CPUs"),
        (Resources(gpus=2), "resources.gpus", "at most 1 GPU"),
        (Resources(memory=16 * 2**30), "resources.memory", "at most 8GiB of memory"),
        (Resources(custom={"licence": 2}), "resources.custom.licence", "at most 1 licence"),
        (Resources(custom={"tape": 1}), "resources.custom.tape", "no tape"),
        (Resources(gpus=1, custom={"licence": 1}), "resources", "no machine has all"),
    ],
)
def test_what_no_machine_has_is_named_with_what_there_is(resources, place, says):
    with pytest.raises(BadInput, match=says) as caught:
        check_room(needs(resources), TWO, None)
    assert caught.value.place == place


def train(config, run):
    """Reports what its worker has."""
    import ray
    import threadpoolctl

    context = ray.get_runtime_context()
    blas = [each["num_threads"] for each in threadpoolctl.threadpool_info() if each["user_api"] == "blas"]
    assigned = context.get_assigned_resources()
    return {
        "val_loss": config["x"],
        "cpus": assigned["CPU"],
        "memory": assigned.get("memory", 0),
        "licence": assigned.get("licence", 0),
        "threads": max(blas),
    }


def test_a_worker_gets_what_was_asked_for(ray_cluster, tmp_path, capsys):
    """As many workers as fit: two on a Ray of four CPUs. Resumed, they may have something else."""
    space = {"x": sweeps.Uniform(0, 1)}
    sweep = {"space": space, "trials": 8, "finalists": False, "out": tmp_path / "run"}
    found = sweeps.run(train, resources={"cpus": 1.5, "memory": "1MiB", "custom": {"licence": 1}}, **sweep)
    assert "2 workers with 1.5 CPUs, 1MiB of memory and 1 licence each on Ray" in capsys.readouterr().err
    metrics = found.metrics[["cpus", "memory", "licence", "threads"]].drop_duplicates()
    assert metrics.to_dict("records") == [{"cpus": 1.5, "memory": 2**20, "licence": 1, "threads": 1}]
    more = sweeps.resume(tmp_path / "run", train=train, trials=12, resources={"cpus": 2})
    assert "2 workers with 2 CPUs each on Ray" in capsys.readouterr().err
    metrics = more.metrics[more.metrics["trial"] >= 8][["cpus", "threads"]].drop_duplicates()
    assert metrics.to_dict("records") == [{"cpus": 2, "threads": min(2, os.cpu_count())}]
    assert as_resources(more.spec["resources"]) == Resources(cpus=2)


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"resources": {"cpus": 2}, "workers": 3}, "workers"),
        ({"resources": {"cpus": 5}}, "resources.cpus"),
        ({"resources": {"custom": {"licence": 3}}}, "resources.custom.licence"),
        ({"resources": {"gpus": 64}}, "resources.gpus"),
        ({"resources": {"memory": "4096TiB"}}, "resources.memory"),
    ],
)
def test_too_little_is_said_before_anything_is_written(ray_cluster, tmp_path, options, place):
    with pytest.raises(BadInput) as caught:
        sweeps.run(
            train,
            space={"x": sweeps.Uniform(0, 1)},
            out=tmp_path / "run",
            progress=False,
            trials=8,
            **options,
        )
    assert caught.value.place == place
    assert not (tmp_path / "run").exists()
