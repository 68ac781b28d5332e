"""How workers share GPUs, and what is said where there are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.workers.gpus import gpu_share
from sweeps import BadInput


@given(st.integers(1, 16), st.integers(1, 64))
def test_every_worker_has_a_share_and_no_gpu_is_given_out_twice(gpus, workers):
    share = gpu_share("cuda", gpus, workers)
    assert share > 0
    if share >= 1:  # whole GPUs, as many as go round
        assert share == int(share)
        assert share * workers <= gpus < (share + 1) * workers
    else:  # each GPU takes 1/share of them, and all find a place
        on_each = round(1 / share)
        assert on_each * share <= 1
        assert on_each * gpus >= workers > (on_each - 1) * gpus


@pytest.mark.parametrize("device", ["cpu", "torch-cpu", "tpu"])
def test_off_the_gpu_there_is_none_to_share(device):
    assert gpu_share(device, gpus=4, workers=2) == 0


def test_what_was_asked_for_counts_in_place_of_the_share():
    assert gpu_share("cuda", gpus=4, workers=2, asked=0.25) == 0.25
    assert gpu_share("cpu", gpus=4, workers=2, asked=1) == 1
    with pytest.raises(BadInput, match="hands them out"):
        gpu_share("cuda:1", gpus=4, workers=2, asked=1)


@pytest.mark.parametrize(
    ("device", "gpus", "says"), [("cuda", 0, "has none"), ("cuda:1", 4, "hands them out")]
)
def test_a_gpu_that_cannot_be_had(device, gpus, says):
    with pytest.raises(BadInput, match=says) as raised:
        gpu_share(device, gpus, workers=2)
    assert raised.value.place == "device"
    assert "device: c" in raised.value.fix
