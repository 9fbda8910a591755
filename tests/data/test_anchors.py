"""Suggested anchors fit the boxes that they were made from."""

import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instance, Instances
from nanozoo.data.anchors import STRIDES, suggest_anchors


def boxes(*shapes):
    return Instances((512, 512), [Instance(0, 0, np.ones(shape, bool)) for shape in shapes])


def test_five_sizes_of_squares_are_found_again():
    sides = (9, 20, 45, 90, 200)
    suggested = suggest_anchors([boxes(*[(side, side) for side in sides])])
    np.testing.assert_allclose(suggested.sizes, sides, rtol=0.01)
    assert suggested.covered == 1.0 and suggested.boxes == 5


def test_sizes_are_never_below_the_distance_of_the_anchors():
    suggested = suggest_anchors([boxes(*[(3, 3)] * 20)])
    assert suggested.sizes == STRIDES


def test_ratios_are_heights_over_widths_and_reach_to_rods():
    suggested = suggest_anchors([boxes((20, 60), (60, 20), (30, 30), (60, 21))])
    low, middle, high = suggested.ratios
    assert (
        middle == 1.0
        and high == pytest.approx(3, rel=0.05)
        and low * high == pytest.approx(1, abs=0.02)
    )


def test_magnification_widens_the_range_of_sizes():
    data = [boxes(*[(40, 40)] * 30)]
    assert np.ptp(suggest_anchors(data, scale=(0.5, 2.0)).sizes[:3]) > 10
    assert suggest_anchors(data, scale=(0.5, 2.0), seed=1) == suggest_anchors(
        data, scale=(0.5, 2.0), seed=1
    )


def test_no_particle_and_an_even_number_of_ratios_are_refused():
    with pytest.raises(UserError, match="at least one particle"):
        suggest_anchors([Instances((8, 8))])
    with pytest.raises(UserError, match="ratios=2"):
        suggest_anchors([boxes((9, 9))], ratios=2)
