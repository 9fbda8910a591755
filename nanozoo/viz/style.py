"""Look of every figure: colours that colour-blind readers tell apart, large type, safe files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nanozoo.core.files import atomic_path

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Palette of Okabe and Ito (Color Universal Design, 2008), without its yellow."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X")


@dataclass(frozen=True)
class Style:
    """How one method is drawn.

    Args:
        colour: Hexadecimal colour.
        marker: Marker name of matplotlib.
        label: Name of the method, broken into lines where it is long.
    """

    colour: str
    marker: str
    label: str


def method_styles(methods: Sequence[str]) -> dict[str, Style]:
    """Give each method its style, in order; marker and colour repeat at different periods."""
    return {
        method: Style(
            COLOURS[number % len(COLOURS)],
            MARKERS[(number + number // len(COLOURS)) % len(MARKERS)],
            _broken(method),
        )
        for number, method in enumerate(methods)
    }


@contextmanager
def figure(
    path: str | Path,
    rows: int,
    columns: int,
    width: float,
    height: float,
    layout: str = "constrained",
    **axes: object,
) -> Iterator[tuple[Figure, list[list[Axes]]]]:
    """Yield a figure with a grid of axes; it is written when the block ends.

    Args:
        path: PNG to write.
        rows: Rows of axes.
        columns: Columns of axes.
        width: Width, inches.
        height: Height, inches.
        layout: "constrained", or "compressed" for pictures that keep their aspect.
        **axes: Passed to `Figure.subplots` (`sharex`, `sharey`, `width_ratios`).

    Returns:
        The figure and its axes as rows of columns.
    """
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    look = {
        "font.size": 14,
        "axes.titlesize": 14,
        "figure.labelsize": 14,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "legend.frameon": False,
        "lines.linewidth": 2.0,
    }
    with matplotlib.rc_context(look):
        drawing = Figure(figsize=(width, height), layout=layout)
        canvas = FigureCanvasAgg(drawing)
        grid = drawing.subplots(rows, columns, squeeze=False, **axes)
        yield drawing, [list(row) for row in grid]
        with atomic_path(path) as temporary:
            canvas.print_png(str(temporary), metadata={"Software": "nanozoo"})


def legend_below(
    drawing: Figure, handles: Sequence[object], labels: Sequence[str], columns: int = 6
) -> None:
    """Put one legend below all axes, in lines of at most `columns` entries, evenly filled."""
    count = max(1, len(labels))
    lines = -(-count // columns)
    drawing.legend(handles, labels, loc="outside lower center", ncols=-(-count // lines))


def label_lines(styles: Mapping[str, Style]) -> int:
    """Number of lines of the longest label."""
    return max((style.label.count("\n") + 1 for style in styles.values()), default=1)


def _broken(name: str, length: int = 14) -> str:
    """Break a name at its hyphens into lines of about `length` characters."""
    lines = [""]
    for part in name.replace("-", "-\n").split("\n"):
        if lines[-1] and len(lines[-1]) + len(part) > length:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)
