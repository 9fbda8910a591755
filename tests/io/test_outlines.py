"""Outlines along the edges of pixels and back."""

import numpy as np
import pytest
from particles import SHAPE, disc, hard_masks, random_particle

from nanozoo.io.outlines import fill_ellipse, fill_outlines, short_outline, trace_outlines


def whole(item, shape) -> np.ndarray:
    mask = np.zeros(shape, bool)
    if item is not None:
        mask[item.window] = item.mask
    return mask


def area(outline: np.ndarray) -> float:
    """Signed by the shoelace formula: above 0 clockwise, with y downward."""
    after = np.roll(outline, -1, axis=0)
    return (outline[:, 0] * after[:, 1] - outline[:, 1] * after[:, 0]).sum() / 2


@pytest.mark.parametrize("name", hard_masks())
def test_a_traced_mask_is_filled_again(name):
    mask = hard_masks()[name]
    outlines = trace_outlines(mask)
    np.testing.assert_array_equal(whole(fill_outlines(outlines, SHAPE), SHAPE), mask)
    assert sum(map(area, outlines)) == mask.sum()


def test_random_masks_are_filled_again_and_every_point_is_a_corner():
    rng = np.random.default_rng(0)
    for item in filter(None, (random_particle(rng) for _ in range(300))):
        outlines = trace_outlines(item.mask)
        found = fill_outlines(outlines, item.mask.shape)
        np.testing.assert_array_equal(whole(found, item.mask.shape), item.mask)
        for outline in outlines:
            before, after = (
                outline - np.roll(outline, 1, axis=0),
                np.roll(outline, -1, 0) - outline,
            )
            assert (before[:, 0] * after[:, 1] != before[:, 1] * after[:, 0]).all()


def test_holes_turn_the_other_way():
    outlines = trace_outlines(hard_masks()["two rings in one"])
    assert [bool(area(outline) > 0) for outline in outlines].count(False) == 1
    assert len(outlines) == 3


def test_a_centre_on_the_line_counts_at_the_right_end_only():
    """The rule of ImageJ's PolygonFiller: x from 0.5 to 2.5 holds the centres 1.5 and 2.5."""
    box = np.array([[0.5, 0], [2.5, 0], [2.5, 1], [0.5, 1]])
    assert whole(fill_outlines([box], (1, 4)), (1, 4)).tolist() == [[False, True, True, False]]
    assert whole(fill_outlines([box[:, ::-1]], (4, 1)), (4, 1)).ravel().tolist() == [
        True,
        True,
        False,
        False,
    ]


def test_what_lies_outside_the_image_is_left_out():
    far = np.array([[-1e9, -1e9], [1e9, -1e9], [1e9, 1.0], [-1e9, 1.0]])
    found = whole(fill_outlines([far], (3, 4)), (3, 4))
    assert found[0].all() and not found[1:].any()
    assert fill_outlines([far / 2 + (0, -5e8)], (3, 4)) is None
    with pytest.raises(ValueError, match="not within"):
        fill_outlines([far * 10], (3, 4))
    assert fill_outlines([np.array([[0.1, 0.1], [0.4, 0.1], [0.4, 0.4]])], (3, 4)) is None


def test_short_outlines_are_exact_and_short():
    mask = disc(30, 40, 25)
    outline = short_outline(mask)
    np.testing.assert_array_equal(whole(fill_outlines([outline], SHAPE), SHAPE), mask)
    assert len(outline) < 0.6 * len(trace_outlines(mask)[0])
    assert abs(area(outline)) == pytest.approx(mask.sum(), rel=0.01)
    one = np.ones((1, 1), bool)
    assert sorted(short_outline(one).tolist()) == [[0, 0], [0, 1], [1, 0], [1, 1]]


def test_an_ellipse_holds_the_centres_within():
    found = whole(fill_ellipse((10.0, 5.0, 41.0, 26.0), SHAPE), SHAPE)
    rows, columns = np.indices(SHAPE) + 0.5
    wanted = ((columns - 25.5) / 15.5) ** 2 + ((rows - 15.5) / 10.5) ** 2 <= 1
    np.testing.assert_array_equal(found, wanted)
    assert fill_ellipse((100.0, 5.0, 120.0, 9.0), SHAPE) is None
    assert fill_ellipse((3.0, 3.0, 3.0, 9.0), SHAPE) is None
