"""The key `limits`: durations, counts, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeps.errors import BadInput
from sweeps.spec import Limits, as_limits, as_spec, duration_text, read_yaml, spec_text
from sweeps.spec.limits import as_seconds

SPACE = {"x": {"uniform": [0, 1]}}


@pytest.mark.parametrize(
    ("form", "seconds"),
    [("90s", 90), ("20m", 1200), ("2h", 7200), ("1d", 86_400), ("1h30m", 5400), ("1.5h", 5400), (7, 7)],
)
def test_durations(form, seconds):
    assert as_limits({"time": form}) == Limits(time=seconds)


@given(st.integers(1, 10**8))
def test_a_duration_in_words_is_read_back(seconds):
    assert as_seconds(duration_text(seconds)) == seconds


@given(
    st.builds(
        Limits,
        time=st.none() | st.floats(1e-3, 1e7),
        trial=st.none() | st.integers(1, 10**6),
        epochs=st.none() | st.integers(1, 10**9),
        at=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    )
)
def test_a_spec_that_is_kept_has_the_same_limits(limits):
    spec = as_spec({"space": SPACE, "limits": limits})
    assert as_spec(read_yaml(spec_text(spec), "spec")).limits == limits


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("time", "2 hours"),
        ("time", ""),
        ("time", "30m1h"),
        ("time", True),
        ("time", 0),
        ("trial", "-5m"),
        ("trial", float("nan")),
        ("epoch", float("inf")),
        ("epochs", 0),
        ("epochs", 2.5),
        ("epochs", True),
        ("no_better", "many"),
        ("at", "good"),
        ("at", float("nan")),
        ("tiem", "2h"),
    ],
)
def test_what_is_no_limit_is_refused_at_its_place(place, value):
    with pytest.raises(BadInput) as caught:
        as_spec({"space": SPACE, "limits": {place: value}})
    assert caught.value.place == f"limits.{place}"
    assert caught.value.value == value or value != value
    assert caught.value.fix


@pytest.mark.parametrize("form", ["2h", 7200, None, ["time"]])
def test_limits_are_a_mapping(form):
    with pytest.raises(BadInput) as caught:
        as_spec({"space": SPACE, "limits": form})
    assert caught.value.place == "limits"
    assert "limits: {time: 2h" in caught.value.fix
