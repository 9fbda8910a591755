"""Statistics and patterns have their analytic values, and change with what they should."""

import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.embed.texture import STATISTICS, intensity_statistics, local_binary_patterns


def statistics(image):
    return dict(zip(STATISTICS, intensity_statistics(image[None])[0]))


def waves(size=48):
    """Stripes of 8 px, smooth, with noise."""
    noise = 0.05 * np.random.default_rng(0).random((size, size))
    return 0.3 + 0.2 * np.sin(np.arange(size) * np.pi / 4)[:, None] + noise


def test_statistics_of_a_ramp():
    found = statistics(np.linspace(0, 1, 256 * 16).reshape(64, 64))
    assert found["mean"] == found["p50"] == pytest.approx(0.5)
    assert found["std"] == pytest.approx(1 / np.sqrt(12), abs=1e-3)
    assert found["skewness"] == pytest.approx(0, abs=1e-9)
    assert found["kurtosis"] == pytest.approx(-1.2, abs=1e-3)
    assert found["p5"] == pytest.approx(0.05) and found["p99"] == pytest.approx(0.99)
    assert found["entropy_bits"] == pytest.approx(8.0, abs=1e-4)


def test_statistics_are_blind_to_places_and_patterns_are_not():
    image = waves()
    mixed = np.random.default_rng(1).permutation(image.ravel()).reshape(image.shape)
    both = np.stack([image, mixed])
    first, second = intensity_statistics(both)
    np.testing.assert_allclose(first, second)
    first, second = local_binary_patterns(both, radii_px=(1,))
    assert np.abs(first - second).sum() > 0.3


@pytest.mark.parametrize("change", [np.sqrt, np.square, lambda x: 0.2 + 0.5 * x, np.expm1])
def test_patterns_do_not_change_with_an_increasing_change_of_grey_values(change):
    image = waves()
    changed = change(image)
    first, second = local_binary_patterns(np.stack([image, changed]))
    np.testing.assert_array_equal(first, second)
    assert np.abs(np.diff(intensity_statistics(np.stack([image, changed])), axis=0)).max() > 0.02


def test_patterns_do_not_change_with_a_right_angle():
    image = waves(64)
    first, second = local_binary_patterns(np.stack([image, np.rot90(image)]), radii_px=(1, 2))
    np.testing.assert_allclose(first, second, atol=0.01)


def test_patterns_of_a_ramp_and_of_single_peaks():
    ramp = np.tile(np.linspace(0, 1, 20), (20, 1))
    shares = local_binary_patterns(ramp[None], radii_px=(1,))[0]
    assert shares[5] == 1.0  # of 8 points, 3 to the right and 2 beside the centre are not below
    peaks = np.zeros((21, 21))
    peaks[2:-2:4, 2:-2:4] = 1
    shares = local_binary_patterns(peaks[None], radii_px=(1,))[0]
    assert shares[0] == pytest.approx(25 / 361) and shares.sum() == pytest.approx(1)


def test_constant_images_are_told():
    images = np.stack([np.full((16, 16), 0.25), np.random.default_rng(0).random((16, 16))])
    with pytest.warns(UserWarning, match="1 of 2 images are constant"):
        found = dict(zip(STATISTICS, intensity_statistics(images)[0]))
    assert found["mean"] == 0.25
    assert found["std"] == found["skewness"] == found["kurtosis"] == found["entropy_bits"] == 0
    with pytest.warns(UserWarning, match="1 of 2 images are constant"):
        shares = local_binary_patterns(images, radii_px=(1,))[0]
    assert shares[8] == 1.0


@pytest.mark.parametrize(
    ("images", "radii", "words"),
    [
        (np.zeros((16, 16)), (1,), "N, H, W"),
        (np.full((1, 16, 16), 2.0), (1,), "divide 8-bit images by 255"),
        (np.full((1, 16, 16), np.nan), (1,), "from 0 to 1"),
        (np.random.default_rng(0).random((1, 16, 16)), (1, 8), "16 x 16 px"),
        (np.random.default_rng(0).random((1, 16, 16)), (), r"radii_px=\(\)"),
    ],
)
def test_what_has_no_pattern_is_refused(images, radii, words):
    with pytest.raises(UserError, match=words):
        local_binary_patterns(images, radii_px=radii)
