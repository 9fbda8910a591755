"""Segment micrographs with a trained UNet and, beside it, with hybrid thresholding.

    python examples/demo.py --out out/demo
    python examples/demo.py --out out/demo --data FOLDER --pixel-size-nm 0.5

FOLDER holds images, or images/ with ground truth in masks/ or instances.json; with ground
truth the table also says how well each method agrees with it.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import cv2
import numpy as np

from nanozoo.cli.report import exit_code, import_keras, print_error
from nanozoo.core.errors import UserError
from nanozoo.core.files import write_bytes, write_text
from nanozoo.core.instances import Instances
from nanozoo.core.registry import BASELINES
from nanozoo.data.samples import Sample, Truth, scan_samples
from nanozoo.evaluate.pixels import pixel_scores
from nanozoo.io.micrograph import Micrograph, find_images, read_micrograph
from nanozoo.viz.overlay import draw_overlay
from nanozoo.viz.panels import Panel, draw_panels
from nanozoo.workflows.benchmark_methods import Method, find_methods
from nanozoo.workflows.particle_table import particle_rows, table_text
from nanozoo.workflows.segment import label_image

SHIPPED = Path(__file__).parent / "micrographs"
GROUND_TRUTH = ("masks", "instances.json", "instances_masks.json")
MOST_PICTURED = 6
"""Images in the comparison figure; every image gets its own overlays."""


@dataclass(frozen=True)
class Finding:
    """What a method, or the ground truth, sees in an image.

    Args:
        image: Name of the image.
        method: Name of the method, or "ground truth".
        instances: The particles.
        pixel_size_nm: Pixel size, nm, or None.
        jsc: Jaccard coefficient of the foreground, None where there is no ground truth.
    """

    image: str
    method: str
    instances: Instances
    pixel_size_nm: float | None
    jsc: float | None = None

    @property
    def diameter(self) -> str:
        """Mean area-equivalent diameter with its unit."""
        diameters = self.instances.diameters()
        if not len(diameters):
            return "-"
        if self.pixel_size_nm is None:
            return f"{diameters.mean():.1f} px"
        return f"{diameters.mean() * self.pixel_size_nm:.3g} nm"


def known_samples(folder: Path) -> tuple[dict[Path, Sample], list[str]]:
    """Images of a folder that have ground truth, and a sentence for each odd file."""
    if not any((folder / name).exists() for name in GROUND_TRUTH):
        return {}, []
    scan = scan_samples(folder)
    return {sample.image_path: sample for sample in scan.samples}, list(scan.errors)


def image_names(paths: Sequence[Path]) -> list[str]:
    """The stem of each image, with its suffix where two stems are alike."""
    alike = Counter(path.stem for path in paths)
    return [path.stem if alike[path.stem] == 1 else path.name for path in paths]


def read(
    path: Path, sample: Sample | None, pixel_size_nm: float | None
) -> tuple[Micrograph, Truth | None]:
    """Read an image and its ground truth, if it has any."""
    stated = sample.pixel_size_nm if sample else None
    micrograph = read_micrograph(path, stated if pixel_size_nm is None else pixel_size_nm)
    return micrograph, sample.truth() if sample else None


def find(
    name: str, micrograph: Micrograph, truth: Truth | None, methods: Sequence[Method], dataset: str
) -> list[Finding]:
    """Ask every method, the ground truth first where there is one."""
    size, findings = micrograph.pixel_size_nm, []
    if truth is not None and truth.instances is not None:
        findings.append(Finding(name, "ground truth", truth.instances, size))
    for method in methods:
        found = method.segment(micrograph, dataset)
        jsc = None if truth is None else pixel_scores(truth.semantic > 0, found.foreground).jsc
        findings.append(Finding(name, method.name, found.instances, size, jsc))
    return findings


def write_pictures(out: Path, micrograph: Micrograph, finding: Finding) -> Panel:
    """Write a method's label image and overlay; return the overlay for the figure."""
    overlay = draw_overlay(micrograph.pixels, finding.instances)
    title = f"{finding.method}: {len(finding.instances)} particles"
    if finding.jsc is not None:
        title += f", JSC {finding.jsc:.2f}"
    if finding.method != "ground truth":
        labels = label_image(finding.instances, micrograph.path)
        folder = out / finding.method
        for kind, picture in (("labels", labels), ("overlay", overlay[..., ::-1])):
            content = cv2.imencode(".png", picture)[1].tobytes()
            write_bytes(folder / f"{finding.image}_{kind}.png", content)
    return Panel(title, overlay)


def write_tables(out: Path, findings: Sequence[Finding]) -> None:
    """Write a table a method, a row a particle."""
    for method in dict.fromkeys(finding.method for finding in findings):
        rows = [
            row
            for finding in findings
            if finding.method == method
            for row in particle_rows(finding.image, finding.instances, finding.pixel_size_nm)
        ]
        write_text(out / f"particles_{method.replace(' ', '_')}.csv", table_text(rows))


def print_table(findings: Sequence[Finding]) -> None:
    """Print a row an image and method, and the mean agreement of each method."""
    from rich.console import Console
    from rich.table import Table

    table = Table("image", "method")
    for column in ("particles", "mean diameter", "JSC"):
        table.add_column(column, justify="right")
    last = ""
    for finding in findings:
        if finding.image != last and last:
            table.add_section()
        score = "" if finding.jsc is None else f"{finding.jsc:.3f}"
        name = finding.image if finding.image != last else ""
        count = str(len(finding.instances))
        table.add_row(name, finding.method, count, finding.diameter, score)
        last = finding.image
    console = Console()
    console.print(table)
    for method in dict.fromkeys(finding.method for finding in findings):
        scores = [f.jsc for f in findings if f.method == method and f.jsc is not None]
        if scores:
            text = f"{method}: mean JSC {np.mean(scores):.3f} over {len(scores)} images"
            console.print(text, markup=False, highlight=False)


def run(options: argparse.Namespace) -> int:
    """Do what the module says; return the exit code."""
    if options.checkpoint not in BASELINES:
        import_keras()
    methods = find_methods([options.checkpoint, "hybrid"])
    inner = options.data / "images"
    paths = find_images(inner.resolve() if inner.is_dir() else options.data.resolve())
    samples, errors = known_samples(options.data)
    findings: list[Finding] = []
    rows: list[list[Panel]] = []
    for path, name in zip(paths, image_names(paths)):
        try:
            sample = samples.get(path)
            micrograph, truth = read(path, sample, options.pixel_size_nm)
            found = find(name, micrograph, truth, methods, options.data.resolve().name)
        except UserError as error:
            errors.append(str(error))
            continue
        findings += found
        panels = [write_pictures(options.out, micrograph, finding) for finding in found]
        if len(rows) < MOST_PICTURED:
            rows.append([Panel(name, micrograph.grey()), *panels])
    if not findings:
        raise UserError(" ".join(errors[:1]))
    write_tables(options.out, findings)
    draw_panels(options.out / "comparison.png", rows)
    print_table(findings)
    print(f"Comparison: {options.out / 'comparison.png'}")
    for method in methods:
        print(f"Overlays and label images: {options.out / method.name}")
    print(f"Tables of particles: {options.out / 'particles_*.csv'}")
    return exit_code(errors)


def main(argv: Sequence[str] | None = None) -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=SHIPPED, help="folder of micrographs")
    parser.add_argument("--out", type=Path, default=Path("out/demo"), help="results go here")
    parser.add_argument("--checkpoint", default="unet", help="name or folder")
    parser.add_argument("--pixel-size-nm", type=float, help="of every image, nm")
    try:
        return run(parser.parse_args(argv))
    except UserError as error:
        print_error(str(error))
        return 2


if __name__ == "__main__":
    raise SystemExit(main())
