"""One affine map moves image and labels together."""

import numpy as np
import pytest

from nanozoo.data.geometry import Geometry, draw_matrix, warp

STILL = Geometry(scale=(1, 1), rotate=0, shear=0, anisotropy=0, flips=False, constant_fill=0)


def _disc(side=160, centre=(80, 76), radius=14):
    """A smooth disc of centre (x, y), and its label."""
    y, x = np.mgrid[:side, :side]
    distance = np.hypot(x - centre[0], y - centre[1])
    image = np.clip(radius + 0.5 - distance, 0, 1).astype(np.float32)
    return image, (distance <= radius).astype(np.int32)


def _centroid(weights):
    y, x = np.mgrid[: weights.shape[0], : weights.shape[1]]
    return np.array([(x * weights).sum(), (y * weights).sum()]) / weights.sum()


@pytest.mark.parametrize("seed", range(40))
def test_a_disc_stays_under_its_label_and_where_the_matrix_says(seed):
    image, labels = _disc()
    geometry = Geometry(scale=(0.4, 2.0), rotate=45, shear=10, anisotropy=0.2, constant_fill=0)
    matrix = draw_matrix(image.shape, 96, geometry, np.random.default_rng(seed))
    centre = np.linalg.solve(matrix[:, :2], np.array([80, 76]) - matrix[:, 2])
    matrix[:, 2] += matrix[:, :2] @ (centre - 47.3)
    warped, moved = warp(image, labels, matrix, 96, fill=0.0)
    np.testing.assert_allclose(_centroid(warped), 47.3, atol=0.1)
    np.testing.assert_allclose(_centroid(moved), _centroid(warped), atol=0.3)
    area = np.pi * 14**2 / abs(np.linalg.det(matrix[:, :2]))
    assert moved.sum() == pytest.approx(area, rel=0.12)


def test_without_augmentation_the_crop_is_a_window_of_the_image():
    rng = np.random.default_rng(0)
    image = rng.random((70, 90)).astype(np.float32)
    labels = rng.integers(0, 9, (70, 90)).astype(np.int32)
    matrix = draw_matrix(image.shape, 32, STILL, rng)
    left, top = np.round(matrix[:, 2]).astype(int)
    matrix[:, 2] = left, top
    warped, moved = warp(image, labels, matrix, 32)
    np.testing.assert_allclose(warped, image[top : top + 32, left : left + 32], atol=1e-6)
    np.testing.assert_array_equal(moved, labels[top : top + 32, left : left + 32])


def test_flips_and_right_angles_are_the_eight_symmetries_of_the_square():
    geometry = Geometry(scale=(1, 1), rotate=0, shear=0, anisotropy=0, constant_fill=0)
    rng = np.random.default_rng(0)
    image = rng.random((48, 48)).astype(np.float32)
    labels = (image * 1000).astype(np.int32)
    symmetries = [np.rot90(flipped, k) for flipped in (labels, labels.T) for k in range(4)]
    seen = set()
    for seed in range(80):
        matrix = draw_matrix(image.shape, 48, geometry, np.random.default_rng(seed))
        warped, moved = warp(image, labels, np.round(matrix, 6), 48)
        equal = [i for i, wanted in enumerate(symmetries) if np.array_equal(moved, wanted)]
        assert len(equal) == 1
        np.testing.assert_allclose(warped * 1000 - moved, 0.5, atol=0.51)
        seen.add(equal[0])
    assert seen == set(range(8))


@pytest.mark.parametrize("seed", range(20))
def test_a_crop_that_fits_lies_inside_the_image(seed):
    geometry = Geometry(scale=(0.8, 1.5), constant_fill=1)
    matrix = draw_matrix((200, 300), 64, geometry, np.random.default_rng(seed))
    corners = np.array([[-0.5, -0.5, 1], [63.5, -0.5, 1], [-0.5, 63.5, 1], [63.5, 63.5, 1]])
    x, y = matrix @ corners.T
    assert x.min() >= -0.5 - 1e-9 and x.max() <= 299.5 + 1e-9
    assert y.min() >= -0.5 - 1e-9 and y.max() <= 199.5 + 1e-9


def test_a_scaled_image_smaller_than_the_crop_is_wholly_inside_it():
    image = np.ones((20, 24), np.float32)
    labels = np.arange(1, 481, dtype=np.int32).reshape(20, 24)
    offsets = set()
    for seed in range(10):
        matrix = draw_matrix(image.shape, 64, STILL, np.random.default_rng(seed))
        offsets.add(tuple(np.round(matrix[:, 2]).astype(int)))
        warped, moved = warp(image, labels, matrix, 64, fill=0.0)
        assert warped.sum() == pytest.approx(480, rel=1e-4)
        assert len(np.unique(moved)) >= 480
    assert len(offsets) > 5


def test_constant_fill_is_background_and_mirroring_carries_the_labels():
    image, labels = np.full((20, 20), 0.5, np.float32), np.ones((20, 20), np.int32)
    matrix = np.array([[1.0, 0, -10], [0, 1.0, -10]])
    warped, moved = warp(image, labels, matrix, 40, fill=0.9)
    assert moved.sum() == 400 and moved[10:30, 10:30].all()
    assert (warped[moved == 0] == np.float32(0.9)).all()
    warped, moved = warp(image, labels, matrix, 40)
    assert moved.all() and (warped == 0.5).all()


def test_reduction_does_not_alias():
    stripes = np.tile(np.array([0, 1], np.float32), (256, 128))
    matrix = np.array([[3.0, 0, 20], [0, 3.0, 20]])
    warped, _ = warp(stripes, np.zeros(stripes.shape, np.int32), matrix, 64)
    assert np.abs(warped - 0.5).max() < 0.1


def test_large_label_numbers_survive():
    labels = np.arange(90_000, dtype=np.int32).reshape(300, 300)
    _, moved = warp(np.zeros((300, 300), np.float32), labels, np.eye(3)[:2], 300)
    np.testing.assert_array_equal(moved, labels)
