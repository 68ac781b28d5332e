"""Who is in a stack: models enter and leave between any epochs, and the others go on as they would."""

import gc
import math
import weakref

import pytest

from tests.trainer.examples import blobs
from tests.trainer.stacks import bounds, config, farthest, mixed, train
from trainer import Member, MLPConfig, Stack, Status, stack_size, train_stack

EPOCHS = 6


def alone(configs, **options):
    return [next(zip(*train([each], EPOCHS, **options), strict=True)) for each in configs]


def check_equal(configs, together):
    own = alone(configs)
    for each, one, other, bound in zip(configs, own, together, bounds(configs, own, EPOCHS), strict=True):
        assert farthest(one, other) <= bound < 1e-8, each


def test_a_model_that_leaves_changes_nothing_for_the_others():
    configs = mixed()
    stack, rows = Stack(blobs(), seed=1), {}
    members = [stack.enter(each) for each in configs]
    leave_after = {0: 1, 5: 1, 2: 3}  # the two widest at last; the first of them after one epoch
    for epoch in range(1, EPOCHS + 1):
        for member, metrics in stack.train_epoch().items():
            rows.setdefault(member, []).append(metrics)
        for k in [k for k, last in leave_after.items() if last == epoch]:
            stack.leave(members[k])
            assert members[k].status is Status.LEFT
    stay = [k for k in range(8) if k not in leave_after]
    together = [(rows[members[k]], stack.checkpoint(members[k])) for k in stay]
    check_equal([configs[k] for k in stay], together)
    assert [len(rows[members[k]]) for k in (0, 5, 2)] == [1, 1, 3]


def test_from_a_checkpoint_beside_fresh_ones():
    configs = mixed(optimizer="adam", batch_norm=True)
    cuts = [0, 3, 1, 0, 5, 2, 0, 1]
    begun = [
        ([[]], [None]) if not cut else train([each], cut) for each, cut in zip(configs, cuts, strict=True)
    ]
    rows, ends = train(configs, EPOCHS, starts=[last for _, (last,) in begun])
    assert [len(of) for of in rows] == [EPOCHS - cut for cut in cuts]
    together = [((first + rest), end) for ((first,), _), rest, end in zip(begun, rows, ends, strict=True)]
    check_equal(configs, together)


def test_a_stack_may_run_empty_and_fill_again():
    stack = Stack(blobs(), seed=1)
    assert stack.members == ()
    assert stack.train_epoch() == {}
    first = stack.enter(config())
    stack.train_epoch()
    stack.leave(first)
    assert stack.members == ()
    assert stack.train_epoch() == {}
    second = stack.enter(config())
    rows = [stack.train_epoch()[second] for _ in range(EPOCHS)]
    assert rows == alone([config()])[0][0]


def test_one_that_leaves_before_it_has_trained():
    stack = Stack(blobs(), seed=1)
    gone, stays = stack.enter(config(hidden=[9])), stack.enter(config(hidden=[9]))
    stack.leave(gone)
    assert stack.members == (stays,)
    assert set(stack.train_epoch()) == {stays}


@pytest.mark.parametrize("filled", [False, True])
@pytest.mark.parametrize("does", ["leave", "checkpoint"])
def test_a_stranger(does, filled):
    stack = Stack(blobs())
    if filled:
        stack.enter(config())
    with pytest.raises(ValueError, match="not in the stack"):
        getattr(stack, does)(Member(config()))
    assert len(stack.members) == filled


def test_one_that_has_left_is_a_stranger():
    stack = Stack(blobs())
    member = stack.enter(config())
    stack.leave(member)
    with pytest.raises(ValueError, match="not in the stack; it is left"):
        stack.leave(member)


def test_train_stack_gives_each_model_its_place():
    configs, epochs = mixed()[:3], 4
    starts = [{}, train(configs[1:2], 3)[1][0], train(configs[2:3], 2)[1][0]]
    rows = list(train_stack(configs, blobs(), seed=1, epochs=epochs, checkpoints=starts))
    trained = [[metrics is not None for metrics in row] for row in rows]
    assert trained == [[True, True, True], [True, False, True], [True, False, False], [True, False, False]]
    for k, each in enumerate(configs):
        own = train([each], epochs)[0][0]
        losses = [row[k]["val_loss"] for row in rows if row[k] is not None]
        assert losses == pytest.approx([row["val_loss"] for row in own[-len(losses) :]], rel=1e-9)


def test_train_stack_with_nothing_to_do():
    finished = train([config()], 2)[1]
    assert list(train_stack([config()], blobs(), epochs=2, checkpoints=finished)) == []
    assert list(train_stack([], blobs(), epochs=2)) == []


def test_every_model_needs_its_checkpoint():
    with pytest.raises(ValueError, match="zip"):
        list(train_stack([config()] * 2, blobs(), epochs=1, checkpoints=[{}]))


def test_stack_size():
    widths = [[1], [64], [512], [2048], [4096, 4096]]
    sizes = [stack_size(MLPConfig.parse({"hidden": hidden}), blobs()) for hidden in widths]
    assert sizes == sorted(sizes, reverse=True)
    assert (sizes[0], sizes[-1]) == (64, 1)
    assert 1 < sizes[3] < 64
    assert all(isinstance(size, int) and math.isfinite(size) for size in sizes)


def test_several_leave_at_once_or_none():
    stack = Stack(blobs(), seed=1)
    first, second, third = (stack.enter(config(hidden=[4])) for _ in range(3))
    with pytest.raises(ValueError, match="not in the stack"):
        stack.leave(first, Member(config(hidden=[4])))
    assert stack.members == (first, second, third)
    stack.leave(first, third)
    assert stack.members == (second,)
    assert [each.status for each in (first, second, third)] == [Status.LEFT, Status.TRAINING, Status.LEFT]


def test_nothing_keeps_the_arrays_of_a_lineup_that_is_over():
    stack, seen = Stack(blobs(), seed=1), []
    gc.disable()  # reference counts alone shall do: the collector does not see how large an array is
    try:
        for _ in range(5):
            member = stack.enter(config(hidden=[4]))
            stack.train_epoch()
            seen.append(weakref.ref(stack._lineup))
            stack.leave(member)
        assert [lineup() for lineup in seen] == [None] * 5
    finally:
        gc.enable()
