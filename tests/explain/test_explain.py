import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import layers

from nanozoo import build_maskrcnn, build_shape_cnn, build_unet, grad_cam
from nanozoo.core.errors import UserError
from nanozoo.explain.attribution import METHODS, attribute
from nanozoo.explain.gradients import value_and_gradient
from nanozoo.explain.probe import disturbed_at, logits_copy
from nanozoo.explain.targets import Target

RNG = np.random.default_rng(4)
IMAGE = RNG.random((16, 16), np.float32)
SPREAD = np.array([[1.5, -1.0, 0.25], [-0.5, 2.0, 0.75]], np.float32)


@pytest.fixture(scope="module")
def linear() -> keras.Model:
    """Two maps of one pixel's grey each, averaged, and three classes: all is known."""
    image = keras.Input((16, 16, 1), name="image")
    x = layers.Conv2D(2, 1, use_bias=False, name="conv")(image)
    x = layers.Identity(name="C4")(x)
    x = layers.GlobalAveragePooling2D(name="features")(x)
    x = layers.Dense(3, use_bias=False, name="classes_logits")(x)
    model = keras.Model(image, layers.Activation("softmax", name="classes")(x))
    model.get_layer("conv").set_weights([np.array([1.0, -2.0], np.float32).reshape(1, 1, 1, 2)])
    model.get_layer("classes_logits").set_weights([SPREAD])
    return model


@pytest.fixture(scope="module")
def unet() -> keras.Model:
    keras.utils.set_random_seed(3)
    return build_unet((32, 32, 1), 3, "plain", decoder_filters=(4, 4, 4, 4, 4), boundary=True)


@pytest.mark.parametrize("class_id", [0, 1, 2])
def test_grad_cam_is_the_weighted_sum_of_the_maps(linear, class_id):
    wanted = np.maximum((SPREAD[0, class_id] - 2 * SPREAD[1, class_id]) * IMAGE, 0)
    got = grad_cam(linear, IMAGE, class_id)
    np.testing.assert_allclose(got, wanted / max(wanted.max(), 1e-9), atol=1e-5)
    assert (got.max() > 0) == (class_id == 0)


def test_grad_cam_agrees_with_tf_keras_vis(linear):
    ours, theirs = grad_cam(linear, IMAGE, 0), attribute(linear, IMAGE, 0, "grad_cam")
    least = IMAGE.min() / IMAGE.max()  # tf-keras-vis stretches from the least value
    np.testing.assert_allclose((ours - least) / (1 - least), theirs, atol=1e-4)


def test_many_images_do_not_make_tensorflow_warn_of_compiling_again(linear, caplog):
    for number in range(6):
        attribute(linear, np.roll(IMAGE, number, axis=0), number % 3, "score_cam")
    assert "retracing" not in caplog.text


@pytest.fixture(scope="module")
def detector(small_detector) -> keras.Model:
    keras.utils.set_random_seed(5)
    return build_maskrcnn((64, 64, 1), 3, **small_detector)


def check_gradient(model: keras.Model, side: int, target: Target, layer: str) -> None:
    """Compare the steepest slope by a layer's output with a finite difference."""
    logits = logits_copy(model, (side, side, 1), target)
    disturbed = disturbed_at(target.scores(logits), layer)
    image = keras.ops.convert_to_tensor(RNG.random((1, side, side, 1), np.float32))

    def function(disturbance):
        maps, scores = disturbed([image, disturbance], training=False)
        return target.of(scores)[0], maps

    still = np.zeros((1, *disturbed.inputs[1].shape[1:]), np.float32)
    _, gradient = value_and_gradient(function, still)
    place = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
    step = np.zeros_like(still)
    step[place] = 1e-2
    up, down = (function(keras.ops.convert_to_tensor(one))[0] for one in (step, -step))
    rise = (float(up) - float(down)) / 2e-2
    assert gradient[place] == pytest.approx(rise, rel=0.03) and rise != 0


def test_the_gradient_goes_through_skip_connections(unet):
    check_gradient(unet, 32, Target.pixel(1, 20, 9, (32, 32)), "C2")


def test_the_gradient_goes_through_the_box_of_a_detector(detector):
    check_gradient(detector, 64, Target(2, box=(8, 20, 30, 52)), "P2")


def test_a_detection_is_explained_by_the_logits_of_its_box(detector):
    image = RNG.random((1, 64, 64, 1), np.float32)
    box = (4.0, 10.0, 40.0, 33.0)
    names = ("P2", "P3", "P4", "P5")
    pyramid = keras.Model(detector.inputs[0], [detector.get_layer(name).output for name in names])
    wanted = detector.box_logits(pyramid(image), np.array([[box]], np.float32))[0]
    got = logits_copy(detector, (64, 64, 1), Target(1, box=box))(image)
    np.testing.assert_allclose(got, wanted, atol=1e-5)
    heat = grad_cam(detector, image[0], Target(1, box=box), "P3")
    assert heat.shape == (64, 64) and 0 <= heat.min() <= heat.max() <= 1
    seen = attribute(detector, image[0], Target(1, box=box), "saliency")
    assert seen.max() == pytest.approx(1)


def test_detectors_and_they_alone_are_asked_about_a_box(detector, linear):
    with pytest.raises(UserError, match="the `box` of a particle"):
        grad_cam(detector, np.zeros((64, 64)), 1, "P2")
    with pytest.raises(UserError, match="no `box`"):
        grad_cam(linear, IMAGE, Target(1, box=(0, 0, 4, 4)))
    with pytest.raises(UserError, match="area"):
        Target(1, box=(8, 0, 8, 4))


def test_a_pixel_is_explained_by_what_it_sees():
    image = keras.Input((24, 24, 1), name="image")
    x = layers.Conv2D(4, 3, padding="same", activation="softplus", name="C1")(image)
    x = layers.Conv2D(2, 3, padding="same", name="classes_logits")(x)
    model = keras.Model(image, layers.Activation("softmax", name="classes")(x))
    target = Target.pixel(1, 10, 15, (24, 24))
    for method in ("saliency", "smooth_grad", "gradient_times_input"):
        seen = attribute(model, 0.1 + RNG.random((24, 24)), target, method, samples=3) > 0
        rows, columns = np.nonzero(seen)
        assert (rows.min(), rows.max(), columns.min(), columns.max()) == (8, 12, 13, 17), method


@pytest.mark.parametrize("method", METHODS)
def test_each_method_gives_a_map_of_the_image(unet, method, capsys):
    region = np.zeros((32, 32), bool)
    region[4:12, 6:20] = True
    image = RNG.random((32, 32))
    heat = attribute(unet, image, Target(1, region), method, layer="C2", samples=2)
    assert heat.shape == (32, 32) and heat.dtype == np.float32
    assert np.isfinite(heat).all() and heat.min() >= 0 and 0.9 < heat.max() <= 1.0001
    again = attribute(unet, image, Target(1, region), method, layer="C2", samples=2)
    np.testing.assert_array_equal(heat, again)
    assert capsys.readouterr().out == "" and keras.config.is_interactive_logging_enabled()


def test_mixed_precision_explains_as_float32_does(unet):
    image = RNG.random((32, 32))
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        mixed = build_unet((32, 32, 1), 3, "plain", decoder_filters=(4, 4, 4, 4, 4), boundary=True)
    finally:
        keras.config.set_dtype_policy(before)
    mixed.set_weights(unet.get_weights())
    np.testing.assert_array_equal(grad_cam(mixed, image, 1, "C3"), grad_cam(unet, image, 1, "C3"))
    heat = attribute(mixed, image, 1, "grad_cam++", layer="C3")
    np.testing.assert_array_equal(heat, attribute(unet, image, 1, "grad_cam++", layer="C3"))


def test_the_model_stays_as_it_was(unet):
    weights, layer = unet.get_weights(), unet.get_layer("C3").output
    grad_cam(unet, np.zeros((32, 32)), 1, "C3")
    assert unet.get_layer("C3").output is layer
    for old, new in zip(weights, unet.get_weights()):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize(
    "image, target, layer, word",
    [
        (np.zeros((16, 16, 3)), 0, "C4", "image"),
        (np.zeros(16), 0, "C4", "image"),
        (np.zeros((16, 16)), 3, "C4", "class_id"),
        (np.zeros((16, 16)), -1, "C4", "class_id"),
        (np.zeros((16, 16)), Target(0, np.ones((16, 16), bool)), "C4", "region"),
        (np.zeros((16, 16)), 0, "features", "such as C4"),
        (np.zeros((16, 16)), 0, "C9", "such as C4"),
    ],
)
def test_bad_arguments_are_named(linear, image, target, layer, word):
    with pytest.raises(UserError, match=word):
        grad_cam(linear, image, target, layer)
    with pytest.raises(UserError, match=word):
        attribute(linear, image, target, "grad_cam", layer=layer)


def test_pixels_outside_and_other_models_are_refused(linear):
    with pytest.raises(UserError, match="pixel"):
        Target.pixel(0, 16, 3, (16, 16))
    with pytest.raises(UserError, match="method"):
        attribute(linear, IMAGE, 0, "guess")
    headless = keras.Model(linear.input, linear.get_layer("C4").output)
    with pytest.raises(UserError, match="classes"):
        grad_cam(headless, IMAGE, 0)


def test_jax_explains_as_tensorflow_does(tmp_path):
    pytest.importorskip("jax", reason="needs the extra `jax`")
    keras.utils.set_random_seed(8)
    model = build_shape_cnn((32, 32, 1), 3, "plain", level="C4")
    image = RNG.random((32, 32), np.float32)
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "image.npy", image)
    program = (
        "import sys, keras, numpy as np, nanozoo.models; from nanozoo import grad_cam; "
        "folder = sys.argv[1]; model = keras.saving.load_model(folder + '/model.keras'); "
        "image = np.load(folder + '/image.npy'); "
        "np.save(folder + '/heat.npy', [grad_cam(model, image, k, 'C3') for k in range(3)])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    wanted = [grad_cam(model, image, class_id, "C3") for class_id in range(3)]
    assert np.max(wanted) == pytest.approx(1)
    np.testing.assert_allclose(np.load(tmp_path / "heat.npy"), wanted, atol=1e-4)
