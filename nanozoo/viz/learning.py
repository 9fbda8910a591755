"""How scores rise with the number of annotated images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nanozoo.viz.style import figure, legend_below, method_styles

Row = dict[str, Any]


def draw_by_images(
    path: str | Path, panels: Mapping[str, Sequence[Row]], starts: Sequence[str]
) -> None:
    """Draw a line a start through the means, with intervals; the axis of images is logarithmic.

    Args:
        path: PNG to write.
        panels: Rows with `start, images, mean, low, high`, scores in [0, 1], by what is scored.
        starts: What the networks started from, in the order of their styles.
    """
    styles = method_styles(starts)
    with figure(path, 1, len(panels), 6.2 * len(panels), 5.2, sharey=True) as (drawing, [axes]):
        for (score, rows), panel in zip(panels.items(), axes):
            for start, style in styles.items():
                own = [row for row in rows if row["start"] == start]
                mean = [row["mean"] for row in own]
                low = [row["mean"] - row["low"] for row in own]
                high = [row["high"] - row["mean"] for row in own]
                panel.errorbar(
                    [row["images"] for row in own],
                    mean,
                    yerr=[low, high],
                    color=style.colour,
                    marker=style.marker,
                    markersize=8,
                    capsize=3,
                    label=start,
                )
            counts = sorted({row["images"] for row in rows})
            panel.set_xscale("symlog", linthresh=1)
            panel.set_xticks(counts, [str(count) for count in counts])
            panel.minorticks_off()
            panel.set(xlabel="annotated images", ylim=(-0.02, 1.02))
            panel.set_title(score)
            panel.grid(axis="y", alpha=0.3)
        axes[0].set_ylabel("mean, 95% interval")
        legend_below(drawing, *axes[0].get_legend_handles_labels())
