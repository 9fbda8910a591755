"""The losses against values worked out by hand, and at the ends of their range."""

import keras
import numpy as np
import pytest
from keras import ops

from nanozoo.training.losses import BoundaryLoss, CrossEntropyDice


def _gradient(loss, truth, predicted):
    import tensorflow as tf

    variable = tf.Variable(predicted)
    with tf.GradientTape() as tape:
        value = loss(truth, variable)
    return float(value), np.asarray(tape.gradient(value, variable))


def test_classes_by_hand():
    truth = np.array([[[0, 1]]])
    predicted = np.array([[[[0.8, 0.2], [0.4, 0.6]]]], np.float32)
    entropy = -(np.log(0.8) + np.log(0.6)) / 2
    dice = 1 - (2 * 0.6 + 2) / (1 + 0.8 + 2)
    got = float(CrossEntropyDice(dice_weight=3.0, smooth=2.0)(truth, predicted))
    assert got == pytest.approx(entropy + 3 * dice, rel=1e-5)


def test_dice_is_taken_an_image_and_a_class_at_a_time():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, (4, 6, 5))
    predicted = rng.dirichlet(np.ones(3), (4, 6, 5)).astype(np.float32)
    loss = CrossEntropyDice(smooth=1.0)
    values = []
    for t, p in zip(truth, predicted):
        entropy = -np.log(np.take_along_axis(p, t[..., None], -1)).mean()
        dices = [
            (2 * p[t == k, k].sum() + 1) / ((t == k).sum() + p[..., k].sum() + 1) for k in (1, 2)
        ]
        values.append(entropy + 1 - np.mean(dices))
    assert float(loss(truth, predicted)) == pytest.approx(np.mean(values), rel=1e-5)


def test_boundary_by_hand():
    truth = np.array([1.0, 0.0]).reshape(1, 1, 2, 1)
    predicted = np.array([0.7, 0.1], np.float32).reshape(1, 1, 2, 1)
    entropy = -(4 * np.log(0.7) + np.log(0.9)) / 2
    dice = 1 - (2 * 0.7 + 2) / (1 + 0.8 + 2)
    got = float(BoundaryLoss(positive_weight=4.0, smooth=2.0)(truth, predicted))
    assert got == pytest.approx(entropy + dice, rel=1e-5)


def test_a_perfect_prediction_costs_nothing_with_and_without_foreground():
    truth = np.zeros((2, 8, 8), np.int32)
    truth[0, 2:5, 2:5] = 1
    perfect = np.eye(2, dtype=np.float32)[truth]
    assert float(CrossEntropyDice()(truth, perfect)) == pytest.approx(0, abs=1e-5)
    edge = truth[..., None].astype(np.float32)
    assert float(BoundaryLoss()(edge, edge)) == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("truth", [0, 1])
def test_value_and_gradient_are_finite_and_bounded(value, truth):
    shape = (2, 8, 8)
    classes = np.full((*shape, 2), [1 - value, value], np.float32)
    loss, gradient = _gradient(CrossEntropyDice(), np.full(shape, truth), classes)
    assert 0 <= loss <= 1 - np.log(1e-6) + 1e-3 and np.isfinite(gradient).all()
    edge = np.full((*shape, 1), value, np.float32)
    loss, gradient = _gradient(BoundaryLoss(), np.full((*shape, 1), truth, np.float32), edge)
    assert 0 <= loss <= 1 - 2.1 * np.log(1e-6) and np.isfinite(gradient).all()


def test_a_better_prediction_costs_less():
    truth = np.zeros((1, 8, 8), np.int32)
    truth[0, 2:6, 2:6] = 1
    costs = []
    for sure in (0.2, 0.5, 0.8, 0.95):
        foreground = np.where(truth, sure, 1 - sure)
        predicted = np.stack([1 - foreground, foreground], -1).astype(np.float32)
        edge = foreground[..., None].astype(np.float32)
        costs.append(
            (
                float(CrossEntropyDice()(truth, predicted)),
                float(BoundaryLoss()(truth[..., None], edge)),
            )
        )
    assert (np.diff(costs, axis=0) < 0).all()


def test_low_precision_predictions_are_summed_in_float32():
    truth = np.ones((1, 64, 64), np.int32)
    half = ops.cast(np.full((1, 64, 64, 2), [0.25, 0.75]), "float16")
    single = np.full((1, 64, 64, 2), [0.25, 0.75], np.float32)
    wanted = float(CrossEntropyDice()(truth, single))
    assert float(CrossEntropyDice()(truth, half)) == pytest.approx(wanted, rel=1e-4)


@pytest.mark.parametrize("loss", [CrossEntropyDice(0.5, 3.0), BoundaryLoss(3.0, 5.0)])
def test_losses_are_rebuilt_from_their_configuration(loss):
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    assert again.get_config() == loss.get_config()
