"""Averages over flips and over networks, and where they are not sure."""

import keras
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.engines.predictor import Predictor
from nanozoo.models.checkpoint import save_checkpoint


@pytest.fixture
def make(tiny, randomise, tmp_path):
    """Write a tiny network with random weights of a seed; return its folder."""

    def make(seed, classes=("background", "particle"), inference=None, boundary=True):
        arguments = {"num_classes": len(classes), "boundary": boundary}
        keras.utils.set_random_seed(seed)
        model = randomise(tiny((None, None, 1), **arguments), seed)
        options = {"arguments": arguments, "inference": inference, "classes": classes}
        save_checkpoint(model, tmp_path / str(seed), name="t", builder="tiny", **options)
        return tmp_path / str(seed)

    return make


# Sides that divide by 64, so that nothing is padded.
IMAGE = np.random.default_rng(3).random((64, 128), np.float32)


def test_with_flips_a_turned_image_gives_the_turned_answer(make):
    plain, turning = Predictor(make(1)), Predictor(make(1), flips=True)
    upright = turning.probabilities(IMAGE)
    for changed, back in (
        (np.rot90(IMAGE), lambda maps: np.rot90(maps, -1)),
        (IMAGE[:, ::-1], lambda maps: maps[:, ::-1]),
    ):
        np.testing.assert_allclose(back(turning.probabilities(changed)), upright, atol=1e-5)
        assert np.abs(back(plain.probabilities(changed)) - plain.probabilities(IMAGE)).max() > 1e-3


def test_a_checkpoint_may_ask_for_flips_and_an_argument_goes_before_it(make):
    folder = make(1, inference={"flips": True})
    assert Predictor(folder).flips and not Predictor(folder, flips=False).flips
    assert not Predictor(make(2)).flips


def test_several_networks_are_averaged(make):
    one, other = make(1), make(2)
    both = Predictor(f"{one}+{other}").probabilities(IMAGE)
    alone = [Predictor(folder).probabilities(IMAGE) for folder in (one, other)]
    assert np.abs(alone[0] - alone[1]).max() > 1e-2
    np.testing.assert_allclose(both, np.mean(alone, axis=0), atol=1e-6)


def test_a_network_without_boundaries_does_not_weaken_those_of_another(make):
    one, other = make(1), make(2, boundary=False)
    wanted = Predictor(one).probabilities(IMAGE)[..., -1]
    for names in (f"{one}+{other}", f"{other}+{one}"):
        np.testing.assert_allclose(Predictor(names).probabilities(IMAGE)[..., -1], wanted)


def test_uncertainty_is_the_entropy_of_the_probabilities(make):
    three = Predictor(make(1, ("background", "a", "b")))
    found = three.segment(IMAGE)
    maps = three.probabilities((IMAGE - IMAGE.min()) / np.ptp(IMAGE))
    assert found.uncertainty.shape == IMAGE.shape and found.uncertainty.dtype == np.float32
    assert 0 <= found.uncertainty.min() and found.uncertainty.max() <= 1
    sure = maps[..., :-1].max(axis=-1)
    assert np.corrcoef(found.uncertainty.ravel(), sure.ravel())[0, 1] < -0.5
    three.probabilities = lambda image: np.full((*image.shape, 4), 1 / 3, np.float32)
    np.testing.assert_allclose(three.segment(IMAGE).uncertainty, 1.0, atol=1e-6)
    three.probabilities = lambda image: np.eye(4, dtype=np.float32)[np.ones(image.shape, int)]
    np.testing.assert_allclose(three.segment(IMAGE).uncertainty, 0.0, atol=1e-4)


def test_networks_of_other_classes_and_detectors_are_refused(make):
    two, three = make(1), make(2, ("background", "a", "b"))
    with pytest.raises(UserError, match="same classes.*background, a, b"):
        Predictor(f"{two}+{three}")
    with pytest.raises(UserError, match="detector cannot be averaged.*maskrcnn"):
        Predictor("maskrcnn", flips=True)
    with pytest.raises(UserError, match="nothing"):
        Predictor(f"{two}+nothing")
