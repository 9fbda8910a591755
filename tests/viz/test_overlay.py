import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instance, Instances
from nanozoo.viz.agreement import FALSE_NEGATIVE, FALSE_POSITIVE, agreement
from nanozoo.viz.overlay import OUTLINES, draw_overlay, mask_edge


def test_outline_lies_exactly_on_the_edge_pixels():
    image = np.random.default_rng(0).integers(0, 256, (40, 50)).astype(np.uint8)
    items = [Instance(5, 5, np.ones((10, 12), bool)), Instance(20, 40, np.ones((20, 10), bool))]
    plain = draw_overlay(image, Instances((40, 50)))
    drawn = draw_overlay(image, Instances((40, 50), items))
    changed = np.zeros((40, 50), bool)
    changed[5:15, 5:17] = changed[20:40, 40:50] = True
    changed[6:14, 6:16] = changed[21:39, 41:49] = False
    assert drawn.dtype == np.uint8 and drawn.shape == (40, 50, 3)
    np.testing.assert_array_equal(drawn[~changed], plain[~changed])
    assert {tuple(colour) for colour in drawn[changed]} == set(OUTLINES[:2])
    assert tuple(drawn[5, 5]) == OUTLINES[0] and tuple(drawn[39, 49]) == OUTLINES[1]


def test_edge_goes_around_holes():
    mask = np.ones((7, 7), bool)
    mask[3, 3] = False
    edge = mask_edge(mask)
    assert edge.sum() == 24 + 4
    assert not edge[3, 3] and edge[2, 3]


def test_sixteen_bit_and_colour_images_become_grey():
    ramp = np.tile(np.arange(64, dtype=np.uint16) * 1000, (8, 1))
    for image in (ramp, np.repeat((ramp // 256).astype(np.uint8)[..., None], 3, axis=2)):
        drawn = draw_overlay(image, Instances((8, 64)))
        assert (drawn[..., 0] == drawn[..., 2]).all()
        assert drawn.min() == 0 and drawn.max() == 255


def test_particles_of_another_image_are_refused():
    with pytest.raises(UserError, match="this image"):
        draw_overlay(np.zeros((8, 8), np.uint8), Instances((8, 9)))


def test_agreement_colours_the_four_cases():
    truth = np.array([[True, True, False, False]])
    predicted = np.array([[True, False, True, False]])
    expected = [(255, 255, 255), FALSE_NEGATIVE, FALSE_POSITIVE, (0, 0, 0)]
    assert [tuple(pixel) for pixel in agreement(truth, predicted)[0]] == expected
