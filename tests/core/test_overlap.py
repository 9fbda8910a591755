"""Overlaps of crops equal those of full masks, and doubles go while overlapping pairs stay."""

import numpy as np
import pytest

from nanozoo.core.instances import Instances, instance_of
from nanozoo.core.overlap import iou_of, overlaps, without_duplicates, without_parts


def disc(row, column, radius=10, shape=(60, 80)):
    rows, columns = np.indices(shape)
    return np.hypot(rows - row, columns - column) <= radius


def square(left, score=1.0, class_id=1):
    """100 px; squares that are `d` px apart have an IoU of (10 - d) / (10 + d)."""
    mask = np.zeros((10, 60), bool)
    mask[:, left : left + 10] = True
    return instance_of(mask, class_id, score)


def test_overlaps_are_those_of_full_masks():
    rng = np.random.default_rng(0)
    stacks = [
        np.stack(
            [disc(*rng.uniform((0, 0), (60, 80)), radius) for radius in rng.uniform(2, 20, n)]
        )
        for n in (17, 23)
    ]
    first, second = (Instances.from_stack(stack).items for stack in stacks)
    both = stacks[0][:, None] & stacks[1]
    either = stacks[0][:, None] | stacks[1]
    counts = both.sum(axis=(2, 3))
    found = {(row, column): shared for row, column, shared in overlaps(first, second)}
    assert found == {pair: counts[pair] for pair in zip(*np.nonzero(counts))}
    np.testing.assert_allclose(iou_of(first, second), counts / either.sum(axis=(2, 3)))


def test_nothing_overlaps_nothing():
    assert iou_of([], [square(0)]).shape == (0, 1) and iou_of([square(0)], []).shape == (1, 0)
    assert without_duplicates([], 0.5) == []


@pytest.mark.parametrize("apart, kept", [(0, 1), (1, 1), (2, 1), (5, 2), (20, 2)])
def test_of_two_of_a_class_the_surer_stays(apart, kept):
    pair = [square(10, 0.6), square(10 + apart, 0.9)]
    left = without_duplicates(pair, 0.4)
    assert len(left) == kept and left[-1] is pair[1]
    assert without_duplicates([pair[0], square(10, 0.9, class_id=2)], 0.4)[0] is pair[0]


def test_what_a_dropped_one_overlapped_stays():
    """1 beats 2, so that 2 no longer beats 3."""
    row = [square(13, 0.7), square(10, 0.9), square(11, 0.8)]
    assert [item.left for item in without_duplicates(row, 0.4)] == [13, 10]


def test_two_particles_win_against_a_surer_mask_that_mixes_them():
    row = [square(10, 0.8), square(12, 0.9), square(14, 0.75)]
    assert [item.left for item in without_duplicates(row, 0.4)] == [10, 14]


def test_equal_masks_never_stay_together():
    for threshold in (0.3, 1.0):
        assert len(without_duplicates([square(10), square(10), square(10)], threshold)) == 1


def test_the_selection_is_nearly_the_best_of_all():
    """Compared with every selection, 2**9 of them, of random rows."""
    rng = np.random.default_rng(0)
    bits = (np.arange(2**9)[:, None] >> np.arange(9)) & 1
    shares = []
    for _ in range(60):
        row = [square(left, score) for left, score in zip(rng.integers(0, 30, 9), rng.random(9))]
        iou = np.triu(iou_of(row, row), 1)
        cost = 1.5 * np.maximum(iou - 0.3, 0) / 0.7
        sums = bits @ [item.score for item in row] - np.einsum("ni,ij,nj->n", bits, cost, bits)
        kept = without_duplicates(row, 0.3)
        chosen = np.array([any(item is other for other in kept) for item in row], int)
        shares.append(sums[(bits == chosen).all(axis=1)][0] / sums.max())
    assert min(shares) > 0.9 and np.mean(shares) > 0.99


def scored(mask, score, class_id=1):
    return instance_of(mask, class_id, score)


def test_a_part_of_a_particle_goes_whether_it_is_the_smaller_or_the_larger_mask():
    whole, half = disc(30, 40, 12), disc(30, 40, 12)
    half[:, 42:] = False
    for first, second in ((0.9, 0.6), (0.6, 0.9)):
        items = [scored(whole, first), scored(half, second)]
        assert without_parts(items) == [max(items, key=lambda item: item.score)]
        assert without_parts(items[::-1]) == without_parts(items)


@pytest.mark.parametrize(
    ("other", "class_id", "score"),
    [
        (disc(30, 40, 7), 1, 0.8),  # a small one on a large one
        (disc(30, 40, 3), 1, 0.6),  # a very small one on a large one
        (disc(30, 50, 12), 1, 0.6),  # two that share less than 65%
        (disc(30, 40, 11), 2, 0.6),  # another class
        (disc(30, 40, 11), 1, 0.9),  # equal scores, as of methods that give none
    ],
)
def test_what_may_be_a_particle_of_its_own_stays(other, class_id, score):
    items = [scored(disc(30, 40, 12), 0.9), scored(other, score, class_id)]
    assert without_parts(items) == items


def test_a_small_part_goes_where_it_is_much_less_sure():
    whole, part = scored(disc(30, 40, 12), 0.9), scored(disc(30, 40, 7), 0.6)
    assert without_parts([whole, part]) == [whole]


def test_a_part_of_what_is_gone_stays():
    """Three squares in a row: the second is part of the first, the third only of the second."""
    items = [square(0, 0.9), square(2, 0.8), square(4, 0.7)]
    assert without_parts(items) == [items[0], items[2]]
    assert without_parts([]) == []


def test_a_sure_core_goes_where_cores_are_asked_for():
    whole = instance_of(np.ones((20, 20), bool), score=0.7)
    core = instance_of(np.ones((15, 15), bool), score=0.9, top=2, left=2)
    assert without_parts([whole, core]) == [core]
    assert without_parts([whole, core], larger=True) == [whole]
