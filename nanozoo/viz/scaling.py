"""How time and memory grow with the size of an image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nanozoo.viz.style import figure, legend_below, method_styles


def draw_scaling(path: str | Path, rows: Sequence[Mapping[str, Any]], limit_mib: float) -> None:
    """Draw seconds, and peak memory above an idle process, against the pixels of an image.

    Args:
        path: PNG to write.
        rows: With `command, engine, side_px, cpu_s, peak_above_idle_mib`.
        limit_mib: Memory that a dashed line marks, MiB.
    """
    series: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        series.setdefault(f"{row['command']}, {row['engine']}", []).append(row)
    with figure(path, 1, 2, 13.0, 5.4) as (drawing, ((seconds, memory),)):
        for name, style in method_styles(list(series)).items():
            own = series[name]
            pixels = [int(row["side_px"]) ** 2 / 1e6 for row in own]
            look = {"color": style.colour, "marker": style.marker, "label": name}
            seconds.loglog(pixels, [float(row["cpu_s"]) for row in own], **look)
            memory.loglog(pixels, [float(row["peak_above_idle_mib"]) for row in own], **look)
        memory.axhline(limit_mib, color="0.4", linestyle="--", linewidth=1.5)
        memory.annotate(
            f"{limit_mib:g} MiB",
            (0.02, limit_mib),
            xycoords=("axes fraction", "data"),
            va="bottom",
        )
        seconds.set_ylabel("processor seconds after the start")
        memory.set_ylabel("peak memory above idle, MiB")
        for panel in (seconds, memory):
            panel.set_xlabel("megapixels")
            panel.grid(alpha=0.3)
        legend_below(drawing, *seconds.get_legend_handles_labels(), columns=3)
