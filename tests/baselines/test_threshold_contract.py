"""What every classical method must do, with its defaults and as tuned."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from nanozoo.baselines.find import find_particles
from nanozoo.baselines.tuning import tuned_parameters
from nanozoo.core.errors import UserError
from nanozoo.core.registry import BASELINES

METHODS = tuple(BASELINES.names())
CENTRES = [(50, 60), (60, 180), (130, 120), (200, 50), (190, 200)]
RADIUS = 16
CASES = [
    pytest.param(method, parameters, id=f"{method}-{label}")
    for method in METHODS
    for label, parameters in (("defaults", {}), ("tuned", tuned_parameters(method)))
    if parameters or label == "defaults"
]


def discs(bright: bool = False, noise: float = 0.0, seed: int = 0) -> np.ndarray:
    """`(256, 256)` uint8 with five separated discs."""
    ground, particle = (60, 180) if bright else (180, 60)
    image = np.full((256, 256), ground, np.uint8)
    for centre in CENTRES:
        cv2.circle(image, centre, RADIUS, particle, -1)
    grains = np.random.default_rng(seed).normal(0.0, noise, image.shape) if noise else 0.0
    return np.clip(image + grains, 0, 255).astype(np.uint8)


def segment(method: str, image: np.ndarray, **parameters) -> np.ndarray:
    return find_particles(method, image, **parameters).to_labels()


def test_the_methods_of_the_papers_are_registered():
    assert set(BASELINES.names("threshold")) == {"otsu", "local", "hybrid", "isolated"}
    assert len(BASELINES.names("watershed")) == 3
    assert BASELINES.names("overlap") == ["ellipse"]


@pytest.mark.parametrize("method, parameters", CASES)
@pytest.mark.parametrize("shape", [(256, 256), (100, 300)])
def test_blank_images_give_no_particle(method, parameters, shape):
    rng = np.random.default_rng(1)
    rows, columns = np.mgrid[: shape[0], : shape[1]] / max(shape)
    shading = 100.0 + 60.0 * columns - 30.0 * rows**2
    blanks = {
        "zeros": np.zeros(shape, np.uint8),
        "constant": np.full(shape, 7.5),
        "gaussian noise": rng.normal(100.0, 10.0, shape),
        "blurred noise": cv2.GaussianBlur(rng.normal(100.0, 10.0, shape), (0, 0), 1.0),
        "low dose": rng.poisson(2.0, shape).astype(np.uint8),
        "shading": shading,
        "noisy shading": shading + rng.normal(0.0, 5.0, shape),
    }
    found = {name: segment(method, blank, **parameters).max() for name, blank in blanks.items()}
    assert found == dict.fromkeys(blanks, 0)


@pytest.mark.parametrize("method, parameters", CASES)
@pytest.mark.parametrize("bright", [False, True])
@pytest.mark.parametrize("noise", [0.0, 12.0])
def test_separated_discs_give_as_many_labels_within_a_pixel(method, parameters, bright, noise):
    labels = segment(method, discs(bright, noise), **parameters)
    drawn = np.sqrt(np.count_nonzero(discs() == 60) / len(CENTRES) / np.pi)
    tolerance = 3.0 if parameters else 1.0  # what suits real outlines may widen ideal ones
    assert labels.dtype == np.int32
    assert labels.shape == (256, 256)
    assert set(np.unique(labels)) == set(range(len(CENTRES) + 1))
    for number in range(1, len(CENTRES) + 1):
        rows, columns = np.nonzero(labels == number)
        offsets = [np.hypot(columns.mean() - x, rows.mean() - y) for x, y in CENTRES]
        assert min(offsets) < 1.0
        assert abs(np.sqrt(rows.size / np.pi) - drawn) < tolerance


@pytest.mark.parametrize("method, parameters", CASES)
def test_gain_offset_and_bit_depth_do_not_matter(method, parameters):
    image = discs(noise=8.0)
    expected = segment(method, image, **parameters)
    for other in (
        image.astype(np.uint16) * 257,
        image.astype(np.float32) / 255.0,
        image.astype(np.float64) * 1e-6 - 3.0,
        image.astype(np.int32) * 1000 - 50_000,
    ):
        np.testing.assert_array_equal(segment(method, other, **parameters) > 0, expected > 0)


@pytest.mark.parametrize("method, parameters", CASES)
def test_inverted_contrast_gives_the_same_particles(method, parameters):
    image = discs(noise=8.0)
    expected = segment(method, image, **parameters) > 0
    inverted = segment(method, 255 - image, **parameters) > 0
    assert np.mean(expected != inverted) < 1e-3


@pytest.mark.parametrize("method, parameters", CASES)
def test_a_wrong_polarity_is_obeyed(method, parameters):
    labels = segment(method, discs(), **{**parameters, "polarity": "bright"})
    assert all(labels[y, x] == 0 or labels[y, x] == labels[0, 0] for x, y in CENTRES)
    assert np.array_equal(
        segment(method, discs(), **{**parameters, "polarity": "dark"}),
        segment(method, discs(), **parameters),
    )


@pytest.mark.parametrize("method", METHODS)
def test_rings_are_filled_and_specks_dropped(method):
    image = discs()
    for x, y in CENTRES:
        cv2.circle(image, (x, y), 5, 180, -1)
    cv2.circle(image, (20, 240), 3, 60, -1)
    labels = segment(method, image, smooth=0.0, min_area=60)
    assert labels.max() == len(CENTRES)
    assert all(labels[y, x] > 0 for x, y in CENTRES)
    small = 0 if method == "watershed_foreground" else 1  # too small beside the largest: no seed
    assert segment(method, image, smooth=0.0, min_area=5).max() == len(CENTRES) + small


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "image, word",
    [
        (np.full((20, 20), np.nan), "finite"),
        (np.pad([[np.inf]], 8), "finite"),
        (np.zeros((0, 5)), "image"),
        (np.zeros((5, 5, 3)), "image"),
    ],
)
def test_a_bad_image_is_refused_in_one_sentence(method, image, word):
    with pytest.raises(UserError, match=word):
        segment(method, image)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "bad", [{"polarity": "dim"}, {"smooth": -1.0}, {"smooth": np.nan}, {"min_area": 0}]
)
def test_a_bad_argument_is_named(method, bad):
    with pytest.raises(UserError, match=next(iter(bad))):
        segment(method, discs(), **bad)


@pytest.mark.parametrize(
    "tag, bad",
    [
        ("watershed", {"denoise": -1.0}),
        ("watershed", {"denoise": np.inf}),
        ("watershed", {"clip": 1.5}),
        ("watershed", {"kernel_size": 0}),
        ("watershed", {"open_iter": -1}),
        ("watershed", {"close_iter": 0.5}),
        ("overlap", {"tolerance": 0.0}),
        ("overlap", {"min_turn": 190.0}),
        ("overlap", {"max_distance": 0.0}),
        ("overlap", {"max_outside": -0.1}),
        ("isolated", {"tolerance": np.nan}),
        ("isolated", {"min_turn": -1.0}),
    ],
)
def test_a_bad_argument_of_some_methods_is_named(tag, bad):
    for method in BASELINES.names(tag):
        with pytest.raises(UserError, match=next(iter(bad))):
            segment(method, discs(), **bad)


@pytest.mark.parametrize("method", ["local", "hybrid", "isolated"])
@pytest.mark.parametrize("window", [2, 1, 50])
def test_a_bad_window_is_named(method, window):
    with pytest.raises(UserError, match="window"):
        segment(method, discs(), window=window)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (5, 3), (17, 400)])
def test_tiny_and_narrow_images_are_taken(method, shape):
    image = np.random.default_rng(0).integers(0, 255, shape).astype(np.uint8)
    assert segment(method, image).shape == shape
