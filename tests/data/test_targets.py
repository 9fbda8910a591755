"""The boundary that a network is to predict, on shapes where it can be counted."""

import numpy as np
import pytest

from nanozoo.core.instances import Instances
from nanozoo.data.targets import boundary_target, stacked_labels


def _square(labels, top, left, side, number):
    labels[top : top + side, left : left + side] = number
    return labels


def test_the_rim_of_a_square_is_as_wide_as_asked():
    labels = _square(np.zeros((30, 30), np.int32), 8, 8, 12, 1)
    for width in (1, 2, 3):
        edge = boundary_target(labels, width)
        inner = np.zeros_like(edge)
        inner[8 + width : 20 - width, 8 + width : 20 - width] = True
        np.testing.assert_array_equal(edge, (labels > 0) & ~inner)


def test_the_image_border_is_no_boundary():
    assert not boundary_target(np.ones((20, 20), np.int32)).any()
    cut = _square(np.zeros((20, 20), np.int32), 0, 5, 10, 1)
    assert not boundary_target(cut)[0, 7:13].any()


def test_touching_squares_have_a_boundary_between_them():
    labels = _square(_square(np.zeros((20, 40), np.int32), 4, 4, 12, 1), 4, 16, 12, 2)
    edge = boundary_target(labels)
    assert edge[4:16, 14:18].all() and not edge[8:12, 8:12].any()
    beside = np.zeros_like(edge)
    beside[2:18, 14:18] = True
    assert not edge[(labels == 0) & ~beside].any()


@pytest.mark.parametrize("gap, bridged", [(1, True), (2, True), (3, True), (5, False)])
def test_a_narrow_gap_between_two_particles_is_boundary(gap, bridged):
    labels = _square(np.zeros((20, 40), np.int32), 4, 2, 12, 1)
    _square(labels, 4, 14 + gap, 12, 2)
    middle = boundary_target(labels)[8:12, 14 + gap // 2]
    assert middle.all() == bridged and middle.any() == bridged


def test_a_gap_within_one_particle_is_no_boundary():
    labels = _square(np.zeros((20, 20), np.int32), 2, 2, 16, 1)
    labels[:, 9] = 0
    assert not boundary_target(labels)[:, 9].any()


def test_a_small_particle_has_a_thin_rim_so_that_something_is_left_inside():
    labels = _square(np.zeros((20, 20), np.int32), 8, 8, 4, 1)
    edge = boundary_target(labels)
    assert (~edge & (labels > 0)).sum() == 4
    thin = np.zeros((20, 20), np.int32)
    thin[10, 3:17] = 1
    np.testing.assert_array_equal(boundary_target(thin), thin > 0)


def test_no_particles_no_boundary():
    assert not boundary_target(np.zeros((16, 16), np.int32)).any()


def test_small_particles_lie_on_top_and_keep_their_class():
    large, small = np.zeros((2, 20, 20), bool)
    large[2:18, 2:18], small[6:9, 6:9] = True, True
    labels, classes = stacked_labels(Instances.from_stack(np.stack([small, large]), [3, 1]))
    assert (labels[small] == 2).all() and (labels[large & ~small] == 1).all()
    assert list(classes[labels[7, [0, 3, 7]]]) == [0, 1, 3]
