"""How fast examples are made, and how long a training step waits for them; print Markdown.

    pip install albumentations
    taskset -c 0 python benchmarks/bench_pipeline.py --peer albumentations

Crops are cut out of simulated scenes of 768 x 768 px. albumentations makes the same changes with
the same probabilities: an affine map of image and labels, inversion, contrast, gamma, blur,
Gaussian and counting noise, and dropout; what it has not (a gradient of brightness, superpixels)
neither does here. Both work in turns on one thread, and the ratio is that of the medians. The
share of waiting is 1 - (time of a step on one batch again and again) / (time of a step on the
pipeline), of a UNet on efficientnet_lite0.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import cv2
import numpy as np
from bench_cli import write_report

from nanozoo.core.errors import UserError
from nanozoo.data.examples import ExampleSource, LabelledImage
from nanozoo.data.geometry import Geometry
from nanozoo.data.photometry import Photometry
from nanozoo.io.micrograph import normalise
from nanozoo.synth import random_config, simulate
from nanozoo.workflows.shape_report import markdown_table

SIDE, SEED = 768, 7_100_000
GEOMETRY = Geometry()
PHOTOMETRY = Photometry(gradient=0.0, superpixels=0.0)


def scenes(count: int) -> list[LabelledImage]:
    """Simulated scenes."""
    made = (simulate(random_config(seed, shape=(SIDE, SIDE)), seed) for seed in seeds(count))
    return [
        LabelledImage.from_instances(
            normalise(one.pixels).astype(np.float32), one.instances, "simulated"
        )
        for one in made
    ]


def seeds(count: int) -> range:
    """Seeds that no other list has."""
    return range(SEED, SEED + count)


def peer(images: Sequence[LabelledImage], crop: int, seed: int) -> Callable[[int], object]:
    """What makes an example with albumentations.

    Raises:
        UserError: If it is not installed.
    """
    try:
        import albumentations as changes
    except ImportError as error:
        raise UserError(
            "Expected albumentations for --peer: pip install albumentations."
        ) from error
    low, high = GEOMETRY.scale
    chain = changes.Compose(
        [
            changes.SquareSymmetry(p=1.0),
            changes.Affine(
                scale=(low, high),
                rotate=(-GEOMETRY.rotate, GEOMETRY.rotate),
                shear=(-GEOMETRY.shear, GEOMETRY.shear),
                border_mode=cv2.BORDER_REFLECT_101,
                p=1.0,
            ),
            changes.RandomCrop(crop, crop),
            changes.RandomGamma(gamma_limit=(50, 200), p=PHOTOMETRY.gamma),
            changes.RandomBrightnessContrast(0.2, 0.5, p=PHOTOMETRY.contrast),
            changes.GaussianBlur(sigma_limit=(0.4, 1.5), p=PHOTOMETRY.blur),
            changes.ShotNoise(scale_range=(0.001, 0.06), p=PHOTOMETRY.poisson),
            changes.GaussNoise(std_range=(0.01, 0.12), p=PHOTOMETRY.gaussian),
            changes.CoarseDropout(
                num_holes_range=(1, 4), hole_height_range=(2, crop // 8),
                hole_width_range=(2, crop // 8), p=PHOTOMETRY.dropout,
            ),
            changes.InvertImg(p=PHOTOMETRY.invert),
        ],
        seed=seed,
    )  # fmt: skip

    def example(index: int) -> object:
        one = images[index % len(images)]
        return chain(image=one.image[..., None], mask=one.labels.astype(np.int32))

    return example


def per_second(example: Callable[[int], object], start: int, count: int) -> float:
    """Examples a second of processor time, so that other load counts little."""
    begin = time.process_time()
    for index in range(start, start + count):
        example(index)
    return count / (time.process_time() - begin)


def waiting(source: ExampleSource, steps: int) -> tuple[float, float]:
    """Seconds of a training step on the pipeline, and on one batch that is there already."""
    import tensorflow as tf

    from nanozoo.data.pipeline import input_pipeline
    from nanozoo.models.unet import build_unet
    from nanozoo.training.fit import Schedule, compile_model

    model = build_unet((source.crop, source.crop, 1), boundary=source.boundary)
    compile_model(model, Schedule(steps=100))
    first = next(iter(input_pipeline(source, 4, 1)))
    kinds = {
        "fed": lambda start: input_pipeline(source, 4, steps, start=start),
        "again": lambda start: tf.data.Dataset.from_tensors(first).repeat(steps),
    }
    times: dict[str, list[float]] = {name: [] for name in kinds}
    for turn in range(4):
        for name, make in kinds.items():
            data, begin = make(turn * steps), time.perf_counter()
            model.fit(data, epochs=1, shuffle=False, verbose=0)
            times[name].append((time.perf_counter() - begin) / steps)
    return tuple(statistics.median(times[name][1:]) for name in kinds)


def main(arguments: Sequence[str] | None = None) -> int:
    """Time both; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", choices=("albumentations",))
    parser.add_argument("--scenes", type=int, default=12)
    parser.add_argument("--count", type=int, default=200, help="examples a turn")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--crop", type=int, default=256)
    parser.add_argument("--steps", type=int, default=12, help="training steps a turn; 0 for none")
    parser.add_argument("--out", type=Path, default=Path("out/pipeline"))
    options = parser.parse_args(arguments)

    def work() -> str:
        images = scenes(options.scenes)
        shared = {"crop": options.crop, "geometry": GEOMETRY, "photometry": PHOTOMETRY}
        source = ExampleSource(images, **shared)
        makers = {"nanozoo": source.example}
        if options.peer:
            makers[options.peer] = peer(images, options.crop, 0)
        cv2.setNumThreads(1)
        speeds: dict[str, list[float]] = {name: [] for name in makers}
        for turn in range(options.turns):
            for name, example in makers.items():
                speeds[name].append(per_second(example, turn * options.count, options.count))
        middle = {name: statistics.median(values) for name, values in speeds.items()}
        rows = [
            (name, f"{value:.0f}", f"{middle['nanozoo'] / value:.2f}")
            for name, value in middle.items()
        ]
        head = ("pipeline", "examples a second and core", "nanozoo is so many times as fast")
        text = markdown_table(head, rows)
        if options.steps:
            fed, again = waiting(ExampleSource(images, boundary=True, **shared), options.steps)
            text += (
                f"\nA training step of 4 crops takes {fed:.3f} s, {again:.3f} s on a batch that "
                f"is there already: {max(1 - again / fed, 0):.1%} of it is waiting.\n"
            )
        return text

    return write_report(options.out, work)


if __name__ == "__main__":
    sys.exit(main())
