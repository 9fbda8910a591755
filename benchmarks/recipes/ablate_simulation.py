"""Does training on simulated scenes first help on real micrographs? Three short runs.

    python benchmarks/recipes/ablate_simulation.py --data $NANOZOO_DATA

A UNet with kernels of 3 px starts from ImageNet and sees (a) `--steps` batches of real
crops, (b) as many of simulated ones first, (c) twice as many real ones, which takes as
long as (b). Prints the mean Jaccard coefficient on the validation images of each dataset;
test images are never read.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from unet_em import SHARES, STAGES, samples

from nanozoo.data.examples import ExampleSource, LabelledImage, load_labelled
from nanozoo.data.geometry import Geometry
from nanozoo.data.photometry import Photometry
from nanozoo.evaluate.pixels import pixel_scores
from nanozoo.io.micrograph import normalise
from nanozoo.models.unet import build_unet
from nanozoo.synth.randomise import random_config
from nanozoo.synth.scene import simulate
from nanozoo.training.fit import Schedule, fit


def simulated_images(count: int) -> list[LabelledImage]:
    """Scenes of random settings, of seeds that no split uses."""
    scenes = [simulate(random_config(seed), seed) for seed in range(count)]
    return [
        LabelledImage.from_instances(normalise(scene.pixels), scene.instances, "simulated")
        for scene in scenes
    ]


def mean_jsc(model: keras.Model, held: list[LabelledImage]) -> dict[str, float]:
    """Mean Jaccard coefficient by dataset, on at most 768 px from the top left corner."""
    scores: dict[str, list[float]] = {}
    for item in held:
        image, truth = item.image[:768, :768], item.labels[:768, :768] > 0
        classes = model.predict_on_batch(image[None, ..., None])["classes"]
        found = np.asarray(classes)[0, ..., 1] > 0.5
        scores.setdefault(item.dataset, []).append(pixel_scores(truth, found).jsc)
    return {name: round(float(np.mean(values)), 3) for name, values in scores.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    """Train the three networks one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--crop", type=int, default=160)
    parser.add_argument("--scenes", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)

    real = [load_labelled(sample) for sample in samples(options.data, "train")]
    held = [load_labelled(sample) for sample in samples(options.data, "val")]
    sources = {
        name: ExampleSource(
            images,
            crop=options.crop,
            seed=options.seed,
            shares=shares,
            geometry=Geometry(scale=STAGES[2].scale),
            photometry=Photometry(invert=STAGES[2].invert),
            boundary=True,
        )
        for name, images, shares in (
            ("real", real, SHARES),
            ("simulated", simulated_images(options.scenes), None),
        )
    }
    runs = {
        "real": (("real", 1),),
        "simulated, then real": (("simulated", 1), ("real", 1)),
        "twice as long real": (("real", 2),),
    }
    for title, parts in runs.items():
        keras.utils.set_random_seed(options.seed)
        model = build_unet((None, None, 1), boundary=True, weights_backbone="imagenet")
        for name, times in parts:
            steps = times * options.steps
            fit(model, sources[name], Schedule(steps=steps, round_steps=steps))
            print(f"{title}, after {steps} {name} steps: {mean_jsc(model, held)}", flush=True)


if __name__ == "__main__":
    main()
