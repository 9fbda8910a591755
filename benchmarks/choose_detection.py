"""Choose magnifications and thresholds of a detector on validation images, and write them in.

    python benchmarks/choose_detection.py --checkpoint runs/maskrcnn --data $NANOZOO_DATA

Kept is what is furthest above what is asked for (`ASKED`) where it is so least, and of equals
what is so on average: mean F1 of particles at IoU 0.5 on EMPS, nanoshapes-tem and
sage-soot-tem, and of simulated overlaps the share of pairs of which both are found at IoU 0.7
and that of detections that are not extra. Test images are never read, nor validation images of
which half is unlabelled.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from bench_detection import DATASETS, SPLITS, WIRES, f1_50
from choose_inference import validation_samples

from nanozoo.core.instances import Instances
from nanozoo.core.overlap import without_duplicates
from nanozoo.engines.detections import DetectionOptions, Detector, choose_scales
from nanozoo.engines.runtimes.keras_engine import KerasEngine
from nanozoo.evaluate.overlap_pairs import PairScores, pair_scores
from nanozoo.io.micrograph import normalise
from nanozoo.models.checkpoint import open_checkpoint, set_inference
from nanozoo.synth.families import listed_scenes

SIMULATED = "overlap_simulated"
ASKED = {
    "emps": 0.85,
    "nanoshapes-tem": 0.90,
    "sage-soot-tem": 0.45,
    "pairs found": 0.90,
    "not extra": 0.90,
}
ALL_SCALES = (0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0)
SCALES = (
    (0.5,),
    (1.0,),
    (0.25, 0.5, 1.0, 2.0),
    (0.35, 0.7, 1.4),
    ALL_SCALES,
    ALL_SCALES[1:],
    ALL_SCALES[2:],
)
DIAMETERS = (35.0, 40.0, 45.0, 50.0, 55.0)
SCORES = (0.45, 0.5, 0.55, 0.6, 0.65)
DUPLICATES = (0.35, 0.4, 0.45, 0.5)
MASKS = (0.5, 0.4, 0.6)
LOWEST_SCORE, HIGHEST_IOU = 0.4, 0.95
SHOWN = 20


def validation(
    data: Path, scenes: int, clahe: float | None
) -> list[tuple[str, np.ndarray, Instances]]:
    """Dataset, normalised image and true particles of every validation image."""
    images = [
        (
            sample.dataset,
            normalise(sample.micrograph().pixels, clahe=clahe),
            sample.truth().instances,
        )
        for sample in validation_samples(data, DATASETS)
    ]
    listed = listed_scenes(SPLITS / f"{SIMULATED}.csv", "val")
    for number in range(min(scenes, len(listed))):
        scene = listed[number * len(listed) // scenes].simulate()
        images.append((SIMULATED, normalise(scene.pixels, clahe=clahe), scene.instances))
    return images


class Candidates:
    """Particles of a validation image at each magnification, of any score."""

    def __init__(self, dataset: str, truth: Instances, find: Callable[[float], Instances]):
        self.dataset, self.truth, self.find = dataset, truth, cache(find)
        self.kept = cache(self.kept)
        self.united = cache(self.united)

    def kept(self, scale: float, score: float, duplicate_iou: float) -> Instances:
        """Those of a magnification, from a score on, without duplicates."""
        items = [item for item in self.find(scale) if item.score >= score]
        return Instances(self.truth.shape, without_duplicates(items, duplicate_iou))

    def united(
        self, scales: tuple[float, ...], score: float, duplicate_iou: float
    ) -> float | PairScores:
        """Scores of those of several magnifications together."""
        items = [item for scale in scales for item in self.kept(scale, score, duplicate_iou)]
        found = Instances(self.truth.shape, without_duplicates(items, duplicate_iou))
        if self.dataset == SIMULATED:
            return pair_scores(self.truth, found)
        return f1_50(self.truth, found, self.dataset == WIRES)

    def scores(
        self, scales: Sequence[float], diameter: float, score: float, duplicate_iou: float
    ) -> float | PairScores:
        """Scores of what a detector with these options finds."""

        def find(scale: float) -> Instances:
            return self.kept(scale, score, duplicate_iou)

        return self.united(choose_scales(find, scales, diameter), score, duplicate_iou)


def mean_scores(candidates: Sequence[Candidates], choice: tuple) -> dict[str, float]:
    """What is compared of each dataset."""
    groups = defaultdict(list)
    for each in candidates:
        groups[each.dataset].append(each.scores(*choice))
    pairs = groups.pop(SIMULATED, [])
    means = {name: float(np.mean(values)) for name, values in groups.items()}
    if pairs:
        means["pairs found"] = float(np.concatenate([each.found for each in pairs]).mean())
        extra = np.concatenate([each.extra for each in pairs])
        means["not extra"] = 1 - float(extra.mean()) if len(extra) else 1.0
    return means


def margin(result: Mapping[str, float]) -> tuple[float, float]:
    """How far scores are above what is asked for: the least, and the mean."""
    over = [score - ASKED[name] for name, score in result.items()]
    return min(over), float(np.mean(over))


def ranked(results: Mapping[tuple, Mapping[str, float]]) -> list[tuple]:
    """The choices by their scores, the best first."""
    return sorted(results, key=lambda choice: margin(results[choice]), reverse=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Detect once at each magnification that counts for a choice, and compare the choices."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--scenes", type=int, default=60, help="simulated scenes")
    options = parser.parse_args(arguments)
    if not options.checkpoint.is_dir():
        parser.error(f"--checkpoint must be a folder. Received: {options.checkpoint}")
    checkpoint = open_checkpoint(options.checkpoint)
    engine = KerasEngine(checkpoint)
    clahe = checkpoint.inference.get("clahe")
    images = validation(options.data, options.scenes, clahe)

    def detect(mask_threshold: float) -> list[Candidates]:
        chosen = DetectionOptions(LOWEST_SCORE, mask_threshold, HIGHEST_IOU, clahe)

        def at(image: np.ndarray, scale: float) -> Instances:
            return Detector(engine, chosen, scales=(scale,)).detect(image)

        return [Candidates(name, truth, partial(at, image)) for name, image, truth in images]

    candidates = detect(MASKS[0])
    results = {}
    for choice in itertools.product(SCALES, DIAMETERS, SCORES, DUPLICATES):
        if len(choice[0]) > 1 or choice[1] == DIAMETERS[0]:
            results[choice] = mean_scores(candidates, choice)
    best_first = ranked(results)
    for choice in best_first[:SHOWN]:
        print(*choice, results[choice], flush=True)
    best, masks, kept = best_first[0], MASKS[0], results[best_first[0]]
    for threshold in MASKS[1:]:
        result = mean_scores(detect(threshold), best)
        print(f"mask_threshold {threshold}: {result}", flush=True)
        if margin(result) > margin(kept):
            masks, kept = threshold, result

    inference = {
        "scales": list(best[0]),
        "diameter": best[1],
        "score_threshold": best[2],
        "duplicate_iou": best[3],
        "mask_threshold": masks,
    }
    set_inference(options.checkpoint, inference, {"validation": kept})
    print(json.dumps(inference), json.dumps(kept))


if __name__ == "__main__":
    main()
