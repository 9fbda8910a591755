"""Set measured mean sizes beside an expert's, on the particle images of nffa-sem-scalebar.

NANOZOO_DATA=DIR python benchmarks/bench_expert_sizes.py --methods otsu,unet,maskrcnn

The expert measured some particles of each image with its scale bar; the pixel size is that of
scalebars.csv. What is measured is selected as `nanozoo measure` does: nothing in the information
bar, no particle that a border cuts, and none twice.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench_cli import add_data, data_folder, write_report

from nanozoo.core.errors import UserError
from nanozoo.io.micrograph import Micrograph, read_micrograph
from nanozoo.measure.distribution import size_distribution
from nanozoo.measure.edge_correction import edge_weights
from nanozoo.measure.selection import Selection, select_particles
from nanozoo.measure.text_reader import TextReader
from nanozoo.workflows.benchmark_methods import find_methods
from nanozoo.workflows.calibrate import calibrate_micrograph

DATASET = "nffa-sem-scalebar"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure every image with every method; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_data(parser)
    parser.add_argument("--methods", default="otsu,unet,maskrcnn", help="comma-separated")
    parser.add_argument("--out", type=Path, default=Path("out/expert_sizes"))
    options = parser.parse_args(arguments)
    return write_report(
        options.out, lambda: report(data_folder(options) / DATASET, options.methods.split(","))
    )


def particle_images(folder: Path) -> Iterator[tuple[str, Micrograph, float]]:
    """Name, image and the expert's mean size, nm, of the images of particles.

    Raises:
        UserError: If a table or an image cannot be read.
    """
    scales = {row["file"]: float(row["nm_per_px"]) for row in _rows(folder / "scalebars.csv")}
    for row in _rows(folder / "images.csv"):
        if row["class"] == "particles" and row["file"] in scales:
            image = read_micrograph(folder / "images" / row["file"], scales[row["file"]])
            yield row["file"][:8], image, 1000 * float(row["mean_size_um_expert"])


def report(folder: Path, names: Sequence[str]) -> str:
    """Markdown: the expert's mean size and, of each method, mean [95% interval] and number."""
    methods, reader = find_methods(list(names)), TextReader()
    lines = [
        f"| image | expert, nm | {' | '.join(f'{m.name}, nm' for m in methods)} |",
        "| --- " * (len(methods) + 2) + "|",
    ]
    for name, image, expert in particle_images(folder):
        scale = calibrate_micrograph(image, reader)
        cells = []
        for method in methods:
            found = method.segment(image, DATASET).instances
            cells.append(_cell(select_particles(found, image.grey(), scale), image.pixel_size_nm))
        lines.append(f"| {name} | {expert:g} | {' | '.join(cells)} |")
        print(lines[-1], file=sys.stderr, flush=True)
    return "\n".join(lines) + "\n"


def _cell(selection: Selection, pixel_size_nm: float) -> str:
    """Mean diameter, nm, with its interval and the number of particles behind it."""
    found = selection.particles
    distribution = size_distribution(
        found.diameters() * pixel_size_nm,
        edge_weights(found, selection.area.info_bar),
        unit="nm",
        most_families=1,
    )
    if distribution.count < 2:
        return f"({distribution.count})"
    mean = distribution.statistics["mean"]
    return f"{mean.value:.3g} [{mean.low:.3g}, {mean.high:.3g}] ({distribution.count})"


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with open(path, newline="", encoding="utf-8") as stream:
            return list(csv.DictReader(stream))
    except OSError as error:
        raise UserError(f"Cannot read {path} ({error.strerror}): check --data.") from error


if __name__ == "__main__":
    sys.exit(main())
