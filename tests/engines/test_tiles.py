"""Tiles cover the image, and their seams cannot be seen."""

import cv2
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.engines.tiles import BLEND, GRID, even_tiles, predict_tiled, starts


@pytest.mark.parametrize("length", [1, 63, 64, 65, 100, 127, 128, 129, 500, 1001])
@pytest.mark.parametrize("tile, overlap", [(64, 16), (128, 32), (64, 0)])
def test_tiles_cover_every_pixel_and_overlap(length, tile, overlap):
    first = starts(length, tile, overlap)
    covered = np.zeros(length, int)
    for start in first:
        assert start >= 0 and (start + tile <= length or len(first) == 1)
        covered[start : start + tile] += 1
    assert covered.min() >= 1
    assert all(b - a <= tile - overlap for a, b in zip(first, first[1:]))


@pytest.mark.parametrize("length", [32, 1024, 2048, 3072, 4096, 8192])
@pytest.mark.parametrize("tile, overlap", [(256, 128), (1152, 128), (1152, 384), (1024, 600)])
def test_tiles_are_no_larger_than_their_number_needs_and_lie_on_the_grid(length, tile, overlap):
    side, first = even_tiles(length, tile, overlap)
    assert side <= tile and first[0] == 0 and first[-1] + side == length
    assert all(place % GRID == 0 for place in (side, *first))
    shared = [one + side - two for one, two in zip(first, first[1:])]
    assert all(min(overlap, tile // 2) <= pixels for pixels in shared)
    fewer = len(first) - 1
    assert not fewer or fewer * tile - (fewer - 1) * min(overlap, tile // 2) < length


@pytest.mark.parametrize("size", [(1, 1), (17, 33), (64, 64), (300, 200), (65, 500)])
@pytest.mark.parametrize("tile", [64, 128, 1024])
def test_an_identity_returns_the_image(size, tile):
    image = np.random.default_rng(0).random(size).astype(np.float32)
    seen = []

    def predict(crop):
        seen.append(crop.shape)
        return np.stack([crop, 1 - crop], -1)

    result = predict_tiled(image, predict, tile=tile, overlap=32)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, np.stack([image, 1 - image], -1), atol=1e-6)
    assert all(side % GRID == 0 and side <= tile for shape in seen for side in shape)


def test_a_predictor_that_errs_at_the_rim_of_its_tile_leaves_no_seam():
    def predict(crop):
        result = np.ones((*crop.shape, 1), np.float32)
        result[:4] = result[-4:] = result[:, :4] = result[:, -4:] = 0
        return result

    result = predict_tiled(np.zeros((300, 300), np.float32), predict, tile=128, overlap=64)
    assert result[64:-64, 64:-64].min() > 0.8


def test_of_a_network_that_sees_less_than_half_the_overlap_no_tile_can_be_told():
    def blurred(crop):
        return cv2.blur(crop, (2 * reach + 1, 2 * reach + 1), borderType=cv2.BORDER_CONSTANT)

    reach, image = 40, np.random.default_rng(0).random((320, 448)).astype(np.float32)
    whole = blurred(image)
    for tile in (256, 320, 1024):
        overlap = 2 * reach + BLEND
        found = predict_tiled(
            image, lambda crop: blurred(crop)[..., None], tile=tile, overlap=overlap
        )
        np.testing.assert_allclose(found[..., 0], whole, atol=1e-5)


def test_tiles_smaller_than_the_overlap_work():
    image = np.random.default_rng(0).random((150, 100)).astype(np.float32)
    result = predict_tiled(image, lambda crop: crop[..., None], tile=64)
    np.testing.assert_allclose(result[..., 0], image, atol=1e-6)


@pytest.mark.parametrize("tile", [0, -64, 10.5])
def test_a_tile_without_size_is_refused(tile):
    with pytest.raises(UserError, match="tile"):
        predict_tiled(np.zeros((9, 9), np.float32), lambda crop: crop[..., None], tile=tile)
