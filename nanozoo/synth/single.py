"""Pictures of single particles: a morphology in an orientation, or a plane outline."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.spatial.distance import pdist
from scipy.spatial.transform import Rotation

from nanozoo.core.checks import check_choice, check_positive
from nanozoo.synth.appearance import expose, render
from nanozoo.synth.contours import fill, outline_points, stroke
from nanozoo.synth.looks import Look, draw_look
from nanozoo.synth.polyhedra import polyhedron
from nanozoo.synth.projection import Rays, binned, cast_rays, pixel_rays

STYLES = ("filled", "stroke")
_SAMPLES = 2
_STROKE_SHARE = (0.03, 0.08)


@dataclass(frozen=True)
class ShapePicture:
    """One particle on its support.

    Args:
        image: `(H, W)` float32 in [0, 1].
        mask: `(H, W)` bool, pixels whose greater part is the particle's.
        kind: Name of its class.
    """

    image: np.ndarray
    mask: np.ndarray
    kind: str


def draw_morphology(
    name: str,
    rotation: Rotation,
    diameter: float,
    side: int = 96,
    *,
    appearance: str = "thickness",
    modality: str = "bf-tem",
    centre: tuple[float, float] | None = None,
    seed: int = 0,
) -> ShapePicture:
    """Draw a polyhedral particle that is turned by a rotation and seen along z.

    Args:
        name: One of `nanozoo.synth.polyhedra.MORPHOLOGIES`.
        rotation: Turns the particle.
        diameter: Diameter of the sphere of the same volume, px.
        side: Side of the picture, px, at least 32.
        appearance: One of `nanozoo.synth.looks.APPEARANCES`.
        modality: "bf-tem" or "haadf-stem".
        centre: `(row, column)` of the particle's centre, px; None for the picture's.
        seed: Seed of contrast, noise and whatever else the appearance leaves open.

    Raises:
        UserError: If there is no such name, appearance or modality.

    Example:
        >>> picture = draw_morphology("fcc_cube", Rotation.identity(), 50.0)
        >>> picture.image.shape, int(picture.mask.sum())
        ((96, 96), 1600)
    """
    check_positive("diameter", diameter)
    body = polyhedron(name)
    look_rng, facet_rng, *streams = np.random.default_rng(seed).spawn(4)
    look = draw_look(appearance, modality, side, look_rng)
    place = ((side - 1) / 2, (side - 1) / 2) if centre is None else centre
    x, y = pixel_rays(side, place, _SAMPLES)
    edges = look.edge_contrast != 0
    rays = cast_rays(body, rotation, diameter, x, y, rounding=look.rounding, ridges=edges)
    coverage = binned(rays.thickness > 0, _SAMPLES)
    thickness = binned(_lit(rays, look, len(body.normals), facet_rng), _SAMPLES)
    return _developed(name, look, thickness, coverage, coverage, streams)


def _lit(rays: Rays, look: Look, faces: int, rng: np.random.Generator) -> np.ndarray:
    """Thickness, weighted by facet and at edges; those of the back are fainter."""
    weight = np.ones_like(rays.thickness)
    for facet, ridge, share in (
        (rays.front, rays.front_ridge, 1.0),
        (rays.back, rays.back_ridge, float(rng.uniform(0.0, 0.7))),
    ):
        tone = share * look.facet_contrast * rng.uniform(-1.7, 1.7, faces)
        edge = np.exp(-0.5 * np.square(ridge / look.edge_width))
        weight += tone[facet].astype(np.float32) + np.float32(share * look.edge_contrast) * edge
    return rays.thickness * np.maximum(weight, 0.1)


def draw_outline(
    kind: str,
    length: float,
    side: int = 96,
    *,
    angle: float = 0.0,
    style: str = "filled",
    hand: bool = False,
    appearance: str = "thickness",
    modality: str = "bf-tem",
    centre: tuple[float, float] | None = None,
    seed: int = 0,
) -> ShapePicture:
    """Draw a flat or domed particle of a plane outline, or the outline alone.

    Args:
        kind: One of `nanozoo.synth.contours.OUTLINES`.
        length: Greatest distance between two of its points, px.
        side: Side of the picture, px, at least 32.
        angle: Direction of its first axis, radians.
        style: "filled", or "stroke" for a line; the mask is all within it either way.
        hand: Whether a wavering hand drew it.
        appearance: One of `nanozoo.synth.looks.APPEARANCES`.
        modality: "bf-tem" or "haadf-stem".
        centre: `(row, column)` of the middle of its box, px; None for the picture's.
        seed: Seed of proportions, contrast, noise and whatever else is left open.

    Raises:
        UserError: If there is no such kind, style, appearance or modality.

    Example:
        >>> picture = draw_outline("circle", 50.0, style="stroke")
        >>> picture.image.shape, int(picture.mask.sum())
        ((96, 96), 1980)
    """
    check_choice("style", style, STYLES)
    check_positive("length", length)
    look_rng, shape_rng, *streams = np.random.default_rng(seed).spawn(4)
    look = draw_look(appearance, modality, side, look_rng)
    place = ((side - 1) / 2, (side - 1) / 2) if centre is None else centre
    width = float(shape_rng.uniform(*_STROKE_SHARE)) * length if style == "stroke" else 0.0
    points = outline_points(kind, shape_rng, hand=hand)
    points *= (length - width) / pdist(points).max()
    turned = points @ [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
    turned += place[::-1] - (turned.min(axis=0) + turned.max(axis=0)) / 2
    within = fill(turned, side)
    if style == "filled":
        profile = _profile(within, look, shape_rng)
        return _developed(kind, look, profile, within, within, streams)
    line = stroke(turned, side, width, shape_rng if hand else None)
    return _developed(kind, look, line, line, np.maximum(within, line), streams)


def _profile(within: np.ndarray, look: Look, rng: np.random.Generator) -> np.ndarray:
    """Thickness over a filled outline: a plate with a bevelled rim, or a dome."""
    depth = cv2.distanceTransform((within >= 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    depth = np.maximum(depth - 0.5, 0.0) / max(float(depth.max()), 1.0)
    rim = float(rng.uniform(0.02, 1.0))
    power = float(rng.uniform(1.0, 3.0))
    profile = (1.0 - (1.0 - np.minimum(depth / rim, 1.0)) ** power) ** (1 / power)
    least = float(rng.uniform(0.2, 0.8))
    line = np.exp(-0.5 * np.square((depth - rim) * 8.0))
    profile = least + (1.0 - least) * profile + np.float32(0.5 * look.edge_contrast) * line
    return (np.maximum(profile, 0.1) * within).astype(np.float32)


def _developed(
    kind: str,
    look: Look,
    thickness: np.ndarray,
    coverage: np.ndarray,
    within: np.ndarray,
    streams: list[np.random.Generator],
) -> ShapePicture:
    """The picture of a thickness map whose thickest point has the look's contrast."""
    local = coverage if look.flat else thickness / max(float(thickness.max()), 1e-6)
    picture = render(look.scene, local.astype(np.float32), coverage, streams[0])
    image = expose(look.scene, picture, streams[1]).astype(np.float32)
    return ShapePicture(image, within >= 0.5, kind)
