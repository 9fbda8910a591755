"""What a report says about the shapes of particles."""

from __future__ import annotations

from typing import Any

from nanozoo.measure.size_measures import SIZE_NAMES
from nanozoo.workflows.pages import heading, paragraph, picture, table


def shape_parts(statistics: list[dict[str, Any]], gallery: bytes | None = None) -> list[str]:
    """Table of the shapes, and the gallery where there is one.

    Args:
        statistics: Rows of `shape_statistics`; none where shapes were not asked for.
        gallery: PNG of the particles by shape.
    """
    if not statistics:
        return []
    unit = statistics[0]["unit"]
    lengths = ("mean", "std", "D10", "D50", "D90")
    head = ["shape", "found", "measured", "share, %", "size"]
    head += [f"{name}, {unit}" for name in lengths]
    rows = [
        (
            row["shape"].replace("_", " "),
            row["found"],
            row["measured"],
            None if row["share"] is None else 100 * row["share"],
            SIZE_NAMES[row["measure"]],
            *(row[name] for name in ("mean", "std", "d10", "d50", "d90")),
        )
        for row in statistics
    ]
    parts = [
        heading("Shapes"),
        table(head, rows),
        paragraph(
            "Shares of the number of particles, corrected for the border of the image; sizes by "
            "number. A particle is unsure where no shape is probable enough, or where the border "
            "cuts it."
        ),
    ]
    if gallery is not None:
        caption = (
            "Particles by shape, from the surest to the least sure, each with the probability of "
            "its likeliest shape; of many, those at even ranks. The number below a shape counts "
            "all of its particles."
        )
        parts.append(picture(gallery, caption, 1000))
    return parts
