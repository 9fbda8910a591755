"""Pairs and triples of particles over one another, apart from other stacks.

How far two particles lie over one another is drawn evenly as the intersection over union
of their masks, so that a test has as many faint as deep overlaps. No particle lies within
another: at most `HIGHEST_COVER` of its mask is common to both.
"""

from __future__ import annotations

import math

import numpy as np

from nanozoo.synth.config import SceneConfig
from nanozoo.synth.ground import Ground, Placed, along
from nanozoo.synth.layout import draw_diameters
from nanozoo.synth.shapes import Outline, Patch, make_outline, raster

LOWEST_IOU, HIGHEST_IOU = 0.02, 0.5
HIGHEST_COVER = 0.75
_TURNS = 20
_GAP = 3
_SIZE_SPREAD = 0.14


def place_stacks(config: SceneConfig, rng: np.random.Generator) -> list[Placed]:
    """Lay stacks out, back to front; each diameter drawn begins a stack of two or three.

    A third particle goes over the first one (a fan), the second one (a chain), or both
    (three levels of depth on some pixels).
    """
    starts = [
        make_outline(str(rng.choice(config.shapes)), diameter, config.roughness, rng)
        for diameter in draw_diameters(config, rng)
    ]
    if not starts:
        return []
    margin = 6 * int(max(outline.radii.max() for outline in starts)) + 12
    ground = Ground(config.shape, margin, 1)
    placed: list[Placed] = []
    for outline in starts:
        for _ in range(_TURNS):
            first = ground.anywhere(_turned(outline, rng), rng)
            if not (_inside(first, config.shape) and ground.is_free(first)):
                continue
            stack = _stack_on(first, outline, config, rng)
            if all(_inside(one, config.shape) and ground.is_free(one) for one in stack):
                for one in stack:
                    ground.occupy(one, _GAP)
                placed += stack
                break
    return placed


def overlap_of(first: Placed, second: Placed) -> tuple[float, float]:
    """Intersection of two particles' masks over their union, and over the smaller one."""
    top, left = max(first.top, second.top), max(first.left, second.left)
    bottom = min(one.top + one.patch.mask.shape[0] for one in (first, second))
    right = min(one.left + one.patch.mask.shape[1] for one in (first, second))
    if bottom <= top or right <= left:
        return 0.0, 0.0
    crops = [
        one.patch.mask[top - one.top : bottom - one.top, left - one.left : right - one.left]
        for one in (first, second)
    ]
    common = int((crops[0] & crops[1]).sum())
    areas = [int(one.patch.mask.sum()) for one in (first, second)]
    return common / (sum(areas) - common), common / min(areas)


def _inside(placed: Placed, shape: tuple[int, int]) -> bool:
    """Whether the whole particle lies in the image."""
    bottom, right = (
        placed.top + placed.patch.mask.shape[0],
        placed.left + placed.patch.mask.shape[1],
    )
    return placed.top >= 0 and placed.left >= 0 and bottom <= shape[0] and right <= shape[1]


def _turned(outline: Outline, rng: np.random.Generator) -> Patch:
    return raster(outline, float(rng.uniform(0, np.pi)), tuple(rng.random(2)))


def _stack_on(
    first: Placed, outline: Outline, config: SceneConfig, rng: np.random.Generator
) -> list[Placed]:
    """The first particle and one or two more, none over another by more than `HIGHEST_IOU`."""
    stack = [first]
    wanted = 2 if rng.random() < 0.5 else 3
    for _ in range(_TURNS):
        diameter = 2.0 * outline.radius * float(np.exp(_SIZE_SPREAD * rng.standard_normal()))
        kind = str(rng.choice(config.shapes))
        patch = _turned(make_outline(kind, diameter, config.roughness, rng), rng)
        anchor = stack[int(rng.integers(len(stack)))]
        found = _over(patch, anchor, float(rng.uniform(0.03, HIGHEST_IOU - 0.01)), rng)
        overlaps = np.array([overlap_of(found, one) for one in stack])
        iou, cover = overlaps.max(axis=0)
        if LOWEST_IOU <= iou <= HIGHEST_IOU and cover <= HIGHEST_COVER:
            stack.append(found)
        if len(stack) == wanted:
            break
    return stack


def _over(patch: Patch, anchor: Placed, iou: float, rng: np.random.Generator) -> Placed:
    """The place along a random ray where the patch lies over the anchor by nearly `iou`."""
    turn = rng.uniform(0, 2 * np.pi)
    direction = math.sin(turn), math.cos(turn)
    near, far = 0.0, 0.75 * (max(patch.mask.shape) + max(anchor.patch.mask.shape))
    while far - near > 0.5:
        middle = 0.5 * (near + far)
        deeper = overlap_of(along(patch, anchor, direction, middle), anchor)[0] > iou
        near, far = (middle, far) if deeper else (near, middle)
    return along(patch, anchor, direction, far)
