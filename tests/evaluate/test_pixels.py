import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.evaluate.pixels import boundary, boundary_f1, pixel_scores


def square(top: int, left: int, side: int = 20, shape: tuple[int, int] = (64, 64)) -> np.ndarray:
    mask = np.zeros(shape, bool)
    mask[top : top + side, left : left + side] = True
    return mask


def test_shifted_square_has_the_known_overlap():
    scores = pixel_scores(square(10, 10), square(10, 15))
    assert scores.jsc == pytest.approx(300 / 500)
    assert scores.dice == pytest.approx(600 / 800)
    assert scores.sensitivity == pytest.approx(300 / 400)
    assert scores.specificity == pytest.approx(1 - 100 / (64 * 64 - 400))


def test_boundary_f1_counts_the_sides_that_stay_within_two_pixels():
    assert boundary_f1(square(10, 10), square(10, 12)) == 1.0
    # 5 px to the right: of 76 edge pixels 17 above and 17 below stay near the true edge,
    # and of the left side the two pixels next to either corner.
    assert boundary_f1(square(10, 10), square(10, 15)) == pytest.approx(38 / 76)
    assert boundary_f1(square(5, 5), square(40, 40)) == 0.0


def test_tolerance_is_euclidean():
    one, two = np.zeros((9, 9), bool), np.zeros((9, 9), bool)
    one[4, 4] = two[6, 6] = True
    assert boundary_f1(one, two, tolerance_px=2) == 0.0
    assert boundary_f1(one, two, tolerance_px=3) == 1.0


def test_boundary_of_a_square_is_its_ring_and_the_frame_is_none():
    assert boundary(square(10, 10)).sum() == 4 * 19
    assert boundary(np.ones((8, 8), bool)).sum() == 0
    half = np.zeros((8, 8), bool)
    half[:, :4] = True
    assert boundary(half).sum() == 8


def test_empty_masks():
    empty, full = np.zeros((8, 8), bool), np.ones((8, 8), bool)
    assert vars(pixel_scores(empty, empty)) == dict.fromkeys(
        ("jsc", "dice", "sensitivity", "specificity", "boundary_f1"), 1.0
    )
    missed = pixel_scores(square(2, 2, 4, (8, 8)), empty)
    assert (missed.jsc, missed.dice, missed.sensitivity) == (0, 0, 0)
    assert (missed.specificity, missed.boundary_f1) == (1, 0)
    invented = pixel_scores(empty, full)
    assert (invented.jsc, invented.sensitivity, invented.specificity) == (0, 1, 0)
    assert invented.boundary_f1 == 0


def test_masks_of_two_sizes_are_refused():
    with pytest.raises(UserError, match="one shape"):
        pixel_scores(np.zeros((8, 8), bool), np.zeros((8, 9), bool))
