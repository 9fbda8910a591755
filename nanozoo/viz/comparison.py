"""Figure 8: the two best methods side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nanozoo.viz.dependence import draw_bins
from nanozoo.viz.distributions import draw_boxes
from nanozoo.viz.style import figure, legend_below, method_styles

Row = dict[str, Any]


def draw_comparison(
    path: str | Path,
    jsc: Mapping[str, np.ndarray],
    by_contrast: Sequence[Row],
    by_size: Sequence[Row],
    bins: tuple[Sequence[str], Sequence[str]],
    mark: str,
    methods: Sequence[str],
) -> None:
    """Draw spread, image-by-image scores and the dependence on contrast and size.

    Args:
        path: PNG to write.
        jsc: JSC of the same images, in the same order, by method; two methods.
        by_contrast: Rows with `method, bin, particles, mean, low, high`.
        by_size: The same by size.
        bins: Names of the bins of contrast and of size.
        mark: Name of the size bin before which a line stands.
        methods: All methods in order, so that colours are those of the other figures.
    """
    every = method_styles(methods)
    styles = {method: every[method] for method in jsc}
    first, second = (style.label for style in styles.values())
    wins = np.greater(*jsc.values())
    with figure(path, 2, 2, 12.5, 10.0) as (drawing, ((spread, pairs), (contrast, size))):
        draw_boxes(spread, jsc, styles)
        spread.set_xlabel("JSC of an image")
        pairs.scatter(*jsc.values(), s=22, color="black", alpha=0.5, linewidths=0)
        pairs.plot([0, 1], [0, 1], color="0.4", linestyle="--", linewidth=1.5)
        pairs.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
        pairs.set_xlabel(f"JSC of {first}")
        pairs.set_ylabel(f"JSC of {second}")
        pairs.set_title(f"{first} is better on {wins.sum()} of {len(wins)} images")
        draw_bins(contrast, by_contrast, bins[0], styles, "particles")
        contrast.set_xlabel("contrast of the particle")
        contrast.set_ylabel("mean best IoU")
        draw_bins(size, by_size, bins[1], styles, "particles", mark)
        size.set_xlabel("area-equivalent diameter of the particle, px")
        handles, labels = contrast.get_legend_handles_labels()
        if handles:
            legend_below(drawing, handles, labels)
