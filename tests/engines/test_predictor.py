"""The predictor takes images of any size and type, and its maps agree with each other."""

import keras
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.engines.predictor import Predictor
from nanozoo.io.micrograph import normalise
from nanozoo.models.checkpoint import save_checkpoint


@pytest.fixture
def make(tiny, randomise, tmp_path):
    """Make a predictor of the tiny network that need not be compiled."""

    def make(classes=("background", "particle"), boundary=True, inference=None, **options):
        arguments = {"num_classes": len(classes), "boundary": boundary}
        keras.utils.set_random_seed(0)
        model = randomise(tiny((None, None, options.pop("channels", 1)), **arguments))
        checkpoint = save_checkpoint(
            model,
            tmp_path,
            name="t",
            builder="tiny",
            arguments=arguments,
            inference=inference,
            classes=classes,
        )
        model.run_eagerly = True
        return Predictor(checkpoint, model=model, **options)

    return make


@pytest.mark.parametrize(
    "shape, dtype",
    [
        ((1, 1), np.uint8),
        ((17, 33), np.uint16),
        ((300, 200), np.float32),
        ((40, 50, 1), np.uint8),
        ((40, 50, 3), np.uint8),
        ((40, 50, 4), np.uint16),
    ],
)
def test_any_image_is_segmented_in_its_own_size(make, shape, dtype):
    pixels = np.random.default_rng(0).integers(0, 200, shape).astype(dtype)
    result = make(tile=128).segment(pixels)
    for part in (result.foreground, result.probability, result.boundary, result.classes):
        assert part.shape == shape[:2]
    assert result.foreground.dtype == bool and result.instances.shape == shape[:2]
    for part in (result.probability, result.boundary):
        assert np.isfinite(part).all() and -1e-6 <= part.min() and part.max() <= 1 + 1e-6
    np.testing.assert_array_equal(result.classes > 0, result.foreground)
    assert not (result.instances.foreground() & ~result.foreground).any()
    assert all(0 <= item.score <= 1 for item in result.instances)


def test_bit_depth_gain_and_offset_do_not_matter(make):
    predictor = make()
    pixels = np.random.default_rng(0).integers(0, 250, (64, 64)).astype(np.uint8)
    wanted = predictor.segment(pixels).probability
    for other in (pixels.astype(np.uint16) * 200 + 1000, pixels / 7.0 - 3):
        np.testing.assert_allclose(predictor.segment(other).probability, wanted, atol=1e-3)


def test_a_blank_image_is_finite(make):
    result = make().segment(np.full((40, 40), 9, np.uint8))
    assert np.isfinite(result.probability).all()


def test_maps_are_the_models_outputs(make):
    predictor = make(classes=("background", "a", "b", "c", "d", "e"))
    image = normalise(np.random.default_rng(0).random((64, 128)))
    maps = predictor.probabilities(image)
    outputs = predictor.model(image[None, ..., None], training=False)
    assert maps.shape == (64, 128, 7)
    np.testing.assert_allclose(maps[..., :-1], outputs["classes"][0], atol=1e-5)
    np.testing.assert_allclose(maps[..., -1:], outputs["boundary"][0], atol=1e-5)
    result = predictor.segment(image)
    best = 1 + maps[..., 1:-1].argmax(-1)
    np.testing.assert_array_equal(result.classes[result.foreground], best[result.foreground])


def test_a_network_without_boundary_and_of_three_channels(make):
    result = make(boundary=False, channels=3).segment(np.random.default_rng(0).random((50, 50)))
    assert not result.boundary.any() and result.probability.std() > 0


def test_scales_are_averaged(make):
    image = np.random.default_rng(0).random((96, 70)).astype(np.float32)
    single = [make(scales=(scale,)).probabilities(image) for scale in (1.0, 0.5)]
    both = make(inference={"scales": [1.0, 0.5], "min_area": 3})
    assert both.scales == (1.0, 0.5) and both.postprocess.min_area == 3
    np.testing.assert_allclose(both.probabilities(image), np.mean(single, axis=0), atol=1e-6)


def test_nan_pixels_are_refused(make):
    with pytest.raises(UserError, match="NaN"):
        make().segment(np.full((20, 20), np.nan, np.float32))
