"""What is found does not depend on the size of the tiles, and how far a network looks is known."""

import cv2
import numpy as np
import pytest

from nanozoo.engines.predictor import Predictor
from nanozoo.engines.reach import measure_reach
from nanozoo.synth import SceneConfig, simulate


@pytest.mark.parametrize("radius, strips", [(0, 1), (20, 1), (40, 2), (90, 3)])
def test_the_reach_of_a_blur_is_its_radius(radius, strips):
    size = 2 * radius + 1

    def blur(images):
        zero = cv2.BORDER_CONSTANT
        return np.stack([cv2.blur(one, (size, size), borderType=zero) for one in images])[
            ..., None
        ]

    assert measure_reach(blur) == 32 * strips


def test_a_network_that_averages_over_the_whole_image_has_no_reach():
    def against_mean(images):
        return (images - 3 * images.mean(axis=(1, 2), keepdims=True))[..., None]

    changed = measure_reach(lambda images: against_mean(np.cumsum(images, axis=2)))
    assert changed is None


@pytest.fixture(scope="module")
def pixels():
    config = SceneConfig(
        (700, 700), overlap="touching", size_distribution="poly", mean_diameter=32, coverage=0.3
    )
    return simulate(config, seed=1).pixels


def test_results_do_not_depend_on_the_size_of_tiles(pixels):
    predictor = Predictor("unet", scales=(1.0,))
    whole = predictor.segment(pixels)
    predictor.tile = 256
    found = predictor.segment(pixels)
    change = np.abs(found.probability - whole.probability)
    assert change.mean() < 2e-3 and (change > 0.1).mean() < 1e-3
    assert (found.foreground != whole.foreground).mean() < 1.2e-3
    assert len(whole.instances) > 100
    assert abs(len(found.instances) - len(whole.instances)) <= 2


@pytest.mark.slow
def test_a_detector_finds_the_same_particles_in_tiles_of_any_size(pixels):
    whole, *others = (
        Predictor("maskrcnn", tile=tile).segment(pixels) for tile in (1024, 512, 384)
    )
    for found in others:
        assert len(found.instances) == pytest.approx(len(whole.instances), rel=0.05)
        changed = (found.foreground != whole.foreground).mean()
        assert changed < 0.02
