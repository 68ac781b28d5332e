"""How many configs a space has, against all of them written out."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeps.space import Choice, Fixed, IntUniform, LogIntUniform, LogUniform, Space, Uniform


@st.composite
def spaces(draw):
    """A few small hyperparameters, each with conditions on some of those before it."""
    found = {}
    for name in "abcdef"[: draw(st.integers(1, 6))]:
        parents = draw(st.lists(st.sampled_from(sorted(found)), unique=True, max_size=3)) if found else []
        when = {
            parent: draw(st.sets(st.integers(0, found[parent].size - 1), min_size=1)) for parent in parents
        }
        kind = draw(st.sampled_from([Choice, IntUniform, Fixed]))
        high = draw(st.integers(1, 3))
        arguments = {Choice: (list(range(high)),), IntUniform: (0, high), Fixed: (0,)}[kind]
        found[name] = kind(*arguments, when={parent: sorted(values) for parent, values in when.items()})
    return Space(dict(draw(st.permutations(list(found.items())))))


def written_out(space):
    """Every config, by trying every value of every hyperparameter."""
    values = [[d.from_unit((i + 0.5) / d.size) for i in range(d.size)] for d in space.distributions.values()]
    chosen = (dict(zip(space.distributions, each, strict=True)) for each in itertools.product(*values))
    return {tuple(space.decide(lambda name, _, all_of=all_of: all_of[name]).items()) for all_of in chosen}


@given(spaces())
def test_as_many_as_written_out(space):
    assert space.size == len(written_out(space))


@pytest.mark.parametrize(
    ("space", "size"),
    [
        ({"x": 1}, 1),
        ({"x": {"uniform": [0, 1]}}, None),
        ({"x": {"uniform": [0, 1], "step": 0.1}}, 11),
        ({"x": LogUniform(1e-3, 1, step=0.111)}, 10),
        ({"x": LogIntUniform(16, 128, step=8)}, 15),
        ({"x": Choice(["a", "b"]), "y": Uniform(0, 1, when={"x": "b"})}, None),
        ({"x": Uniform(0, 1), "y": Choice([1, 2], when={"x": 0.5})}, None),
        ({"x": IntUniform(1, 2**40), "y": Choice([1, 2, 3], when={"x": [7, 9]})}, 2**40 + 4),
        ({"x": IntUniform(1, 2**53)}, 2**53),
        ({"x": IntUniform(0, 2**53)}, None),
        ({"x": IntUniform(1, 2**30), "y": IntUniform(1, 2**30)}, None),
        # A condition that can never hold: `y` is there for a = 1 alone, and `z` asks for both a = 2 and y.
        (
            {
                "a": Choice([1, 2]),
                "y": Choice([1, 2], when={"a": 1}),
                "z": Uniform(0, 1, when={"a": 2, "y": 1}),
            },
            3,
        ),
    ],
)
def test_examples(space, size):
    assert Space(space).size == size


def test_many_conditions_are_counted_quickly():
    """2^40 combinations of the parents' values; what is counted twice is counted once."""
    parents = {f"p{i}": Choice([1, 2]) for i in range(40)}
    chain = {f"c{i}": Choice([1, 2, 3], when={f"p{i}": 1, f"p{i + 1}": 2}) for i in range(20)}
    assert Space(parents | chain).size == _by_hand(21) * 2**19


def _by_hand(parents):
    """A row of ones and twos, times 3 for each 1 that a 2 follows."""
    ends = {1: 1, 2: 1}
    for _ in range(parents - 1):
        ends = {1: ends[1] + ends[2], 2: 3 * ends[1] + ends[2]}
    return sum(ends.values())
