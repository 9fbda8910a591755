"""Edge correction on every place that a particle can have in an image."""

import numpy as np
import pytest

from nanozoo.core.instances import Instance, Instances
from nanozoo.measure.distribution import size_distribution
from nanozoo.measure.edge_correction import edge_weights, touches_border

SHAPE = (24, 30)


def everywhere(height: int, width: int) -> Instances:
    """A box at every place in the image, cut at the border."""
    items = []
    for top in range(1 - height, SHAPE[0]):
        for left in range(1 - width, SHAPE[1]):
            rows = min(top + height, SHAPE[0]) - max(top, 0)
            columns = min(left + width, SHAPE[1]) - max(left, 0)
            items.append(Instance(max(top, 0), max(left, 0), np.ones((rows, columns), bool)))
    return Instances(SHAPE, items)


@pytest.mark.parametrize("box", [(1, 1), (4, 4), (12, 5), (22, 28)])
def test_weights_of_all_places_add_up_to_the_image(box):
    weights = edge_weights(everywhere(*box))
    assert weights.sum() == pytest.approx(SHAPE[0] * SHAPE[1])
    assert weights[weights > 0].min() >= 1


def test_equal_numbers_of_small_and_large_particles_come_out_equal():
    populations = [everywhere(4, 4), everywhere(14, 14)]
    sizes = np.concatenate([one.diameters() for one in populations])
    weights = np.concatenate([edge_weights(one) for one in populations])
    small, large = (2 * side / np.sqrt(np.pi) for side in (4, 14))
    whole = sizes[weights > 0]
    assert whole.mean() < 0.8 * (small + large) / 2
    corrected = size_distribution(sizes, weights, resamples=2)
    assert corrected.statistics["mean"].value == pytest.approx((small + large) / 2)
    assert corrected.count == len(whole)


def test_all_four_borders_count():
    boxes = [(0, 5), (20, 5), (5, 0), (5, 26), (1, 1), (19, 25)]
    items = [Instance(top, left, np.ones((4, 4), bool)) for top, left in boxes]
    instances = Instances(SHAPE, items)
    assert touches_border(instances).tolist() == [True] * 4 + [False] * 2
    assert (edge_weights(instances) > 0).tolist() == [False] * 4 + [True] * 2
    assert len(edge_weights(Instances(SHAPE))) == 0
