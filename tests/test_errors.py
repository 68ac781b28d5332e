"""One contract for the errors that users meet, in both packages that raise them."""

import copy
import importlib
import pickle
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sweeps.errors
import trainer.errors
from sweeps.errors import BadInput
from trainer.errors import ConfigError, DataError, InputError

KINDS = pytest.mark.parametrize("kind", [BadInput, InputError, DataError, ConfigError])
MODULES = pytest.mark.parametrize("module", [sweeps.errors, trainer.errors])


class Ugly:
    """A value of a user's whose text is no part of a sentence."""

    def __repr__(self):
        return "two\n   lines \x1b[31m and red"


class Broken:
    def __repr__(self):
        raise RuntimeError


def make(kind, place, value, rule="is wrong", fix=""):
    names = list(kind.__dataclass_fields__)
    return kind(**dict(zip(names, (place, value, rule, fix), strict=True)))


@KINDS
@pytest.mark.parametrize("value", [None, 3, "text", [1, "a"], {"a": 1}, b"bytes"])
def test_an_error_is_the_same_after_a_journey(kind, value):
    """By keywords too, which exceptions do not pickle of themselves."""
    error = make(kind, "a.b", value, "is wrong", "mend it")
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301 - our own
        assert type(again) is kind
        assert str(again) == str(error)
        assert vars(again) == vars(error)


@KINDS
def test_what_an_error_says(kind):
    assert str(make(kind, "trials", 0, "is too few", "write 3")) == "trials: 0 is too few\n  fix: write 3"
    assert str(make(kind, "", "x", "is wrong")) == "'x' is wrong"
    assert isinstance(make(kind, "trials", 0), ValueError)


@KINDS
@pytest.mark.parametrize(
    "value",
    [
        list(range(5000)),
        dict.fromkeys(map(str, range(5000))),
        b"\0" * 5000,
        "line\n" * 5000,
        "\x1b[31m",
        Ugly(),
        Broken(),
        "\u202e\u200b",
    ],
)
def test_any_value_is_shown_short_and_on_one_line(kind, value):
    said = str(make(kind, "place", value))
    assert len(said) < 200
    assert said.isprintable()
    assert said.startswith("place: ")
    assert said.endswith(" is wrong")


@KINDS
def test_a_long_place_is_cut(kind):
    said = str(make(kind, "p" * 5000 + "\n", 1))
    assert len(said) < 200
    assert said.isprintable()


@MODULES
@given(
    st.lists(st.text(min_size=1, max_size=90), max_size=40, unique=True),
    st.text(max_size=9),
    st.integers(1, 12),
)
def test_choices_are_few_and_say_how_many_more(module, names, given_as, most):
    clause = module.choices(names, given_as, most=most)
    assert clause.isprintable()
    assert len(clause) < 300 * (most + 2)
    left = len(names) - most
    assert clause.endswith(f" and {left} more") == (left > 0)


@MODULES
def test_choices_show_the_nearest_first(module):
    genes = [f"gene_{i:04d}" for i in range(5000)]
    clause = module.choices([*genes, "label"], "lable")
    assert clause.startswith("did you mean label? Valid: label, gene_0000, gene_0001, ")
    assert clause.endswith(" and 4,991 more")
    assert clause.count(",") == 10
    assert module.choices(["a", "b"]) == "Valid: a, b"
    assert module.choices(["adam", "sgd"], "adm") == "did you mean adam? Valid: adam, sgd"


@given(st.lists(st.text(max_size=70), max_size=20), st.integers(1, 9), st.text())
def test_both_modules_have_the_same_words(items, most, text):
    for name in ("shortened", "in_words", "shown"):
        both = [getattr(module, name) for module in (sweeps.errors, trainer.errors)]
        given_to = (items, most) if name == "shortened" else (text,)
        assert both[0](*given_to) == both[1](*given_to)
    assert sweeps.errors.choices(sorted(items), text) == trainer.errors.choices(sorted(items), text)


@pytest.mark.parametrize("name", ["keras", "lightgbm", "lightning", "transformers", "xgboost"])
def test_a_framework_that_is_missing_is_told_with_a_command(name, monkeypatch):
    monkeypatch.delitem(sys.modules, f"sweeps.integrations.{name}", raising=False)
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(BadInput, match="is not installed") as raised:
        importlib.import_module(f"sweeps.integrations.{name}")
    command, *packages = raised.value.fix.partition(";")[0].split(" ")[1:]
    assert command == "install"
    assert name in packages
    assert set(packages) <= {name, "torch", "accelerate"}
