"""Weights of classes and sizes, and signed distances, against counts and scipy."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from nanozoo.data.examples import ExampleSource, LabelledImage
from nanozoo.data.targets import signed_distances
from nanozoo.data.weighting import LEAST_AREA, balanced_class_weights, size_weights


def _labels():
    """Squares of 10, 20 and 40 px sides."""
    labels = np.zeros((96, 96), np.int32)
    for number, (top, side) in enumerate(((2, 10), (14, 20), (50, 40)), 1):
        labels[top : top + side, top : top + side] = number
    return labels


def test_balanced_classes_weigh_the_same_together():
    rng = np.random.default_rng(0)
    images = [
        SimpleNamespace(semantic=rng.choice(3, (20, n), p=(0.9, 0.08, 0.02)).astype(np.uint8))
        for n in (30, 50)
    ]
    weights = np.array(balanced_class_weights(images, 4))
    pixels = np.concatenate([image.semantic.ravel() for image in images])
    shares = [weights[k] * (pixels == k).sum() for k in range(3)]
    np.testing.assert_allclose(shares, len(pixels) / 3)
    assert weights[pixels].mean() == pytest.approx(1) and weights[3] == 1


def test_particles_of_all_sizes_weigh_the_same_and_together_as_before():
    labels = _labels()
    weights = size_weights(labels)
    areas = np.bincount(labels.ravel())
    np.testing.assert_allclose((weights * areas)[1:], areas[1:].sum() / 3, rtol=1e-6)
    assert weights[0] == 1


def test_a_speck_does_not_rule():
    labels = _labels()
    labels[0, 95] = 4
    weights, areas = size_weights(labels), np.bincount(labels.ravel())
    assert weights[4] / weights[1] == pytest.approx(areas[1] / LEAST_AREA)
    assert (weights * areas)[1:].sum() == pytest.approx(areas[1:].sum())


def test_an_image_without_particles_has_the_weight_of_background():
    np.testing.assert_array_equal(size_weights(np.zeros((8, 8), np.int32)), [1])


def test_signed_distances_are_those_of_scipy_and_zero_on_the_outline():
    classes = np.random.default_rng(0).integers(0, 3, (6, 6)).repeat(6, 0).repeat(6, 1)
    maps = signed_distances(classes, 4)
    assert maps.shape == (36, 36, 3) and maps.dtype == np.float32
    for number in (1, 2):
        inside = classes == number
        wanted = np.where(
            inside, 0.5 - distance_transform_edt(inside), distance_transform_edt(~inside) - 0.5
        )
        np.testing.assert_allclose(maps[..., number - 1], wanted, atol=1e-5)
    assert not maps[..., 2].any()
    assert not signed_distances(np.ones((5, 5), int), 2).any()


def _source(**options):
    labels = _labels()
    image = (labels > 0).astype(np.float32)
    labelled = LabelledImage(image, labels, np.array([0, 1, 1, 2], np.uint8), "squares")
    return ExampleSource([labelled], crop=48, **options)


def test_a_target_holds_class_weight_and_distances():
    plain, mapped = _source(), _source(size_weights=True, distances=2)
    wanted = size_weights(_labels())
    seen = set()
    for index in range(6):
        image, classes, _ = plain.example(index)
        same, maps, _ = mapped.example(index)
        np.testing.assert_array_equal(image, same)
        np.testing.assert_array_equal(maps[..., 0], classes)
        np.testing.assert_allclose(maps[..., 2:], signed_distances(classes, 3), atol=1e-4)
        assert (maps[..., 1][classes == 0] == 1).all()
        assert (maps[..., 1][classes == 2] == wanted[3]).all()
        seen |= set(np.unique(maps[..., 1][classes == 1]))
        kinds = [(part.dtype.name, part.shape) for part in (same, maps)]
        assert kinds == list(mapped.signature[:2])
    assert seen == set(wanted[1:3])


def test_distances_alone_weigh_every_pixel_one():
    maps = _source(distances=2).example(0)[1]
    assert maps.shape == (48, 48, 4) and (maps[..., 1] == 1).all()
    assert _source(size_weights=True).example(0)[1].shape == (48, 48, 2)
