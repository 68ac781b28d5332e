"""Workers that do not come to an end of loading."""

from dataclasses import dataclass

import pytest

from cluster.pool.loading import Loading


class Clock:
    """Tells what it is set to."""

    now = 50.0

    def __call__(self):
        return self.now


@dataclass(eq=False)
class Slot:
    """A slot whose worker loads; it may wait for a place first."""

    loading: object
    waits: bool = False


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def loading(clock):
    return Loading(600, waits=lambda slot: slot.waits, clock=clock)


def overdue(loading, *slots):
    return list(loading.overdue(slots))


def test_who_has_loaded_for_too_long_is_overdue(loading, clock):
    slow, quick = Slot("a"), Slot("b")
    assert overdue(loading, slow, quick) == []
    clock.now += 599
    quick.loading = None
    assert overdue(loading, slow, quick) == []
    clock.now += 1
    assert overdue(loading, slow, quick) == [slow]


def test_the_next_worker_of_a_slot_has_its_own_time(loading, clock):
    slot = Slot("a")
    assert overdue(loading, slot) == []
    clock.now += 600
    assert overdue(loading, slot) == [slot]
    slot.loading = "b"
    assert overdue(loading, slot) == []
    clock.now += 599
    assert overdue(loading, slot) == []
    clock.now += 1
    assert overdue(loading, slot) == [slot]


def test_waiting_for_a_place_in_the_cluster_does_not_count(loading, clock):
    slot = Slot("a", waits=True)
    assert overdue(loading, slot) == []
    clock.now += 6000
    assert overdue(loading, slot) == []
    slot.waits = False
    assert overdue(loading, slot) == []
    clock.now += 600
    assert overdue(loading, slot) == [slot]
