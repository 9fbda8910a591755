import numpy as np
import pytest

from nanozoo.core.instances import Instances
from nanozoo.evaluate.bins import CONTRAST_BINS, SIZE_BINS
from nanozoo.evaluate.contrast import image_contrast, particle_contrasts


def scene(difference: float, noise: float, second: float = 0.0) -> tuple[np.ndarray, Instances]:
    labels = np.zeros((80, 80), np.int32)
    labels[20:40, 20:40] = 1
    labels[20:40, 43:60] = 2
    image = np.random.default_rng(0).normal(100, noise, labels.shape)
    image[labels == 1] += difference
    image[labels == 2] += second
    return image, Instances.from_labels(labels)


def test_contrast_is_the_difference_in_standard_deviations():
    image, instances = scene(-50, 10)
    assert particle_contrasts(image, instances)[0] == pytest.approx(5, rel=0.15)


def test_contrast_leaves_neighbours_out_of_the_ring():
    image, instances = scene(-50, 10)
    crowded, _ = scene(-50, 10, second=500)
    assert particle_contrasts(crowded, instances)[0] == particle_contrasts(image, instances)[0]


def test_contrast_does_not_depend_on_gain_and_offset():
    image, instances = scene(-50, 10, 30)
    np.testing.assert_allclose(
        particle_contrasts(7 * image + 3, instances), particle_contrasts(image, instances)
    )


def test_flat_background_gives_a_finite_contrast_and_a_full_frame_none():
    image, instances = scene(-50, 0)
    assert particle_contrasts(image, instances)[0] == pytest.approx(1000)
    whole = Instances.from_labels(np.ones((20, 20), np.int32))
    assert np.isnan(particle_contrasts(np.ones((20, 20)), whole)).all()


def test_image_contrast_takes_the_mask_where_particles_are_unknown():
    image, instances = scene(-50, 10, -50)
    expected = np.median(particle_contrasts(image, instances))
    assert image_contrast(image, instances, instances.foreground()) == expected
    whole = image_contrast(image, None, instances.foreground())
    assert whole == pytest.approx(5, rel=0.15)
    assert np.isnan(image_contrast(image, None, np.zeros((80, 80), bool)))


def test_bins_are_half_open():
    assert SIZE_BINS.names == ("<10", "10-20", "20-45", "45-90", ">=90")
    assert SIZE_BINS.assign([9.9, 10, 44.9, 45, 90, np.nan]).tolist() == [0, 1, 2, 3, 4, -1]
    assert CONTRAST_BINS.names == ("<1", "1-2", "2-4", "4-8", ">=8")
