"""Choose magnifications and thresholds of a checkpoint on validation images, and write them in.

    python benchmarks/choose_inference.py --checkpoint runs/unet --data $NANOZOO_DATA

The scales and the threshold with the highest mean over datasets of the mean Jaccard
coefficient are kept, then the seed threshold and smallest seed with the highest mean
F1 at IoU 0.5 over the datasets with particles. Test images are never read, nor two
validation images of which half is unlabelled. `--flips` averages over turns and mirror images,
and says so in the checkpoint.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from bench_detection import SPLITS, f1_50, part_of

from nanozoo.data.samples import Sample
from nanozoo.engines.particles import Postprocess, scored
from nanozoo.engines.predictor import Predictor
from nanozoo.evaluate.pixels import pixel_scores
from nanozoo.io.micrograph import normalise
from nanozoo.models.checkpoint import open_checkpoint, set_inference

DATASETS = ("emps", "nanoshapes-tem", "nanocomposite-sem")
SCALES = ((1.0,), (0.75, 0.5), (1.0, 0.5), (1.0, 0.75, 0.5), (1.0, 0.75, 0.5, 0.35))
THRESHOLDS = (0.4, 0.45, 0.5, 0.55, 0.6)
# Small seeds and little debris, so that small particles beside large ones stay particles.
SEEDS = tuple(itertools.product((0.6, 0.7, 0.8, 0.9), (12,), (0.0, 0.2), (12,), (0.0, 0.08)))
# Images of which the dataset leaves about half of the objects unlabelled (nanowires, platelets).
INCOMPLETE = (SPLITS / "incomplete.txt").read_text("utf-8").split()


def validation_samples(data: Path, datasets: Sequence[str]) -> list[Sample]:
    """Validation samples that are labelled throughout."""
    return [
        sample
        for dataset in datasets
        for sample in part_of(data, dataset, "val")
        if sample.name not in INCOMPLETE
    ]


def mean_by_dataset(names: list[str], scores: list[float]) -> dict[str, float]:
    """Mean score of each dataset."""
    groups = defaultdict(list)
    for name, score in zip(names, scores):
        groups[name].append(score)
    return {name: float(np.mean(values)) for name, values in groups.items()}


def main() -> None:
    """Predict every validation image once a scale, then compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--flips", action="store_true")
    options = parser.parse_args()
    if not options.checkpoint.is_dir():
        parser.error(f"--checkpoint must be a folder. Received: {options.checkpoint}")
    checkpoint = open_checkpoint(options.checkpoint)
    model = checkpoint.build()
    single = sorted({scale for scales in SCALES for scale in scales})
    predictors = {
        s: Predictor(checkpoint, model=model, scales=(s,), flips=options.flips) for s in single
    }

    names, truths, maps = [], [], []
    for sample in validation_samples(options.data, DATASETS):
        image = normalise(sample.micrograph().pixels)
        names.append(sample.dataset)
        truths.append(sample.truth())
        by_scale = {s: predictors[s].probabilities(image) for s in single}
        maps.append({s: m.astype(np.float16) for s, m in by_scale.items()})

    def merged(index: int, scales: tuple[float, ...]) -> np.ndarray:
        return np.mean([maps[index][s].astype(np.float32) for s in scales], axis=0)

    results = {}
    for scales in SCALES:
        probabilities = [1 - merged(i, scales)[..., 0] for i in range(len(maps))]
        for threshold in THRESHOLDS:
            post = Postprocess(threshold=threshold)
            scores = [
                pixel_scores(truth.semantic > 0, post.foreground(p)).jsc
                for truth, p in zip(truths, probabilities)
            ]
            results[scales, threshold] = mean_by_dataset(names, scores)
            print("jsc", scales, threshold, results[scales, threshold], flush=True)
    scales, threshold = max(results, key=lambda key: np.mean(list(results[key].values())))

    fields = ("seed_threshold", "min_seed", "merge_ratio", "min_area", "min_relative_diameter")
    seeded = {}
    merges = [merged(index, scales) for index in range(len(maps))]
    for values in SEEDS:
        post = Postprocess(threshold, **dict(zip(fields, values)))
        used, scores = [], []
        for name, truth, both in zip(names, truths, merges):
            if truth.instances is not None:
                probability = 1 - both[..., 0]
                labels = post.separate(probability, both[..., -1])
                used.append(name)
                scores.append(f1_50(truth.instances, scored(labels, probability)))
        seeded[values] = mean_by_dataset(used, scores)
        print("f1_50", values, seeded[values], flush=True)
    best = max(seeded, key=lambda key: np.mean(list(seeded[key].values())))

    inference = {"scales": list(scales), "threshold": threshold, **dict(zip(fields, best))}
    if options.flips:
        inference["flips"] = True
    validation = {"jsc": results[scales, threshold], "f1_50": seeded[best]}
    set_inference(options.checkpoint, inference, {"validation": validation})
    print(json.dumps(inference), json.dumps(validation))


if __name__ == "__main__":
    main()
