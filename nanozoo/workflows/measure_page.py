"""Reports in HTML: one of each image, and one of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from html import escape
from typing import Any

from nanozoo.core.words import count_of
from nanozoo.measure.size_measures import DIAMETER, SIZE_MEASURES, SIZE_NAMES, SizeChoice
from nanozoo.viz.overlay import BOX
from nanozoo.viz.size_distribution import FAMILY_COLOURS
from nanozoo.workflows.core_shell_report import CORE_COLOUR
from nanozoo.workflows.pages import (
    Html,
    heading,
    key,
    link,
    notes,
    number,
    page,
    paragraph,
    picture,
    setting_rows,
    table,
)
from nanozoo.workflows.shape_page import shape_parts

Record = dict[str, Any]

CUT_COLOUR = (204, 121, 167)
"""RGB of the outlines of particles that the border cuts."""

NAMES = {
    "mean": "Mean",
    "std": "Standard deviation",
    "d10_number": "D10, by number",
    "d50_number": "D50, by number (median)",
    "d90_number": "D90, by number",
    "d10_volume": "D10, by volume",
    "d50_volume": "D50, by volume (median)",
    "d90_volume": "D90, by volume",
    "sauter_mean": "Sauter mean D[3,2]",
    "volume_mean": "Volume-weighted mean D[4,3]",
    "geometric_std": "Geometric standard deviation",
}
_SHOWN = {
    "label": "no.", "family": "family", "shape": "shape", "shape_probability": "probability",
    "diameter_{}": "diameter, {}", "edge_length_{}": "edge length, {}",
    "feret_max_{}": "Feret max, {}", "feret_min_{}": "Feret min, {}",
    "aspect_ratio": "aspect ratio", "circularity": "circularity", "solidity": "solidity",
    "orientation_deg": "orientation, °", "mean_intensity": "grey", "touches_border": "cut",
    "core_diameter_{}": "core, {}", "shell_thickness_{}": "shell, {}",
}  # fmt: skip
_MOST_ROWS = 500

IMAGE_COLUMNS = (
    "image", "found", "measured", "size", "mean", "D50", "unit", "nm a pixel", "from", "notes",
)  # fmt: skip
"""Heads of a table with a row an image."""


def image_page(
    record: Record,
    rows: Sequence[dict[str, Any]],
    overlay: tuple[bytes, int],
    histogram: bytes | None,
    gallery: bytes | None = None,
    core_histogram: bytes | None = None,
) -> str:
    """Report on one image.

    Args:
        record: What `measure` knows about the image.
        rows: Its particles, as in `<stem>_particles.csv`.
        overlay: PNG of the image with outlines, and its width, px.
        histogram: PNG of the size distribution, or None where there is none.
        gallery: PNG of the particles by shape, or None where shapes were not asked for.
        core_histogram: The same of the cores.
    """
    stem = record["image"]
    found = record["distribution"]
    numbers = range(1, 1 + max(1, len(_families(found))))
    keys = [key(FAMILY_COLOURS[i - 1], f"family {i}") for i in numbers]
    if len(keys) == 1:
        keys = [key(FAMILY_COLOURS[0], "measured")]
    keys.append(key(CUT_COLOUR, "cut by the border, left out of the distribution"))
    if record["excluded"]:
        keys.append(key(BOX, "no specimen, nothing is measured there"))
    if "core_shell" in record:
        keys.append(key(CORE_COLOUR, "core"))
    parts = [
        paragraph(f"{counted(record['particles'])} {scaled(record)}"),
        notes(record["warnings"]),
        picture(overlay[0], "".join(keys), overlay[1]),
        heading("Size distribution"),
        *distribution_parts(found, histogram, record["size"]),
        *shape_parts(record["shapes"], gallery),
        *_core_parts(record, core_histogram),
        heading("Particles"),
        f"<p>All columns: {link(f'{stem}_particles.csv', f'{stem}_particles.csv')}</p>",
        _particles(rows, found["unit"]),
        heading("How it was measured"),
        table(("parameter", "value"), _parameters(record)),
    ]
    return page(f"Particles of {stem}", parts)


def counted(particles: Record) -> str:
    """How many particles of an image are found, cut and measured, in words."""
    return (
        f"Particles found: {particles['found']}. Cut by the border and left out: "
        f"{particles['cut_by_border']}. Measured: {particles['measured']}."
    )


def scaled(record: Record, source: str | None = None) -> str:
    """What the pixel size of an image is, and from where, in words.

    Args:
        record: What `measure` knows about the image.
        source: Where the pixel size is from, in place of what the record says.
    """
    nm = record["pixel_size_nm"]
    if nm is None:
        return "Pixel size: unknown, so that sizes are in pixels."
    return f"Pixel size: {nm:.6g} nm (from: {source or record['pixel_size_source']})."


def pooled_counted(summary: Record) -> str:
    """How many images and particles a summary is of, in words."""
    images = count_of(len(summary["images"]), "image")
    particles = count_of(summary["distribution"]["count"], "particle")
    return f"{images}, {particles} in the pooled distribution."


def _core_parts(record: Record, histogram: bytes | None) -> list[str]:
    """What is known of cores and shells; nothing where they were not asked for."""
    if "core_shell" not in record:
        return []
    cores = record["core_shell"]
    unit = cores["distribution"]["unit"]
    mean, spread = (cores[f"shell_thickness_{name}_{unit}"] for name in ("mean", "std"))
    shells = "" if mean is None else f" Their shells are {mean:.3g} ± {spread:.2g} {unit} thick."
    return [
        heading("Cores"),
        paragraph(
            f"In {cores['with_core']} of {record['particles']['found']} particles a core stands "
            f"out.{shells} The distribution is that of the cores of uncut particles."
        ),
        *distribution_parts(cores["distribution"], histogram, asdict(SizeChoice())),
    ]


def distribution_parts(found: Record, histogram: bytes | None, size: Record) -> list[str]:
    """Figure and tables of a distribution.

    Args:
        found: `SizeDistribution.as_dict()`.
        histogram: PNG, or None where there is none.
        size: The `SizeChoice` behind it.
    """
    if histogram is None:
        return [paragraph(found["warnings"][0])]
    unit = found["unit"]
    rows = []
    for name, words in NAMES.items():
        has_unit = name != "geometric_std"
        one = found["statistics"][f"{name}_{unit}" if has_unit else name]
        interval = Html(f"{number(one['low'])} to {number(one['high'])}")
        rows.append((words, one["value"], interval, unit if has_unit else ""))
    families = [
        (index, family["share"], family["mean"], family["std"])
        for index, family in enumerate(_families(found), 1)
    ]
    caption = (
        "Left: share of the particles with the families of the best fit. Right: share of their "
        "number and volume that is smaller than a size. Corrected for the border of the image "
        "after Miles and Lantuejoul."
    )
    if size["measure"] != DIAMETER:
        caption += " Volume is the cube of the size: right where particles differ in size alone."
    parts = [
        *([paragraph(size["why"])] if size["why"] else []),
        picture(histogram, escape(caption), 1000),
        table((SIZE_MEASURES[size["measure"]], "value", "95% interval", "unit"), rows),
    ]
    if families:
        best, *others = (
            f"{len(fit['families'])} {fit['kind']} (BIC {fit['bic']:.1f})" for fit in found["fits"]
        )
        parts += [
            table(("family", "share", f"mean, {unit}", f"standard deviation, {unit}"), families),
            paragraph(f"Families by the lowest BIC: {best}. Others: {', '.join(others)}."),
        ]
    return parts


def index_page(summary: Record, histogram: bytes | None) -> str:
    """Page over all images: the pooled distribution and a row an image.

    Args:
        summary: What `measure` writes as `summary.json`.
        histogram: PNG of the pooled distribution, or None where there is none.
    """
    pooled = summary["distribution"]
    files = ("particles.csv", "distribution.csv", "summary.json")
    parts = [
        paragraph(pooled_counted(summary)),
        notes([*summary["warnings"], *summary["errors"]]),
        "<p>Tables: " + ", ".join(link(name, name) for name in files) + "</p>",
        heading("Size distribution of all images"),
        *distribution_parts(pooled, histogram, summary["size"]),
        *shape_parts(summary["shapes"]),
        heading("Images"),
        table(
            IMAGE_COLUMNS,
            [
                (Html(link(f"{name}_report.html", name)), *row, len(record["warnings"]))
                for record in summary["images"]
                for name, *row in [image_row(record)]
            ],
        ),
        heading("How it was measured"),
        table(("parameter", "value"), setting_rows(summary["parameters"])),
    ]
    return page("Particles of all images", parts)


def image_row(record: Record) -> tuple[object, ...]:
    """What `IMAGE_COLUMNS` has of an image but for its notes.

    Args:
        record: What `measure` knows about it.
    """
    found = record["distribution"]
    unit, counts = found["unit"], record["particles"]
    mean, middle = (found["statistics"][f"{n}_{unit}"]["value"] for n in ("mean", "d50_number"))
    return (
        record["image"],
        counts["found"],
        counts["measured"],
        SIZE_NAMES[record["size"]["measure"]],
        mean,
        middle,
        unit,
        record["pixel_size_nm"],
        record["pixel_size_source"] or "",
    )


def _families(found: Record) -> list[Record]:
    return list(found["fits"][0]["families"]) if found["fits"] else []


def _particles(rows: Sequence[dict[str, Any]], unit: str) -> str:
    """The main columns of the particles, folded away."""
    names = {
        name.format(unit): words.format(unit)
        for name, words in _SHOWN.items()
        if not rows or name.format(unit) in rows[0]
    }
    body = table(list(names.values()), ([row[n] for n in names] for row in rows[:_MOST_ROWS]))
    shown = f"{min(len(rows), _MOST_ROWS)} of {len(rows)} particles"
    return f"<details><summary>{shown}</summary>{body}</details>"


def _parameters(record: Record) -> list[tuple[str, str]]:
    about = {
        "image": record["path"],
        "height and width, px": record["shape"],
        "pixel_size_nm": record["pixel_size_nm"],
        "pixel_size_source": record["pixel_size_source"],
    }
    return setting_rows(about | record["parameters"])
