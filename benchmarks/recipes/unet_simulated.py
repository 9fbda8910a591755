"""Train a UNet on simulated micrographs alone, and score it on real ones.

    python benchmarks/recipes/unet_simulated.py --data $NANOZOO_DATA --out runs/unet_simulated

No real micrograph is trained on. Scenes are those of `realistic_config`, with annotations; their
seeds belong to no other part. The encoder starts from ImageNet. Magnifications and threshold are
chosen on the parts "val" of emps and nanoshapes-tem; `--test` scores the parts "test" once, at the
end. An interrupted run goes on from its saved state; `--steps 0` trains nothing.

Writes simulated.md: mean Jaccard coefficient of the foreground and F1 of particles at an IoU of
0.5 [95% interval over images].
"""

from __future__ import annotations

import argparse
import itertools
import os
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from unet_classes import add_training, train_unet

from nanozoo.core.files import write_text
from nanozoo.data.examples import ExampleSource, LabelledImage, load_labelled
from nanozoo.data.geometry import Geometry
from nanozoo.data.photometry import Photometry
from nanozoo.data.samples import find_samples
from nanozoo.data.splits import select
from nanozoo.engines.particles import Postprocess
from nanozoo.engines.predictor import Predictor
from nanozoo.evaluate.bootstrap import bootstrap_mean
from nanozoo.evaluate.particles import particle_scores
from nanozoo.evaluate.pixels import pixel_scores
from nanozoo.io.micrograph import normalise
from nanozoo.models.checkpoint import set_inference
from nanozoo.synth import realistic_config, simulate
from nanozoo.workflows.shape_report import interval_text, markdown_table

SPLITS = Path(__file__).parents[1] / "splits"
INCOMPLETE = (SPLITS / "incomplete.txt").read_text("utf-8").split()
DATASETS = ("emps", "nanoshapes-tem")
FIRST_SEED = 6_400_000
SIDE = 320
SCALES = ((1.0,), (0.75,), (0.5,), (1.0, 0.5), (1.0, 0.75, 0.5))
THRESHOLDS = (0.3, 0.4, 0.5, 0.6)


def scenes(count: int) -> list[LabelledImage]:
    """Simulated scenes `(320, 320)`."""
    found = []
    for seed in range(FIRST_SEED, FIRST_SEED + count):
        scene = simulate(realistic_config(seed, shape=(SIDE, SIDE)), seed)
        image = normalise(scene.pixels).astype(np.float32)
        found.append(LabelledImage.from_instances(image, scene.instances, "simulated"))
    return found


def real_images(data: Path, dataset: str, part: str) -> list[LabelledImage]:
    """Micrographs of a part; of "val" only those that are labelled throughout."""
    samples = select(find_samples(data / dataset), SPLITS / f"{dataset}.csv", part)
    kept = (one for one in samples if part == "test" or one.name not in INCOMPLETE)
    return [load_labelled(one) for one in kept]


def choose(out: Path, images: dict[str, list[LabelledImage]]) -> dict[str, object]:
    """Magnifications and threshold with the highest mean over datasets of the mean JSC."""
    predictors = {scale: Predictor(out, scales=(scale,)) for scale in (1.0, 0.75, 0.5)}
    maps = {
        name: [
            {s: 1 - one.probabilities(image.image)[..., 0] for s, one in predictors.items()}
            for image in own
        ]
        for name, own in images.items()
    }
    results = {}
    for scales, threshold in itertools.product(SCALES, THRESHOLDS):
        rule = Postprocess(threshold=threshold)
        results[scales, threshold] = np.mean([
            np.mean([
                pixel_scores(
                    image.semantic > 0, rule.foreground(np.mean([found[s] for s in scales], 0))
                ).jsc
                for image, found in zip(own, maps[name])
            ])
            for name, own in images.items()
        ])  # fmt: skip
        print(scales, threshold, f"{results[scales, threshold]:.4f}", flush=True)
    scales, threshold = max(results, key=results.get)
    return {"scales": list(scales), "threshold": threshold}


def score(out: Path, images: Sequence[LabelledImage]) -> tuple[str, str]:
    """Jaccard coefficient and F1 over images, with their intervals."""
    predictor = Predictor(out)
    rows = []
    for one in images:
        seen = predictor.segment(one.image)
        jsc = pixel_scores(one.semantic > 0, seen.foreground).jsc
        rows.append((jsc, particle_scores(one.particles, seen.instances).f1_50))
    jsc, f1 = (interval_text(bootstrap_mean(np.array(column)), 3) for column in zip(*rows))
    return jsc, f1


def main(arguments: Sequence[str] | None = None) -> None:
    """Train what is left of the steps, choose the inference, and score."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_training(parser, steps=2500)
    parser.add_argument("--scenes", type=int, default=2000)
    options = parser.parse_args(arguments)
    parts = ("val", "test") if options.test else ("val",)
    if options.steps:
        keras.utils.set_random_seed(options.seed)
        _train(options)
        held = {name: real_images(options.data, name, "val") for name in DATASETS}
        set_inference(options.out, choose(options.out, held))
    rows = [
        (part, name, *score(options.out, real_images(options.data, name, part)))
        for part in parts
        for name in DATASETS
    ]
    text = markdown_table(("part", "dataset", "JSC", "F1 at IoU 0.5"), rows)
    write_text(options.out / "simulated.md", text)
    print(text)


def _train(options: argparse.Namespace) -> None:
    source = ExampleSource(
        scenes(options.scenes),
        crop=options.crop,
        seed=options.seed,
        geometry=Geometry(scale=(0.6, 1.5)),
        photometry=Photometry(invert=0.2),
        boundary=True,
    )
    about = {"data": f"{options.scenes} simulated scenes from seed {FIRST_SEED}"}
    train_unet(options, source, ("background", "particle"), "imagenet", about)


if __name__ == "__main__":
    main()
