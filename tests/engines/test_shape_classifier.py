import cv2
import numpy as np
import pytest

from nanozoo import Predictor, build_shape_cnn, build_unet, save_checkpoint
from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.engines.shapes import UNSURE, ShapeClassifier

CLASSES = ("flat", "bright")


@pytest.fixture
def checkpoint(tmp_path):
    """Function from inference options to a classifier with the logits 0 and 1 for anything."""

    def make(**inference):
        arguments = {"num_classes": 2, "backbone": "plain", "level": "C3"}
        model = build_shape_cnn((32, 32, 1), **arguments)
        layer = model.get_layer("classes_logits")
        kernel = np.zeros_like(layer.get_weights()[0])
        layer.set_weights([kernel, np.array([0.0, 1.0], np.float32)])
        return save_checkpoint(
            model,
            tmp_path / "shapes",
            name="shapes",
            builder="shape_cnn",
            arguments=arguments,
            classes=CLASSES,
            inference={"size": 32, **inference},
        )

    return make


@pytest.fixture
def pair():
    labels = np.zeros((40, 60), np.uint8)
    cv2.circle(labels, (15, 20), 8, 1, -1)
    cv2.circle(labels, (42, 20), 10, 2, -1)
    return 200 - 100 * (labels > 0).astype(np.uint8), Instances.from_labels(labels)


def test_probabilities_follow_the_temperature_and_doubt_is_said(checkpoint, pair):
    sure = ShapeClassifier(checkpoint(sure=0.7)).classify(*pair)
    assert sure.names == ["bright", "bright"] and sure.classes == CLASSES
    np.testing.assert_allclose(sure.probabilities, [[1 / (1 + np.e), np.e / (1 + np.e)]] * 2, 1e-3)
    warm = ShapeClassifier(checkpoint(sure=0.7, temperature=2.0)).classify(*pair)
    np.testing.assert_allclose(warm.probabilities[:, 1], 1 / (1 + np.exp(-0.5)), 1e-3)
    assert warm.names == [UNSURE, UNSURE]


def test_no_particle_gives_no_name(checkpoint):
    found = ShapeClassifier(checkpoint()).classify(np.zeros((40, 60)), Instances((40, 60)))
    assert found.names == [] and found.probabilities.shape == (0, 2)


def test_each_checkpoint_is_for_its_own_task(checkpoint, tmp_path):
    with pytest.raises(UserError, match="shapes of particles that are found"):
        Predictor(checkpoint())
    arguments = {"backbone": "plain", "decoder_filters": (4, 4, 4, 4, 4)}
    save_checkpoint(
        build_unet((32, 32, 1), **arguments),
        tmp_path / "unet",
        name="mine",
        builder="unet",
        arguments=arguments,
    )
    with pytest.raises(UserError, match="mine finds particles"):
        ShapeClassifier(tmp_path / "unet")


@pytest.mark.parametrize("bad", [{"temperature": 0.0}, {"sure": 1.5}, {"colour": 1}])
def test_wrong_options_name_the_checkpoint(checkpoint, bad):
    with pytest.raises(UserError, match=f"checkpoint shapes.*{next(iter(bad))}"):
        ShapeClassifier(checkpoint(**bad))
