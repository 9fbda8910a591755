"""Figure 2: where each method agrees with the ground truth and where it does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nanozoo.io.micrograph import normalise
from nanozoo.viz.style import figure, label_lines, legend_below, method_styles

FALSE_POSITIVE = (213, 94, 0)
"""RGB of foreground that only the method sees (vermilion)."""

FALSE_NEGATIVE = (86, 180, 233)
"""RGB of foreground that the method misses (sky blue)."""

MOST_COLUMNS = 6
"""Panels beside each other at most."""


@dataclass(frozen=True)
class Example:
    """One image with its truth and predictions.

    Args:
        title: What stands beside the row.
        image: `(H, W)` or `(H, W, C)` micrograph.
        truth: `(H, W)` bool.
        predicted: `(H, W)` bool by method.
        jsc: Jaccard similarity coefficient by method.
    """

    title: str
    image: np.ndarray
    truth: np.ndarray
    predicted: Mapping[str, np.ndarray]
    jsc: Mapping[str, float]


def agreement(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Colour a prediction: white and black where it agrees, two colours where it does not.

    Args:
        truth: `(H, W)` bool.
        predicted: `(H, W)` bool.

    Returns:
        `(H, W, 3)` uint8 RGB.
    """
    canvas = np.zeros((*truth.shape, 3), np.uint8)
    canvas[truth & predicted] = 255
    canvas[predicted & ~truth] = FALSE_POSITIVE
    canvas[truth & ~predicted] = FALSE_NEGATIVE
    return canvas


def draw_agreement(path: str | Path, examples: Sequence[Example], methods: Sequence[str]) -> None:
    """Draw each example as the micrograph and a panel a method, in rows of even length.

    Args:
        path: PNG to write.
        examples: At least one.
        methods: Methods in the order of their panels.
    """
    from matplotlib.patches import Patch

    styles = method_styles(methods)
    panels = 1 + len(methods)
    lines = -(-panels // MOST_COLUMNS)
    columns = -(-panels // lines)
    heights = [
        each.truth.shape[0] / each.truth.shape[1] for each in examples for _ in range(lines)
    ]
    width = 2.9 * columns
    height = sum(2.9 * ratio + 0.15 + 0.25 * label_lines(styles) for ratio in heights) + 0.9
    size = (len(heights), columns, width, height)
    with figure(path, *size, layout="compressed", height_ratios=heights) as (drawing, grid):
        for number, example in enumerate(examples):
            own = grid[number * lines : (number + 1) * lines]
            first, *rest = (panel for row in own for panel in row)
            first.imshow(normalise(example.image), cmap="gray", vmin=0, vmax=1)
            first.set_title(example.title)
            for method, panel in zip(methods, rest):
                if method in example.predicted:
                    panel.imshow(agreement(example.truth, example.predicted[method]))
                    panel.set_title(f"{styles[method].label}, JSC {example.jsc[method]:.2f}")
            for panel in (first, *rest):
                panel.set(xticks=[], yticks=[])
                panel.spines[:].set_visible(False)
        colours = ((1, 1, 1), (0, 0, 0), FALSE_POSITIVE, FALSE_NEGATIVE)
        patches = [
            Patch(facecolor=colour if max(colour) <= 1 else np.array(colour) / 255, edgecolor="k")
            for colour in colours
        ]
        labels = ["particle, agreed", "background, agreed", "false particle", "missed particle"]
        legend_below(drawing, patches, labels, columns=int(width // 2.8))
