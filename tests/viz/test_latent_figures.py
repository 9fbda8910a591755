"""Decoded images and maps stand in their row and column."""

import cv2
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.viz.latent_maps import MappedImage, draw_latent_maps
from nanozoo.viz.latent_walk import draw_latent_walks


def centre(picture: np.ndarray, rgb: tuple[int, int, int]) -> np.ndarray:
    """Mean row and column of a colour, as shares of the picture."""
    places = np.argwhere(np.abs(picture.astype(int) - rgb).max(axis=-1) <= 2)
    return places.mean(axis=0) / picture.shape[:2]


def test_images_are_in_order_and_not_stretched(tmp_path):
    greys = np.array([[0.2, 0.4, 0.6], [0.3, 0.5, 0.7]])
    rows = {
        name: np.ones((1, 24, 24)) * greys[n][:, None, None] for n, name in enumerate(("a", "b"))
    }
    draw_latent_walks(tmp_path / "walk.png", rows, ("-1 SD", "0", "+1 SD"))
    picture = cv2.imread(str(tmp_path / "walk.png"))[..., ::-1]
    places = np.array([[centre(picture, (round(255 * g),) * 3) for g in row] for row in greys])
    assert (np.diff(places[..., 1], axis=1) > 0.2).all()
    assert (np.diff(places[..., 0], axis=0) > 0.3).all()
    np.testing.assert_allclose(places[0, :, 1], places[1, :, 1], atol=0.02)


def test_a_map_shines_where_it_is_one(tmp_path):
    image = np.tile(np.linspace(0, 1, 40), (40, 1))
    maps = np.zeros((2, 40, 40))
    maps[0, :20], maps[1, 20:] = 1, 1
    row = MappedImage("foam", image, maps, maps.mean(axis=0))
    draw_latent_maps(tmp_path / "maps.png", [row], (3, 17))
    picture = cv2.imread(str(tmp_path / "maps.png"))[..., ::-1].astype(int)
    coloured = np.ptp(picture, axis=-1) > 30
    quarters = np.array_split(coloured, 4, axis=1)
    assert not quarters[0].any()
    upper, lower = (np.argwhere(quarters[n])[:, 0].mean() for n in (1, 2))
    assert lower - upper > 0.2 * len(picture)


def test_what_does_not_fit_is_refused(tmp_path):
    path = tmp_path / "none.png"
    with pytest.raises(UserError, match="rows of 2 images"):
        draw_latent_walks(path, {"a": np.zeros((3, 8, 8))}, ("0", "1"))
    one = MappedImage("foam", np.zeros((8, 8)), np.zeros((2, 8, 8)), np.zeros((8, 8)))
    for rows in ([], [one]):
        with pytest.raises(UserError, match="3 dimensions"):
            draw_latent_maps(path, rows, (0, 1, 2))
    assert not path.exists()
