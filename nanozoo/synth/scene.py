"""One simulated micrograph with exact ground truth."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from nanozoo.core.instances import Instance, Instances, instance_of
from nanozoo.synth.annotate import ScaleBar, annotate
from nanozoo.synth.appearance import expose, render
from nanozoo.synth.coated import CLASSES as COATED_CLASSES
from nanozoo.synth.coated import place_coated
from nanozoo.synth.config import SceneConfig
from nanozoo.synth.core_shell import CLASSES as CORE_SHELL_CLASSES
from nanozoo.synth.core_shell import place_core_shell
from nanozoo.synth.crystals import diffracted, faceted
from nanozoo.synth.drift import row_shifts, shift_placed
from nanozoo.synth.ground import Placed, windows
from nanozoo.synth.layout import place_particles
from nanozoo.synth.stacks import place_stacks

MIN_VISIBLE_PX = 4
_PLACE = {
    "scattered": place_particles,
    "stacks": place_stacks,
    "coated": place_coated,
    "core-shell": place_core_shell,
}
_CLASSES = {"coated": COATED_CLASSES, "core-shell": CORE_SHELL_CLASSES}
# In dark field at high angles scattering hardly depends on the orientation of a crystal.
_DIFFRACTION = {"haadf-stem": 0.15}
_AROUND = ("coating", "shell")


@dataclass(frozen=True)
class Scene:
    """A simulated micrograph.

    Args:
        pixels: `(H, W)` uint8 or uint16.
        instances: Ground truth, back to front. In transmission a mask is the particle's
            whole projection, so masks of overlapping particles overlap. For "sem" it is
            the visible part, so masks never overlap. Parts outside the image or under
            opaque labels belong to no mask; particles of which less than
            `MIN_VISIBLE_PX` pixels are left are not listed. A coating or a shell is an
            instance of its own, whose mask is the ring that it shows around its core.
        kinds: Shape of each instance, for example "rod".
        pixel_size_nm: Size of a pixel, nm.
        config: The settings it was made with.
        seed: The seed it was made with.
        scale_bar: The drawn scale bar, or None.
        classes: Names of classes 1, 2, ...
        particles: Number of the particle, from 1, that each instance is or belongs to; a
            coating or a shell has that of its core.
    """

    pixels: np.ndarray
    instances: Instances
    kinds: tuple[str, ...]
    pixel_size_nm: float
    config: SceneConfig
    seed: int
    scale_bar: ScaleBar | None
    classes: tuple[str, ...] = ("particle",)
    particles: tuple[int, ...] = ()


def simulate(config: SceneConfig, seed: int) -> Scene:
    """Make the micrograph that belongs to settings and seed; always the same one.

    Layout, support, noise, annotation and crystals have random streams of their own, so that
    the same seed puts the same particles under other contrast, dose or modality.

    Args:
        config: Settings.
        seed: 0 or more.

    Returns:
        The scene.

    Example:
        >>> scene = simulate(SceneConfig(shape=(64, 64), number=3), seed=0)
        >>> scene.pixels.shape, scene.pixels.dtype.name
        ((64, 64), 'uint8')
    """
    streams = np.random.default_rng(seed).spawn(5)
    placed = _PLACE[config.layout](config, streams[0])
    if config.modality == "sem":
        placed = [placed[index] for index in streams[0].permutation(len(placed))]
    placed, shifts = _affected(config, placed, streams[4])
    thickness, foreground, owner = _project(config, placed, streams[0], streams[4])
    picture = render(config, thickness, foreground, streams[1], shifts)
    picture = expose(config, picture, streams[2])
    picture, drawn = annotate(config, picture, streams[3])
    top = 2**config.bit_depth - 1
    pixels = np.rint(picture * top).astype(np.uint8 if config.bit_depth == 8 else np.uint16)
    if config.effects.jpeg_quality:
        quality = [cv2.IMWRITE_JPEG_QUALITY, config.effects.jpeg_quality]
        pixels = cv2.imdecode(cv2.imencode(".jpg", pixels, quality)[1], cv2.IMREAD_GRAYSCALE)
    classes = _CLASSES.get(config.layout, ("particle",))
    visible = [
        (item, one.patch.kind, particle)
        for number, (one, particle) in enumerate(zip(placed, _particles(placed, classes)), 1)
        if (item := _visible(one, number, owner, drawn.hidden)) is not None
    ]
    return Scene(
        pixels,
        Instances(config.shape, [item for item, _, _ in visible]),
        tuple(kind for _, kind, _ in visible),
        config.pixel_size_nm,
        config,
        seed,
        drawn.scale_bar,
        classes,
        tuple(particle for _, _, particle in visible),
    )


def _particles(placed: list[Placed], classes: tuple[str, ...]) -> list[int]:
    """Number of the particle of each part; what is around a core follows it."""
    begins = [classes[one.patch.class_id - 1] not in _AROUND for one in placed]
    return np.cumsum(begins, dtype=int).tolist()


def _affected(
    config: SceneConfig, placed: list[Placed], rng: np.random.Generator
) -> tuple[list[Placed], np.ndarray | None]:
    """Particles with facets, where drift has moved them, and the shifts of the rows."""
    effects = config.effects
    if effects.facets > 0:
        placed = [replace(one, patch=faceted(one.patch, effects.facets, rng)) for one in placed]
    scanned = config.modality != "bf-tem"
    shifts = row_shifts(config.shape[0], effects, rng) if scanned else None
    if shifts is not None:
        placed = [shift_placed(one, shifts) for one in placed]
    return placed, shifts


def _project(
    config: SceneConfig,
    placed: list[Placed],
    rng: np.random.Generator,
    crystals: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Relative thickness, coverage, and for "sem" the number of the particle in front."""
    thickness = np.zeros(config.shape, np.float32)
    foreground = np.zeros(config.shape, np.float32)
    owner = np.zeros(config.shape, np.int32) if config.modality == "sem" else None
    spread = config.contrast_spread + (0.15 if config.modality == "laadf-stem" else 0.0)
    strengths = np.exp(spread * rng.standard_normal(len(placed)))
    scale = np.float32(1.0 / config.mean_diameter)
    for number, (one, strength) in enumerate(zip(placed, strengths), 1):
        inner, outer = windows(one, config.shape)
        patch = one.patch
        mask, local = patch.mask[inner], patch.thickness[inner] * scale
        if owner is None:
            core = 1.0 - np.float32(config.core_contrast) * np.minimum(3 * patch.depth[inner], 1)
            factor = core * np.float32(strength)
            if crystals.random() < config.effects.crystalline:
                more = config.effects.diffraction * _DIFFRACTION.get(config.modality, 1.0)
                factor = factor * (1.0 + np.float32(more) * diffracted(patch, crystals)[inner])
            thickness[outer] += local * factor
        else:
            owner[outer][mask] = number
            thickness[outer] = np.where(mask, local, thickness[outer])
        foreground[outer] = np.maximum(foreground[outer], patch.coverage[inner])
    return thickness, foreground, owner


def _visible(
    one: Placed, number: int, owner: np.ndarray | None, hidden: np.ndarray
) -> Instance | None:
    """The particle's ground-truth mask, cropped tightly, or None when too little is left."""
    inner, outer = windows(one, hidden.shape)
    mask = one.patch.mask[inner] & ~hidden[outer]
    if owner is not None:
        mask &= owner[outer] == number
    if mask.sum() < MIN_VISIBLE_PX:
        return None
    top, left = outer[0].start, outer[1].start
    return instance_of(mask, one.patch.class_id, top=top, left=left)
