"""Anchor sizes and ratios that suit the particles of a dataset."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from nanozoo.core.checks import check_int
from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.data.samples import Sample

STRIDES = (4, 8, 16, 32, 64)
"""Distances of the anchors of P2 to P6, px."""


@dataclass(frozen=True)
class AnchorSuggestion:
    """Arguments of `build_maskrcnn`, and how well they suit.

    Args:
        sizes: `anchor_sizes`, one a level from P2 to P6, px.
        ratios: `anchor_ratios`, heights over widths.
        covered: Share of the particles whose box overlaps an anchor of its centre by an
            intersection over union of at least 0.5.
        boxes: Number of particles that this rests on.
    """

    sizes: tuple[float, ...]
    ratios: tuple[float, ...]
    covered: float
    boxes: int


def suggest_anchors(
    data: Iterable[Sample | Instances],
    *,
    scale: tuple[float, float] = (1.0, 1.0),
    ratios: int = 3,
    seed: int = 0,
) -> AnchorSuggestion:
    """Choose anchors by the boxes of a dataset.

    Sizes are the medians of five groups of equally many boxes by size; a level's size is never
    below its stride, so that anchors leave no gaps. Ratios lie evenly around 1 and reach to the
    90th percentile of elongation.

    Args:
        data: Samples from `nanozoo.data.samples.find_samples`, or their instances.
        scale: Smallest and largest magnification that training draws.
        ratios: Number of ratios, odd.
        seed: Of the magnifications.

    Returns:
        The anchors and the share of particles that they cover.

    Raises:
        UserError: If there is no particle, or `ratios` is even.

    Example:
        >>> from nanozoo import simulate, SceneConfig, suggest_anchors
        >>> scene = simulate(SceneConfig(mean_diameter=40.0), seed=0)
        >>> suggest_anchors([scene.instances]).covered > 0.9
        True
    """
    check_int("ratios", ratios, 1)
    if ratios % 2 == 0:
        raise UserError(f"Expected `ratios` to be odd. Received: ratios={ratios!r}")
    sides = _box_sides(data)
    if not len(sides):
        raise UserError("Expected at least one particle to suggest anchors from. Received: none")
    rng = np.random.default_rng(seed)
    drawn = sides[rng.integers(len(sides), size=max(len(sides), 2000))]
    low, high = np.log(scale)
    drawn = drawn * np.exp(rng.uniform(low, high, (len(drawn), 1)))
    sizes = np.sqrt(drawn.prod(axis=1))
    chosen = np.maximum(np.quantile(sizes, np.linspace(0.1, 0.9, len(STRIDES))), STRIDES)
    elongation = np.abs(np.log(drawn[:, 0] / drawn[:, 1]))
    reach = float(np.clip(np.quantile(elongation, 0.9), np.log(1.5), np.log(4.0)))
    powers = np.linspace(-1, 1, ratios) if ratios > 1 else np.zeros(1)
    chosen_ratios = np.exp(powers * reach)
    return AnchorSuggestion(
        tuple(round(float(size), 1) for size in chosen),
        tuple(round(float(ratio), 2) for ratio in chosen_ratios),
        _covered(drawn, chosen.tolist(), chosen_ratios.tolist()),
        len(sides),
    )


def _box_sides(data: Iterable[Sample | Instances]) -> np.ndarray:
    """Heights and widths of all boxes, `(N, 2)` float64, px."""
    sides = []
    for item in data:
        instances = item.truth().instances if isinstance(item, Sample) else item
        sides += [one.mask.shape for one in instances or ()]
    return np.array(sides, float).reshape(-1, 2)


def _covered(sides: np.ndarray, sizes: Sequence[float], ratios: Sequence[float]) -> float:
    """Share of boxes that an anchor of the same centre overlaps by at least 0.5."""
    heights = np.outer(sizes, np.sqrt(ratios)).ravel()
    widths = np.outer(sizes, 1 / np.sqrt(ratios)).ravel()
    shared = np.minimum(sides[:, :1], heights) * np.minimum(sides[:, 1:], widths)
    union = sides.prod(axis=1)[:, None] + heights * widths - shared
    return float(((shared / union).max(axis=1) >= 0.5).mean())
