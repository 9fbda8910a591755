"""Label images become instances and label images again."""

import numpy as np
import pytest

from nanozoo.core.blocks import PIXELS, row_blocks
from nanozoo.core.instances import Instances


@pytest.mark.parametrize("numbers", [(1, 2, 3), (7, 2, 900), (2**40, -5, 65_535)])
def test_labels_may_have_gaps_and_any_size(numbers):
    labels = np.zeros((9, 12), np.int64)
    labels[1:4, 2:5], labels[3:8, 7], labels[8, :3] = numbers
    found = Instances.from_labels(labels, scores={numbers[1]: 0.5}, classes={numbers[2]: 4})
    order = sorted(numbers)
    assert [item.score for item in found] == [0.5 if n == numbers[1] else 1.0 for n in order]
    assert [item.class_id for item in found] == [4 if n == numbers[2] else 1 for n in order]
    again = found.to_labels()
    for place, number in enumerate(order, 1):
        np.testing.assert_array_equal(again == place, labels == number)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.uint16, np.int32, np.float32])
def test_number_types_and_images_without_particles(dtype):
    labels = np.zeros((5, 6), dtype)
    assert len(Instances.from_labels(labels)) == 0
    labels[1:3, 2:6] = 1
    (item,) = Instances.from_labels(labels)
    assert item.box == (1, 2, 3, 6) and item.mask.all()


@pytest.mark.parametrize("shape", [(0, 5), (1, 1), (7, 3), (3, PIXELS), (2000, 3000, 4)])
def test_blocks_hold_every_row_once(shape):
    blocks = list(row_blocks(shape))
    assert np.concatenate([np.r_[rows] for rows in blocks] or [[]]).tolist() == [*range(shape[0])]
    sizes = [(rows.stop - rows.start) * shape[1] for rows in blocks]
    assert all(size <= max(PIXELS, shape[1]) for size in sizes)
