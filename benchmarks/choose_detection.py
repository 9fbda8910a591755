"""Choose magnifications and thresholds of a detector on validation images, and write them in.

    python benchmarks/choose_detection.py --checkpoint runs/maskrcnn --data $NANOZOO_DATA

Kept is what has the highest mean over EMPS, nanoshapes-tem, sage-soot-tem and simulated
overlaps of the mean F1 of particles at IoU 0.5 (0.7 for the simulated ones, as is asked of
them). Test images are never read, nor validation images of which half is unlabelled.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
from collections import defaultdict
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from bench_detection import DATASETS, SPLITS, WIRES, f1_50, part_of

from nanozoo.core.files import write_text
from nanozoo.core.instances import Instances
from nanozoo.engines.detections import DetectionOptions, Detector, unite
from nanozoo.evaluate.particles import iou_matrix, match
from nanozoo.io.micrograph import normalise
from nanozoo.models.checkpoint import open_checkpoint
from nanozoo.synth.families import listed_scenes

INCOMPLETE = (SPLITS / "incomplete.txt").read_text("utf-8").split()
SIMULATED = "overlap_simulated"
SCALES = ((1.0,), (0.75,), (1.5,), (1.0, 0.5), (1.0, 2.0), (0.5, 1.0, 2.0))
SCORES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
DUPLICATES = (0.5, 0.6, 0.7, 0.8)
MASKS = (0.4, 0.5, 0.6)
LOWEST_SCORE, HIGHEST_IOU = 0.2, 0.95


def validation(
    data: Path, scenes: int, clahe: float | None
) -> list[tuple[str, np.ndarray, Instances]]:
    """Dataset, normalised image and true particles of every validation image."""
    images = [
        (name, normalise(sample.micrograph().pixels, clahe=clahe), sample.truth().instances)
        for name in DATASETS
        for sample in part_of(data, name, "val")
        if sample.name not in INCOMPLETE
    ]
    for row in listed_scenes(SPLITS / f"{SIMULATED}.csv", "val")[:scenes]:
        scene = row.simulate()
        images.append((SIMULATED, normalise(scene.pixels, clahe=clahe), scene.instances))
    return images


def score(dataset: str, truth: Instances, found: Instances) -> float:
    """F1 of an image, at the IoU that is asked of its dataset."""
    if dataset != SIMULATED:
        return f1_50(truth, found, wires=dataset == WIRES)
    rows, _ = match(iou_matrix(truth, found), 0.7)
    return 2 * len(rows) / max(len(truth) + len(found), 1)


def at_least(candidates: Instances, score: float) -> Instances:
    """The candidates from a score on."""
    return Instances(candidates.shape, [item for item in candidates if item.score >= score])


def main() -> None:
    """Detect once a magnification and mask threshold, then compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--scenes", type=int, default=24, help="simulated scenes")
    options = parser.parse_args()
    checkpoint = open_checkpoint(options.checkpoint)
    model = checkpoint.build()
    clahe = checkpoint.inference.get("clahe")
    images = validation(options.data, options.scenes, clahe)

    def detect(scale: float, mask_threshold: float) -> list[Instances]:
        chosen = DetectionOptions(LOWEST_SCORE, mask_threshold, HIGHEST_IOU, clahe)
        detector = Detector(model, chosen, scales=(scale,))
        return [detector.detect(image) for _, image, _ in images]

    def means(found: list[Instances]) -> dict[str, float]:
        groups = defaultdict(list)
        for (name, _, truth), particles in zip(images, found):
            groups[name].append(score(name, truth, particles))
        return {name: float(np.mean(values)) for name, values in groups.items()}

    def compare(by_scale: dict[float, list[Instances]], choices) -> dict[tuple, dict[str, float]]:
        results = {}
        for scales, least, duplicate_iou in choices:
            found = []
            for index in range(len(images)):
                sure = [at_least(by_scale[scale][index], least) for scale in scales]
                found.append(unite(sure, duplicate_iou))
            results[scales, least, duplicate_iou] = means(found)
            print(scales, least, duplicate_iou, results[scales, least, duplicate_iou], flush=True)
        return results

    def mean(key: tuple) -> float:
        return float(np.mean(list(results[key].values())))

    single = sorted({scale for scales in SCALES for scale in scales})
    by_scale = {scale: detect(scale, 0.5) for scale in single}
    results = compare(by_scale, itertools.product(SCALES, SCORES, DUPLICATES))
    best = max(results, key=mean)
    masks, kept = 0.5, results[best]
    for threshold in MASKS:
        other = {scale: detect(scale, threshold) for scale in best[0]}
        results = compare(other, [best])
        if mean(best) > np.mean(list(kept.values())):
            masks, kept = threshold, results[best]

    path = options.checkpoint / "config.json"
    config = json.loads(path.read_text("utf-8"))
    config["inference"] |= {
        "scales": list(best[0]),
        "score_threshold": best[1],
        "duplicate_iou": best[2],
        "mask_threshold": masks,
    }
    config["notes"]["validation"] = kept
    write_text(path, json.dumps(config, indent=1, sort_keys=True) + "\n")
    print(json.dumps(config["inference"]), json.dumps(kept))


if __name__ == "__main__":
    main()
