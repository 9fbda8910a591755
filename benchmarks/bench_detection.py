"""F1 of particles of detectors on real micrographs; prints a Markdown table.

    python benchmarks/bench_detection.py --methods maskrcnn unet --data $NANOZOO_DATA \\
        --part test --out out/detection

Each dataset's mean over images of F1 at IoU 0.5, with a bootstrap 95% interval. On nanoshapes-tem
nanowires are not labelled: there a detection that meets no true particle and has an aspect ratio
above 4 does not count. Of sage-soot-tem, on which nothing here is trained, a second annotator's
masks are scored too, as the most that can be asked for.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from bench_cli import add_data, data_folder, write_report

from nanozoo.core.files import write_text
from nanozoo.core.instances import Instance, Instances
from nanozoo.data.samples import Sample, find_samples
from nanozoo.data.splits import select
from nanozoo.evaluate.bootstrap import bootstrap_mean
from nanozoo.evaluate.particles import iou_matrix, match
from nanozoo.io.coco import read_annotations
from nanozoo.workflows.benchmark_methods import find_methods

SPLITS = Path(__file__).parent / "splits"
DATASETS = ("emps", "nanoshapes-tem", "sage-soot-tem")
WIRES = "nanoshapes-tem"
WIRE_RATIO = 4.0
SOOT = "sage-soot-tem"
SECOND_ANNOTATOR = "second annotator"


def f1_50(truth: Instances, found: Instances, wires: bool = False) -> float:
    """F1 of particles matched one to one at an IoU of at least 0.5; 1.0 if there is none.

    Args:
        truth: True particles.
        found: Detections.
        wires: Whether a detection that meets no true particle and is more than `WIRE_RATIO`
            times as long as wide is left out, because it is an unlabelled wire.
    """
    iou = iou_matrix(truth, found)
    rows, _ = match(iou)
    counted = len(found)
    if wires:
        alone = iou.max(axis=0, initial=0.0) == 0
        counted -= sum(
            bool(lone) and aspect_ratio(item) > WIRE_RATIO for lone, item in zip(alone, found)
        )
    total = len(truth) + counted
    return 2 * len(rows) / total if total else 1.0


def aspect_ratio(item: Instance) -> float:
    """Length over width of the smallest rectangle, at any angle, around a mask."""
    points = np.argwhere(item.mask)[:, ::-1].astype(np.float32)
    (_, (width, height), _) = cv2.minAreaRect(points)
    # Distances of centres of pixels are a pixel shorter than what the pixels cover.
    return (max(width, height) + 1) / (min(width, height) + 1)


def part_of(data: Path, dataset: str, part: str) -> list[Sample]:
    """Samples of a part of a dataset."""
    return select(find_samples(data / dataset), SPLITS / f"{dataset}.csv", part)


def second_opinion(data: Path, samples: Sequence[Sample]) -> list[float]:
    """F1 of the second annotator of the soot images against the first."""
    masks = read_annotations(data / SOOT / "instances_masks_annotator2.json")
    scores = []
    for sample in samples:
        truth = sample.truth().instances
        scores.append(f1_50(truth, masks.instances(sample.name, truth.shape)))
    return scores


def scores_of(segment, samples: Sequence[Sample]) -> list[float]:
    """F1 of a method on every image; `segment` takes a micrograph and a dataset's name."""
    scores = []
    for sample in samples:
        found = segment(sample.micrograph(), sample.dataset).instances
        truth = sample.truth().instances
        scores.append(f1_50(truth, found, wires=sample.dataset == WIRES))
        print(f"{sample.dataset} {sample.name}: {scores[-1]:.3f}", file=sys.stderr, flush=True)
    return scores


def table(rows: Sequence[tuple[str, str, Sequence[float]]]) -> str:
    """Markdown of dataset, method and scores."""
    lines = ["| dataset | images | method | mean F1 at IoU 0.5 |", "|---|---|---|---|"]
    for dataset, method, scores in rows:
        mean = bootstrap_mean(np.array(scores))
        text = f"{mean.mean:.3f} [{mean.low:.3f}, {mean.high:.3f}]"
        lines.append(f"| {dataset} | {len(scores)} | {method} | {text} |")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Score every method on every dataset; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--methods", nargs="+", required=True, help="checkpoints or folders")
    add_data(parser)
    parser.add_argument("--datasets", nargs="+", choices=DATASETS, default=DATASETS)
    parser.add_argument("--part", choices=("val", "test"), default="test")
    parser.add_argument("--out", type=Path, default=Path("out/detection"))
    options = parser.parse_args(arguments)

    def work() -> str:
        data, methods = data_folder(options), find_methods(options.methods)
        rows, images = [], []
        for dataset in options.datasets:
            samples = part_of(data, dataset, options.part)
            for method in methods:
                scores = scores_of(method.segment, samples)
                rows.append((dataset, method.name, scores))
                images += [
                    f"{dataset},{s.name},{method.name},{v:.4f}" for s, v in zip(samples, scores)
                ]
            if dataset == SOOT:
                rows.append((dataset, SECOND_ANNOTATOR, second_opinion(data, samples)))
        write_text(
            options.out / "images.csv", "\n".join(["dataset,image,method,f1_50", *images, ""])
        )
        return table(rows)

    return write_report(options.out, work)


if __name__ == "__main__":
    sys.exit(main())
