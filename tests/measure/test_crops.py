import cv2
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.measure.crops import FLOOR, extract_particles


def disc(radius: int, side: int, centre=None) -> np.ndarray:
    mask = np.zeros((side, side), np.uint8)
    cv2.circle(mask, centre or (side // 2, side // 2), radius, 1, -1)
    return mask > 0


def wedge(mask: np.ndarray) -> np.ndarray:
    """Thickness that grows from left to right."""
    return np.where(mask, np.indices(mask.shape)[1] / mask.shape[1] + 0.5, 0.0)


def test_size_place_and_magnification_do_not_matter():
    small, large = disc(20, 90, (30, 50)), disc(60, 200)
    one = extract_particles(1 - wedge(small), Instances.from_stack(small[None]))[0]
    two = extract_particles(1 - wedge(large), Instances.from_stack(large[None]))[0]
    assert np.mean((one > 0) != (two > 0)) < 0.02
    assert np.abs(one - two)[(one > 0) & (two > 0)].mean() < 0.05


def test_the_background_is_removed_and_the_particle_is_not():
    mask = disc(20, 80)
    noise = np.random.default_rng(0).normal(0, 1, mask.shape)
    crop = extract_particles(np.where(mask, wedge(mask), noise), Instances.from_stack(mask[None]))
    inside = crop[0, 10:-10, 10:-10, 0]
    assert crop[0, :, :8].max() == 0 and crop[0, :, -8:].max() == 0
    assert inside[30:-30, 30:-30].min() >= FLOOR - 1e-6 and crop.max() == pytest.approx(1.0)


def test_dense_is_bright_in_bright_field_and_in_dark_field():
    mask = disc(20, 80)
    instances = Instances.from_stack(mask[None])
    bright = extract_particles(2.0 - wedge(mask), instances)
    dark = extract_particles(wedge(mask), instances)
    np.testing.assert_allclose(bright, dark, atol=1e-5)
    middle = dark[0, 48, :, 0]
    assert middle[70] > middle[48] > middle[26] > 0


def test_each_of_two_overlapping_particles_is_whole():
    pair = np.stack([disc(15, 80, (30, 40)), disc(15, 80, (46, 40))])
    crops = extract_particles(1.0 - pair.sum(0), Instances.from_stack(pair))
    alone = extract_particles(1.0 - pair[0], Instances.from_stack(pair[:1]))
    assert len(crops) == 2
    for crop in crops:
        np.testing.assert_array_equal(crop > 0, alone[0] > 0)


def test_a_flat_particle_is_white_and_none_gives_none():
    mask = disc(9, 40)
    flat = extract_particles(1.0 - mask, Instances.from_stack(mask[None]), size=64)
    assert set(np.unique(flat)) == {0.0, 1.0} and flat[0, 32, 32] == 1
    assert extract_particles(np.zeros((40, 40)), Instances((40, 40)), size=32).shape == (
        0,
        32,
        32,
        1,
    )


def test_a_particle_that_fills_the_image_is_taken():
    full = np.ones((1, 30, 30), bool)
    assert extract_particles(np.eye(30), Instances.from_stack(full)).max() == 1.0


@pytest.mark.parametrize(
    "image, options, word",
    [
        (np.zeros((8, 9)), {}, "image"),
        (np.zeros((8, 8, 3)), {}, "image"),
        (np.zeros((8, 8)), {"size": 4}, "size"),
        (np.zeros((8, 8)), {"margin": 0.5}, "margin"),
    ],
)
def test_bad_arguments_are_named(image, options, word):
    with pytest.raises(UserError, match=word):
        extract_particles(image, Instances((8, 8)), **options)
