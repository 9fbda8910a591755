import cv2
import numpy as np
import pytest

from nanozoo.measure.distribution import size_distribution
from nanozoo.viz.size_distribution import FAMILY_COLOURS, draw_size_distribution


def pixels_of(picture: np.ndarray, colour: tuple[int, int, int]) -> int:
    return int((np.abs(picture.astype(int) - colour[::-1]).max(axis=2) <= 2).sum())


@pytest.mark.parametrize(("ratio", "families"), [(1.0, 1), (3.0, 2), (20.0, 2)])
def test_each_family_has_its_curve(tmp_path, ratio, families):
    """Also on the logarithmic axis, which the widest one gets."""
    rng = np.random.default_rng(0)
    sizes = np.concatenate([rng.normal(20, 1, 90), ratio * rng.normal(20, 1, 60)])
    found = size_distribution(sizes, unit="nm", resamples=5)
    path = tmp_path / "sizes.png"
    draw_size_distribution(path, sizes, np.ones(len(sizes)), found)
    picture = cv2.imread(str(path))
    drawn = [pixels_of(picture, colour) > 200 for colour in FAMILY_COLOURS]
    assert drawn == [number < families for number in range(len(FAMILY_COLOURS))]


def test_few_and_equal_sizes_can_be_drawn(tmp_path):
    for sizes in (np.array([3.0, 40.0]), np.full(12, 7.0)):
        found = size_distribution(sizes, resamples=5)
        draw_size_distribution(tmp_path / "sizes.png", sizes, np.ones(len(sizes)), found)
        assert cv2.imread(str(tmp_path / "sizes.png")).shape[0] > 200
