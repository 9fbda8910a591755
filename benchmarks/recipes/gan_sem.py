"""Train a GAN on 200 micrographs, simulated SEM scenes or patches of emps.

    python benchmarks/recipes/gan_sem.py --size 64 --seed 1 --out runs/gan64_1

Scenes are simulated at 256 x 256 px and scaled to `--size`; patches of emps are cut at
256 x 256 px out of micrographs of the part "train". Real images to compare with are other scenes,
or patches of the part "val". Weights trained on emps are not for shipping: its images are figures
of articles, whose publishers' rights its licence does not clear, and a generator may repeat them.
An interrupted run goes on from its saved state; `--steps 0` trains nothing and reports again.

Writes report/report.md, which says whether the samples collapsed, and its figures. Asked for at
the end of the steps: MS-SSIM among samples no more than 0.05 above that among real images.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.data.samples import find_samples
from nanozoo.data.splits import select
from nanozoo.data.textures import TextureImages, prepare_texture
from nanozoo.evaluate.similarity import similarity_among
from nanozoo.models.checkpoint import save_checkpoint
from nanozoo.models.gan import build_gan, fitting_filters
from nanozoo.synth import SceneConfig, random_config, simulate
from nanozoo.training.fit import Schedule, fit
from nanozoo.workflows.generated_report import report_checkpoint

SPLITS = Path(__file__).parents[1] / "splits"
SIDE = 256
COUNT = 200
SEEDS = {"train": 6_100_000, "reference": 6_200_000}
"""Seed of the first scene of each part; the next ones count on from it."""

WATCHED = 200
"""Samples whose similarity joins the history after every round."""

PARTS = {"train": "train", "reference": "val"}
"""Part of the split of emps that each part is cut from."""


def scene_config(seed: int) -> SceneConfig:
    """Settings of an SEM scene of convex particles, 36 to 72 px across, without annotations."""
    rng = np.random.default_rng((seed, 1))
    return replace(
        random_config(seed, shape=(SIDE, SIDE), modality="sem", annotated=False),
        shapes=(str(rng.choice(("sphere", "polyhedron", "cube"))),),
        size_distribution="poly",
        size_spread=float(rng.uniform(0.1, 0.3)),
        mean_diameter=float(rng.uniform(36, 72)),
        coverage=float(rng.uniform(0.15, 0.45)),
        overlap=str(rng.choice(("none", "touching", "free"))),
        contrast=float(rng.uniform(0.4, 0.8)),
        dose=float(np.exp(rng.uniform(np.log(100), np.log(1000)))),
        debris=0.0,
    )


def scenes(part: str, count: int = COUNT) -> list[np.ndarray]:
    """Simulated scenes `(256, 256)` uint8 of a part of `SEEDS`."""
    seeds = range(SEEDS[part], SEEDS[part] + count)
    return [simulate(scene_config(seed), seed).pixels for seed in seeds]


def patches(data: Path | None, part: str, count: int = COUNT) -> list[np.ndarray]:
    """Patches `(256, 256)` of micrographs of emps, of each in turn, at random places."""
    if data is None:
        raise UserError("Expected the folder of emps: set NANOZOO_DATA, or give --folder DIR.")
    samples = select(find_samples(Path(data) / "emps"), SPLITS / "emps.csv", PARTS[part])
    grey = [sample.micrograph().pixels for sample in samples[:count]]
    grey = [pixels for pixels in grey if min(pixels.shape[:2]) >= SIDE]
    rng = np.random.default_rng(SEEDS[part])
    found = []
    for number in range(count):
        pixels = grey[number % len(grey)]
        top, left = (int(rng.integers(side - SIDE + 1)) for side in pixels.shape[:2])
        found.append(pixels[top : top + SIDE, left : left + SIDE])
    return found


def images(options: argparse.Namespace, part: str) -> np.ndarray:
    """Micrographs of a part at the asked size: `(200, size, size)` float32 in [0, 1]."""
    found = scenes(part) if options.data == "scenes" else patches(options.folder, part)
    return np.stack([prepare_texture(one, options.size, 0.0, False) for one in found])


def main(arguments: Sequence[str] | None = None) -> None:
    """Train what is left of the steps and report."""
    options = _options(arguments)
    keras.utils.set_random_seed(options.seed)
    train = images(options, "train")
    if options.steps:
        _train(options, train)
    report = report_checkpoint(
        options.out, images(options, "reference"), options.out / "report", train=train
    )
    print(report.text)


def watch(model: keras.Model) -> dict[str, float]:
    """Similarity among samples, which rises where a generator collapses."""
    samples = model.sample(WATCHED)[..., 0]
    return {"sample_similarity": similarity_among(samples).mean}


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--out", type=Path, required=True)
    add("--data", choices=("scenes", "emps"), default="scenes")
    add("--folder", type=Path, default=os.environ.get("NANOZOO_DATA"), help="where emps lies")
    add("--size", type=int, choices=(64, 128, 256), default=64)
    add("--seed", type=int, default=0)
    add("--steps", type=int, default=1500, help="optimizer steps; 0 only reports")
    add("--batch-size", type=int, default=8)
    add("--learning-rate", type=float, default=1e-3)
    add("--round-steps", type=int, default=100)
    return parser.parse_args(arguments)


def _train(options: argparse.Namespace, train: np.ndarray) -> None:
    model = build_gan((options.size, options.size, 1))
    schedule = Schedule(
        steps=options.steps,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        optimizer="adam",
        momentum=0.0,
        second_momentum=0.9,
        final_share=1.0,
        round_steps=min(options.round_steps, options.steps),
    )
    source = TextureImages(train, seed=options.seed)
    notes = {
        "data": options.data,
        "images": len(train),
        "seed": options.seed,
        "steps": options.steps,
        "batch_size": options.batch_size,
        "learning_rate": options.learning_rate,
    }
    run = {**notes, "size": options.size}
    fit(model, source, schedule, out=options.out, run=run, validate=watch)
    save_checkpoint(
        model,
        options.out,
        name=options.out.name,
        builder="gan",
        arguments={"filters": fitting_filters((options.size, options.size, 1))},
        classes=(),
        inference={"size": options.size},
        notes=notes,
    )


if __name__ == "__main__":
    main()
