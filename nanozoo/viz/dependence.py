"""Figures 6 and 7: how scores depend on the contrast and the size of particles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nanozoo.viz.style import Style, figure, legend_below, method_styles

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Row = dict[str, Any]

MIN_COUNT = 20
"""A bin with fewer things is drawn hollow."""


def draw_dependence(
    path: str | Path,
    particles: Sequence[Row],
    images: Sequence[Row],
    bins: Sequence[str],
    methods: Sequence[str],
    labels: tuple[str, str],
    mark: str | None = None,
) -> None:
    """Draw mean best IoU of particles and mean JSC of images, bin by bin.

    Args:
        path: PNG to write.
        particles: Rows with `method, bin, particles, mean, low, high`.
        images: Rows with `method, bin, images, mean, low, high`.
        bins: Names of all bins from small to large.
        methods: Methods in the order of their styles.
        labels: What is binned of a particle and of an image, with its unit.
        mark: A line stands before the bin of this name; None for no line.
    """
    with figure(path, 1, 2, 13.5, 5.6, sharey=True) as (drawing, ((left, right),)):
        styles = method_styles(methods)
        draw_bins(left, particles, bins, styles, "particles", mark)
        draw_bins(right, images, bins, styles, "images", mark)
        left.set_title("particles: best IoU of each true particle")
        right.set_title("images: JSC")
        left.set_ylabel("mean, 95% interval (hollow: n < 20)")
        left.set_xlabel(labels[0])
        right.set_xlabel(labels[1])
        handles, names = left.get_legend_handles_labels()
        if not handles:
            handles, names = right.get_legend_handles_labels()
        legend_below(drawing, handles, names)


def draw_particle_bins(
    path: str | Path,
    by_contrast: Sequence[Row],
    by_size: Sequence[Row],
    bins: tuple[Sequence[str], Sequence[str]],
    methods: Sequence[str],
    mark: str | None = None,
) -> None:
    """Draw the mean best IoU of particles by their contrast and, beside it, by their size.

    Args:
        path: PNG to write.
        by_contrast: Rows with `method, bin, particles, mean, low, high`.
        by_size: The same by size.
        bins: Names of the bins of contrast and of size, from small to large.
        methods: Methods in the order of their styles.
        mark: A line stands before the size bin of this name; None for no line.
    """
    with figure(path, 1, 2, 13.5, 5.6, sharey=True) as (drawing, ((contrast, size),)):
        styles = method_styles(methods)
        draw_bins(contrast, by_contrast, bins[0], styles, "particles")
        draw_bins(size, by_size, bins[1], styles, "particles", mark)
        contrast.set_ylabel("mean best IoU, 95% interval")
        contrast.set_xlabel("contrast of the particle")
        size.set_xlabel("area-equivalent diameter of the particle, px")
        legend_below(drawing, *contrast.get_legend_handles_labels())


def draw_bins(
    panel: Axes,
    rows: Sequence[Row],
    bins: Sequence[str],
    styles: Mapping[str, Style],
    counted: str,
    mark: str | None = None,
) -> None:
    """Draw a line a method through its bin means, with intervals and counts under the bins.

    A hollow marker stands for fewer than 20 things, too few for a statement.

    Args:
        panel: Where to draw.
        rows: Rows with `method, bin, mean, low, high` and the column `counted`.
        bins: Names of all bins from small to large; empty ones stay free.
        styles: Style of each method that is drawn.
        counted: Column with the number of things in the bin.
        mark: A line stands before the bin of this name; None for no line.
    """
    table = {(row["method"], row["bin"]): row for row in rows}
    for number, (method, style) in enumerate(styles.items()):
        shift = 0.5 * ((number + 0.5) / len(styles) - 0.5)
        own = [(place, table.get((method, name))) for place, name in enumerate(bins)]
        own = [(place + shift, row) for place, row in own if row is not None]
        if not own:
            continue
        mean = np.array([row["mean"] for _, row in own])
        low = mean - np.array([row["low"] for _, row in own])
        high = np.array([row["high"] for _, row in own]) - mean
        panel.errorbar(
            [place for place, _ in own],
            mean,
            yerr=np.nan_to_num([low, high]).clip(0),
            color=style.colour,
            marker=style.marker,
            markersize=8,
            capsize=3,
            elinewidth=1.5,
            label=style.label,
        )
        few = [(place, row["mean"]) for place, row in own if row[counted] < MIN_COUNT]
        panel.plot(
            [place for place, _ in few],
            [value for _, value in few],
            color=style.colour,
            marker=style.marker,
            markersize=8,
            markerfacecolor="white",
            linestyle="none",
            zorder=5,
        )
    counts = [
        max((row[counted] for row in rows if row["bin"] == name), default=0) for name in bins
    ]
    names = [f"{name.replace('>=', '≥')}\nn={count}" for name, count in zip(bins, counts)]
    panel.set_xticks(range(len(bins)), names)
    panel.set_xlim(-0.5, len(bins) - 0.5)
    panel.set_ylim(-0.02, 1.02)
    panel.grid(axis="y", alpha=0.3)
    if mark in bins:
        place = list(bins).index(mark) - 0.5
        panel.axvline(place, color="0.4", linestyle="--", linewidth=1.5)
        panel.text(place + 0.05, 0.0, f"from {mark.split('-')[0]} px on", color="0.3")
