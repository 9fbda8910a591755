"""Which loss a small UNet learns most by in few steps, on simulated scenes; a Markdown report.

    nice -n 10 python benchmarks/bench_losses.py --out out/losses

Every run starts from the same weights and sees the same crops. Scenes are of
splits/synthetic.csv: the first `--scenes` of each family of the parts train and test. Nothing is
chosen here: all losses have their defaults.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.core.files import write_text
from nanozoo.core.registry import LOSSES
from nanozoo.data.examples import ExampleSource, LabelledImage
from nanozoo.evaluate.bootstrap import bootstrap_mean
from nanozoo.evaluate.pixels import pixel_scores
from nanozoo.io.micrograph import normalise
from nanozoo.models.unet import build_unet
from nanozoo.synth.families import listed_scenes
from nanozoo.training.fit import Schedule, fit
from nanozoo.workflows.training_loss import TrainingLoss

SPLIT = Path(__file__).parent / "splits" / "synthetic.csv"
SIDE, CROP, SMALL_PX = 128, 64, 10
WEIGHTED = (
    ("cross_entropy_dice, balanced classes", TrainingLoss(class_weights="balanced")),
    ("cross_entropy_dice, size weights", TrainingLoss(size_weights=True)),
    ("focal, balanced classes", TrainingLoss("focal", "balanced")),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train by each loss; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenes", type=int, default=2, help="scenes of each family and part")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--losses", nargs="+", help="only these rows")
    parser.add_argument("--out", type=Path, default=Path("out/losses"))
    options = parser.parse_args(arguments)
    rows = {name: TrainingLoss(name) for name in LOSSES.names()} | dict(WEIGHTED)
    try:
        runs = {name: rows.get(name) or TrainingLoss(name) for name in options.losses or rows}
        train, test = (scenes(part, options.scenes) for part in ("train", "test"))
        text = [
            f"{len(train)} scenes train and {len(test)} test, {SIDE} x {SIDE} px; "
            f"{options.steps} steps of 4 crops of {CROP} px; seed {options.seed}. [95% bootstrap "
            "intervals over scenes.]",
            "",
            f"| loss | JSC | recall of pixels of particles below {SMALL_PX} px |",
            "| --- | --- | --- |",
        ]
        for name, wanted in runs.items():
            model = trained(wanted, train, options.steps, options.seed)
            text.append(" | ".join((f"| {name}", *scores(model, test))) + " |")
            print(text[-1], flush=True)
        write_text(options.out / "report.md", "\n".join(text) + "\n")
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def scenes(part: str, count: int) -> list[LabelledImage]:
    """The first `count` scenes of each family of a part."""
    chosen, seen = [], {}
    for scene in listed_scenes(SPLIT, part):
        family = scene.preset, scene.modality
        seen[family] = seen.get(family, 0) + 1
        if seen[family] <= count:
            made = scene.simulate((SIDE, SIDE))
            image = normalise(made.pixels)
            chosen.append(LabelledImage.from_instances(image, made.instances, "simulated"))
    return chosen


def trained(
    wanted: TrainingLoss, images: list[LabelledImage], steps: int, seed: int
) -> keras.Model:
    """A small UNet after its training."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    model = build_unet((None, None, 1), backbone="plain", decoder_filters=(16,) * 5)
    loss = wanted.of(images, 2)
    source = wanted.source(ExampleSource(images, crop=CROP, seed=seed), loss, 2)
    schedule = Schedule(steps, batch_size=4, warmup=min(20, steps // 2), round_steps=steps)
    fit(model, source, schedule, loss=loss, verbose=0)
    return model


def scores(model: keras.Model, images: list[LabelledImage]) -> tuple[str, str]:
    """Jaccard coefficient, and recall of pixels of small particles, with intervals."""
    batch = np.stack([image.image for image in images])[..., None]
    found = model.predict(batch, batch_size=8, verbose=0).argmax(axis=-1) > 0
    jaccard = [pixel_scores(image.labels > 0, one).jsc for image, one in zip(images, found)]
    recall = []
    for image, one in zip(images, found):
        areas = np.bincount(image.labels.ravel())
        small = (np.sqrt(4 * areas / np.pi) < SMALL_PX)[image.labels] & (image.labels > 0)
        recall.append(one[small].mean() if small.any() else np.nan)
    return tuple(
        f"{mean.mean:.3f} [{mean.low:.3f}, {mean.high:.3f}]"
        for mean in (bootstrap_mean(np.array(values)) for values in (jaccard, recall))
    )


if __name__ == "__main__":
    raise SystemExit(main())
