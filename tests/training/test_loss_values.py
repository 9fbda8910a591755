"""Each loss against values worked out by hand, by definition, or by Keras."""

import itertools

import keras
import numpy as np
import pytest
from keras import ops
from skimage.morphology import skeletonize
from sklearn.metrics import jaccard_score

from nanozoo.core.errors import UserError
from nanozoo.data.targets import signed_distances
from nanozoo.training.losses import (
    BoundaryDistance,
    ClDice,
    CrossEntropyDice,
    Focal,
    FocalTversky,
    Lovasz,
    Tversky,
)
from nanozoo.training.losses.base import Pixels
from nanozoo.training.losses.boundary_distance import distance_loss
from nanozoo.training.losses.cldice import centerline_loss, soft_skeleton
from nanozoo.training.losses.overlap import dice_loss


def _random(classes=3, shape=(2, 6, 5), seed=0):
    rng = np.random.default_rng(seed)
    predicted = rng.dirichlet(np.ones(classes), shape).astype(np.float32)
    return rng.integers(0, classes, shape), predicted


def _hard(labels, classes=2):
    return np.eye(classes, dtype=np.float32)[labels]


def _disc(y, x, radius, side=48):
    rows, columns = np.mgrid[:side, :side]
    return (np.hypot(rows - y, columns - x) < radius).astype(np.int64)[None]


def _with_distances(truth, num_classes=2):
    maps = [
        np.dstack([one, np.ones_like(one), signed_distances(one, num_classes)]) for one in truth
    ]
    return np.stack(maps).astype(np.float32)


def test_focal_without_focus_is_the_weighted_cross_entropy():
    truth, predicted = _random()
    weights = np.array([0.5, 1.0, 3.0])
    entropy = -np.log(np.take_along_axis(predicted, truth[..., None], -1))[..., 0]
    got = Focal(gamma=0.0, class_weights=weights)(truth, predicted)
    assert float(got) == pytest.approx((weights[truth] * entropy).mean(), rel=1e-5)


def test_focal_by_hand():
    truth = np.array([[[0, 1]]])
    predicted = np.array([[[[0.8, 0.2], [0.4, 0.6]]]], np.float32)
    wanted = -(0.2**3 * np.log(0.8) + 0.4**3 * np.log(0.6)) / 2
    assert float(Focal(gamma=3.0)(truth, predicted)) == pytest.approx(wanted, rel=1e-5)


def test_tversky_with_even_weights_is_dice():
    truth, predicted = _random()
    one_hot = _hard(truth, 3)
    wanted = float(np.mean(dice_loss(one_hot[..., 1:], predicted[..., 1:], smooth=5.0)))
    assert float(Tversky(0.5, 0.5, 5.0)(truth, predicted)) == pytest.approx(wanted, rel=1e-6)
    entropy = float(CrossEntropyDice(0.0)(truth, predicted))
    both = float(CrossEntropyDice(1.0, 5.0)(truth, predicted))
    assert both == pytest.approx(entropy + wanted, rel=1e-6)


def test_tversky_is_that_of_keras_whose_alpha_weighs_what_was_missed():
    truth, predicted = _random()
    wanted = keras.losses.tversky(
        _hard(truth, 3)[..., 1:], predicted[..., 1:], alpha=0.8, beta=0.2, axis=(1, 2)
    )
    got = Tversky(alpha=0.2, beta=0.8, smooth=1e-4)(truth, predicted)
    assert float(got) == pytest.approx(float(np.mean(wanted)), rel=1e-4)


def test_tversky_makes_a_missed_pixel_dearer_than_an_added_one():
    truth = _disc(24, 24, 8)
    small, large = truth.copy(), truth.copy()
    small[0, 20:24, 20:25], large[0, :4, :5] = 0, 1
    missed, added = (float(Tversky(0.3, 0.7)(truth, _hard(found))) for found in (small, large))
    assert missed > 1.5 * added
    missed, added = (float(Tversky(0.7, 0.3)(truth, _hard(found))) for found in (small, large))
    assert added > 1.5 * missed


def test_focal_tversky_by_hand():
    truth = np.array([[[0, 1]]])
    predicted = np.array([[[[0.8, 0.2], [0.4, 0.6]]]], np.float32)
    index = (0.6 + 1) / (0.6 + 0.3 * 0.2 + 0.7 * 0.4 + 1)
    got = float(FocalTversky(0.3, 0.7, smooth=2.0, gamma=2.0)(truth, predicted))
    assert got == pytest.approx((1 - index) ** 0.5, rel=1e-5)


def test_lovasz_of_hard_predictions_is_one_minus_jaccard():
    truth = _random(3, (1, 7, 9), seed=1)[0]
    found = _random(3, (1, 7, 9), seed=2)[0]
    wanted = 1 - jaccard_score(truth.ravel(), found.ravel(), average="macro")
    assert float(Lovasz()(truth, _hard(found, 3))) == pytest.approx(wanted, rel=1e-5)


def _by_definition(errors, foreground):
    """Lovász extension as Berman et al. define it, from Jaccard indices of sets of pixels."""
    every, wrong, before, total = set(np.flatnonzero(foreground)), set(), 0.0, 0.0
    for pixel in np.argsort(-errors, kind="stable"):
        wrong = wrong | {pixel}
        now = 1 - len(every - wrong) / len(every | wrong)
        total += errors[pixel] * (now - before)
        before = now
    return total


def test_lovasz_softmax_is_its_definition_over_the_classes_shown():
    truth, predicted = _random(4, (3, 5, 4))
    truth[0][truth[0] == 2] = 0
    wanted = []
    for labels, p in zip(truth.reshape(3, -1), predicted.reshape(3, -1, 4)):
        shown = np.unique(labels)
        wanted.append(
            np.mean([_by_definition(abs((labels == k) - p[:, k]), labels == k) for k in shown])
        )
    assert float(Lovasz()(truth, predicted)) == pytest.approx(np.mean(wanted), rel=1e-5)


def test_lovasz_hinge_is_its_definition():
    truth, predicted = _random(2, (3, 5, 4))
    truth[0] = 0
    wanted = []
    for labels, p in zip(truth.reshape(3, -1), predicted.reshape(3, -1, 2)):
        odds = np.log(p[:, 1] / p[:, 0])
        errors = np.maximum(1 - (2 * labels - 1) * odds, 0)
        wanted.append(_by_definition(errors, labels))
    assert float(Lovasz()(truth, predicted)) == pytest.approx(np.mean(wanted), rel=1e-5)


@pytest.mark.parametrize("classes", [2, 3])
def test_a_pixel_of_weight_two_counts_as_two_pixels_for_lovasz(classes):
    truth, predicted = _random(classes, (1, 4, 6))
    weights = np.random.default_rng(3).integers(1, 4, truth.shape)
    target = np.stack([truth, weights], axis=-1)
    times = weights.ravel()
    repeated = np.repeat(truth.reshape(1, 1, -1), times, axis=2)
    wanted = Lovasz()(repeated, np.repeat(predicted.reshape(1, 1, -1, classes), times, axis=2))
    assert float(Lovasz()(target, predicted)) == pytest.approx(float(wanted), rel=1e-5)


def test_the_boundary_loss_by_hand():
    truth = np.array([[[0, 0, 1, 1]]])
    foreground = np.array([0.5, 0.2, 1.0, 0.9], np.float32)
    predicted = np.stack([1 - foreground, foreground], -1)[None, None]
    region = float(CrossEntropyDice()(truth, predicted))
    distance = (0.5 * 1.5 + 0.2 * 0.5 + 0.1 * 1.5) / 4
    got = float(BoundaryDistance(distance_weight=2.0)(_with_distances(truth), predicted))
    assert got == pytest.approx(region + 2 * distance, rel=1e-5)


def test_the_boundary_loss_prefers_the_nearer_outline_where_dice_sees_no_difference():
    truth = _disc(24, 24, 9)
    maps = signed_distances(truth[0], 2)[None]
    area = 21
    outside = np.where(truth[0], np.inf, maps[0, ..., 0]).ravel()
    near, far = truth.copy(), truth.copy()
    near.reshape(-1)[np.argsort(outside)[:area]] = 1
    far[0, :3, :7] = 1
    losses, dices = [], []
    for found in (truth, near, far):
        assert found.sum() - truth.sum() == (0 if found is truth else area)
        pair = _hard(truth), _hard(found)
        losses.append(float(distance_loss(Pixels(*pair, 1.0, maps))[0]))
        dices.append(float(dice_loss(*(side[..., 1:] for side in pair), smooth=1.0)[0]))
    assert losses[0] == 0 and losses[1] < losses[2] / 10
    assert dices[1] == pytest.approx(dices[2])
    wanted = maps[0, :3, :7].sum() / truth.size
    assert losses[2] == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize("channels", [None, 2, 4])
def test_the_boundary_loss_wants_a_distance_for_every_class(channels):
    truth, predicted = _random(2)
    target = truth if channels is None else np.repeat(truth[..., None], channels, axis=-1)
    with pytest.raises(UserError, match=r"distances=1.*Received: signed distances of [02]"):
        BoundaryDistance()(target, predicted)


def test_soft_skeleton_of_a_hard_mask_is_thin_and_follows_its_skeleton():
    mask = np.zeros((40, 40), np.float32)
    mask[17:22, 4:36] = 1
    soft = np.asarray(soft_skeleton(mask[None, ..., None], 5))[0, ..., 0]
    line = skeletonize(mask > 0)
    assert set(np.unique(soft)) <= {0.0, 1.0}
    assert (soft[line] > 0).mean() > 0.9
    assert soft.sum() < 1.3 * line.sum()


def test_cldice_makes_a_broken_line_dearer_than_a_thinned_one():
    truth = np.zeros((1, 64, 64), np.int64)
    truth[0, 30:35, 4:60] = 1
    thinned, broken = truth.copy(), truth.copy()
    thinned[0, 30] = 0
    broken[0, :, 28:36] = 0
    assert thinned.sum() < broken.sum()
    lines = {
        name: float(centerline_loss(*(_hard(x)[..., 1:] for x in (truth, found)), 1.0, 5)[0])
        for name, found in (("whole", truth), ("thinned", thinned), ("broken", broken))
    }
    assert lines["whole"] == pytest.approx(0, abs=1e-6)
    assert lines["thinned"] < 0.02 < 0.05 < lines["broken"]
    loss = ClDice(5, share=1.0)
    assert float(loss(truth, _hard(broken))) == pytest.approx(lines["broken"], rel=1e-5)
    by_area = ClDice(5, share=0.0)
    assert float(by_area(truth, _hard(thinned))) > float(by_area(truth, _hard(broken)))


@pytest.mark.parametrize("loss", [CrossEntropyDice(), Focal(), Tversky(), Lovasz(), ClDice(3)])
@pytest.mark.parametrize("background", [False, True])
def test_a_perfect_prediction_costs_nothing(loss, background):
    truth = _disc(24, 24, 9) * (not background)
    assert float(loss(truth, _hard(truth))) == pytest.approx(0, abs=1e-5)


def _gradient(loss, truth, predicted):
    import tensorflow as tf

    variable = tf.Variable(predicted)
    with tf.GradientTape() as tape:
        value = loss(truth, variable)
    return np.asarray(tape.gradient(value, variable))


def test_class_weights_raise_the_share_of_a_rare_class_as_by_hand():
    truth = np.zeros((1, 10, 10), np.int64)
    truth[0, 0, :4] = 1
    predicted = np.full((1, 10, 10, 2), 0.5, np.float32)
    gradient = np.abs(_gradient(Focal(0.0, class_weights=(1, 24)), truth, predicted))
    rare, common = gradient[truth == 1].sum(), gradient[truth == 0].sum()
    assert rare / common == pytest.approx(4 * 24 / 96, rel=1e-4)


def test_the_map_raises_the_share_of_a_small_particle_as_by_hand():
    truth = np.zeros((1, 16, 16), np.int64)
    truth[0, 2:4, 2:4] = truth[0, 6:14, 6:14] = 1
    weights = np.ones(truth.shape)
    weights[0, 2:4, 2:4] = 16
    predicted = np.full((*truth.shape, 2), 0.5, np.float32)
    for loss in (Focal(0.0), CrossEntropyDice(), Tversky(), ClDice(2, share=0.0)):
        gradient = np.abs(_gradient(loss, np.stack([truth, weights], -1), predicted))
        small, large = gradient[0, 2:4, 2:4, 1].sum(), gradient[0, 6:14, 6:14, 1].sum()
        assert small / large == pytest.approx(1, rel=1e-3), loss.name
        plain = np.abs(_gradient(loss, truth, predicted))
        small, large = plain[0, 2:4, 2:4, 1].sum(), plain[0, 6:14, 6:14, 1].sum()
        assert small / large == pytest.approx(1 / 16, rel=1e-3), loss.name


def test_the_worst_image_does_not_touch_the_others():
    """One value an image: the mean over a batch is the mean of its images."""
    truth, predicted = _random(3, (4, 8, 8))
    for loss in (Focal(), Tversky(), FocalTversky(), Lovasz(), ClDice(2)):
        alone = [float(loss(truth[i : i + 1], predicted[i : i + 1])) for i in range(4)]
        assert float(loss(truth, predicted)) == pytest.approx(np.mean(alone), rel=1e-5)
        assert tuple(ops.shape(loss.call(truth, predicted))) == (4,)


@pytest.mark.parametrize(
    "make, word",
    [
        (lambda: Focal(gamma=-1), "gamma"),
        (lambda: Tversky(alpha=-0.1), "alpha"),
        (lambda: Tversky(beta=float("nan")), "beta"),
        (lambda: Tversky(smooth=0), "smooth"),
        (lambda: FocalTversky(gamma=0), "gamma"),
        (lambda: BoundaryDistance(distance_weight=0), "distance_weight"),
        (lambda: ClDice(iterations=0), "iterations"),
        (lambda: ClDice(share=2), "share"),
        (lambda: Focal(class_weights=(1, -1)), "class_weights"),
        (lambda: Focal(class_weights=(0, 0)), "class_weights"),
    ],
)
def test_what_is_out_of_range_is_named(make, word):
    with pytest.raises(UserError, match=f"Expected `{word}`.*Received: {word}="):
        make()


def test_weights_of_other_classes_are_refused():
    truth, predicted = _random(3)
    for weights, loss in itertools.product([(1, 2), (1, 2, 3, 4)], (Focal, Lovasz)):
        with pytest.raises(UserError, match="3 numbers"):
            loss(class_weights=weights)(truth, predicted)
