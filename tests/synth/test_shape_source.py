"""Pictures of single particles: classes that cannot be mistaken, seeds, orientations, looks."""

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from nanozoo.core.errors import UserError
from nanozoo.synth.contours import OUTLINES, SHEAR_DEGREES, outline_points
from nanozoo.synth.looks import APPEARANCES
from nanozoo.synth.polyhedra import MORPHOLOGIES
from nanozoo.synth.shape_parts import SIDE, shape_part, shape_parts
from nanozoo.synth.shape_source import KINDS, ShapeSource, shape_examples
from nanozoo.synth.single import draw_morphology, draw_outline

SPLIT_FILE = Path(__file__).parents[2] / "benchmarks" / "splits" / "shapes_simulated.csv"


def enclosing(points, corners):
    """Angles, degrees, and relative area of the smallest polygon around an outline."""
    thousand = (1000 * points).astype(np.int32).reshape(-1, 1, 2)
    found = cv2.approxPolyN(thousand, corners).reshape(-1, 2).astype(float) / 1000
    before, after = np.roll(found, 1, axis=0) - found, np.roll(found, -1, axis=0) - found
    lengths = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    angles = np.degrees(np.arccos((before * after).sum(axis=1) / lengths))
    return np.sort(angles), cv2.contourArea(found.astype(np.float32)) / (np.pi / 4)


@pytest.mark.parametrize("hand", [False, True])
@pytest.mark.parametrize(
    ("kind", "corners", "low", "high"),
    [
        ("triangle", 3, 50.0, 72.0),
        ("square", 4, 83.0, 97.0),
        ("pentagon", 5, 96.0, 121.0),
        ("hexagon", 6, 104.0, 135.0),
    ],
)
def test_corners_are_those_of_the_name(kind, corners, low, high, hand):
    for seed in range(60):
        points = outline_points(kind, np.random.default_rng(seed), hand=hand)
        angles, area = enclosing(points, corners)
        assert low < angles[0] and angles[-1] < high and area < 1.1


@pytest.mark.parametrize("hand", [False, True])
def test_a_hexagon_is_never_a_rhombus_and_a_rhombus_never_a_square(hand):
    for seed in range(60):
        rng = np.random.default_rng(seed)
        assert enclosing(outline_points("hexagon", rng, hand=hand), 4)[1] > 1.2
        angles, area = enclosing(outline_points("rhombus", rng, hand=hand), 4)
        assert area < 1.1
        assert 15.0 < angles[0] and angles[1] < 90.0 - SHEAR_DEGREES[0] + 5.0


def test_outlines_enclose_the_area_of_a_disc_of_diameter_one_around_their_centroid():
    for kind in OUTLINES:
        for seed in range(5):
            points = outline_points(kind, np.random.default_rng(seed), hand=seed % 2 == 1)
            moments = cv2.moments(points.astype(np.float32))
            assert moments["m00"] == pytest.approx(np.pi / 4, rel=1e-4)
            assert abs(moments["m10"]) < 1e-3 and abs(moments["m01"]) < 1e-3


def test_a_picture_has_the_length_that_was_asked_for_whatever_its_angle():
    for kind in OUTLINES:
        for angle in (0.0, 0.7):
            for style in ("filled", "stroke"):
                mask = draw_outline(kind, 60.0, angle=angle, style=style, seed=3).mask
                contour = cv2.findContours(mask.astype(np.uint8), 0, cv2.CHAIN_APPROX_NONE)[0]
                points = np.vstack(contour)[:, 0].astype(float)
                longest = np.linalg.norm(points[:, None] - points[None], axis=-1).max() + 1
                assert longest == pytest.approx(60.0, abs=2.5)


@pytest.mark.parametrize("kind", KINDS)
def test_same_seed_same_picture_other_seed_or_number_other_picture(kind):
    source, again = ShapeSource(kind, 4, side=48), ShapeSource(kind, 4, side=48)
    other = ShapeSource(kind, 5, side=48)
    step = len(source.classes)
    for index in (0, 3):
        image, mask, label = source.example(index)
        np.testing.assert_array_equal(image, again.example(index)[0])
        np.testing.assert_array_equal(mask, again.example(index)[1])
        assert label == index == source.example(index + step)[2]
        assert (image != other.example(index)[0]).any()
        assert (image != source.example(index + step)[0]).any()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("appearance", APPEARANCES)
def test_particles_lie_whole_in_the_picture_and_stand_out(kind, appearance):
    images, masks, labels = shape_examples(kind, 24, 7, appearances=(appearance,))
    assert images.shape == (24, 96, 96, 1) and images.dtype == np.float32
    assert images.min() >= 0 and images.max() <= 1
    for image, mask in zip(images[..., 0], masks):
        assert not (mask[:2].any() or mask[-2:].any() or mask[:, :2].any() or mask[:, -2:].any())
        assert 0.02 < mask.mean() < 0.65
        around = cv2.dilate(mask.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool)
        ground = image[~around]
        assert abs(image[mask].mean() - ground.mean()) > 0.02
    np.testing.assert_array_equal(
        np.bincount(labels), np.bincount(np.arange(24) % len(KINDS[kind]))
    )


def test_silhouettes_have_one_grey_and_thickness_has_many():
    turn = Rotation.align_vectors([[0, 0, 1]], [[1, 1, 1]])[0]
    spread = {}
    for appearance in ("silhouette", "thickness"):
        picture = draw_morphology("octahedron", turn, 60.0, appearance=appearance, seed=1)
        inner = cv2.erode(picture.mask.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool)
        smooth = cv2.GaussianBlur(picture.image, (0, 0), 2.0)
        spread[appearance] = smooth[inner].std() / abs(smooth[inner].mean() - smooth[0].mean())
    assert spread["silhouette"] < 0.05 < 0.1 < spread["thickness"]


def test_dark_field_turns_the_contrast_round():
    for seed in range(5):
        settings = {"seed": seed, "appearance": "facets"}
        bright, dark = (
            draw_morphology("icosahedron", Rotation.identity(), 60.0, modality=name, **settings)
            for name in ("bf-tem", "haadf-stem")
        )
        np.testing.assert_array_equal(bright.mask, dark.mask)
        assert bright.image[bright.mask].mean() < bright.image[~bright.mask].mean()
        assert dark.image[dark.mask].mean() > dark.image[~dark.mask].mean()


def test_orientations_are_uniform_over_all_rotations():
    """Means of the matrix elements and of their products, as of the Haar measure."""
    source = ShapeSource("morphology", 11)
    turns = np.stack([source.rotation(index).as_matrix() for index in range(4000)])
    flat = turns.reshape(-1, 9)
    np.testing.assert_allclose(flat.mean(axis=0), 0.0, atol=0.035)
    np.testing.assert_allclose(flat.T @ flat / len(flat), np.eye(9) / 3, atol=0.025)
    traces = np.trace(turns, axis1=1, axis2=2)
    assert np.mean(traces**2) == pytest.approx(1.0, abs=0.06)
    np.testing.assert_allclose(np.mean(turns**4, axis=0), 0.2, atol=0.02)


def test_the_committed_list_is_the_rule_and_its_parts_share_no_picture():
    with open(SPLIT_FILE, newline="") as stream:
        rows = list(csv.DictReader(stream))
    parts = shape_parts()
    assert [(r["name"], r["split"], r["kind"], r["appearances"].split()) for r in rows] == [
        (p.name, p.split, p.kind, list(p.appearances)) for p in parts
    ]
    assert [(int(r["seed"]), int(r["count"]), int(r["side"])) for r in rows] == [
        (p.seed, p.count, SIDE) for p in parts
    ]
    assert len({part.seed for part in parts}) == len(parts)
    first = [
        shape_part(f"morphology_{s}_silhouette").source(48).picture(0) for s in ("val", "test")
    ]
    assert (first[0].mask != first[1].mask).any()


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"kind": "sphere"}, "kind"),
        ({"kind": "outline", "appearances": ()}, "appearances"),
        ({"kind": "outline", "appearances": ("blurred",)}, "appearances"),
        ({"kind": "morphology", "modalities": ("sem",)}, "modalities"),
        ({"kind": "morphology", "side": 8}, "side"),
        ({"kind": "morphology", "seed": -1}, "seed"),
    ],
)
def test_what_is_unknown_is_refused(settings, named):
    with pytest.raises(UserError, match=named):
        ShapeSource(**settings)


def test_drawing_refuses_what_it_cannot_draw():
    with pytest.raises(UserError, match="style"):
        draw_outline("circle", 40.0, style="dotted")
    with pytest.raises(UserError, match="kind"):
        draw_outline("star", 40.0)
    with pytest.raises(UserError, match="diameter"):
        draw_morphology(MORPHOLOGIES[0], Rotation.identity(), 0.0)
    with pytest.raises(UserError, match="name"):
        shape_part("outline_test")
