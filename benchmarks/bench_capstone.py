"""Do images of high contrast and larger kernels mend a network's failures? Print Markdown.

    taskset -c 1 python benchmarks/bench_capstone.py --data DIR --out out/capstone

Groom's capstone adds 100 images of high contrast to the training images, because its networks are
worse where contrast is higher, and takes kernels of 7 px, because they fail on particles above
45 px. Here networks are trained alike, for as many steps from the encoder of ImageNet, on all
training images of EMPS, on all but the 100 of highest contrast, and on all but 100 drawn by the
seed, which tells contrast from number. All are scored with the thresholding methods on the test
images of EMPS, by contrast and by diameter. An interrupted run goes on with the next network.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from bench_accuracy import report
from bench_cli import add_data, data_folder, write_report
from bench_detection import SPLITS, part_of

import nanozoo.models  # noqa: F401  (fills the registry)
from nanozoo.core.errors import UserError
from nanozoo.core.registry import MODELS
from nanozoo.data.examples import ExampleSource, LabelledImage, load_labelled
from nanozoo.data.geometry import Geometry
from nanozoo.data.photometry import Photometry
from nanozoo.evaluate.contrast import image_contrast
from nanozoo.models.checkpoint import open_checkpoint, save_checkpoint
from nanozoo.training.fit import Schedule, fit
from nanozoo.workflows.benchmark import benchmark
from nanozoo.workflows.progress import progress_bar

DATASET = "emps"
THRESHOLDING = ("otsu", "local", "hybrid")
"""The capstone's global, local and hybrid thresholding."""

LEFT_OUT = 100
INFERENCE = {"scales": [1.0, 0.5], "threshold": 0.45, "seed_threshold": 0.8}
"""Of every network; nothing is chosen here."""


@dataclass(frozen=True)
class Run:
    """One network.

    Args:
        model: Name in the registry of models.
        kernel_size: Of the decoder, px.
        images: "all", "no_high_contrast" or "fewer", see above.
    """

    model: str
    kernel_size: int
    images: str

    @property
    def name(self) -> str:
        """Such as unet7_all."""
        return f"{self.model}{self.kernel_size}_{self.images}"


RUNS = (
    Run("unet", 3, "no_high_contrast"),
    Run("unet", 3, "fewer"),
    Run("unet", 3, "all"),
    Run("unet", 7, "no_high_contrast"),
    Run("unet", 7, "all"),
    Run("fpn", 3, "no_high_contrast"),
    Run("fpn", 3, "all"),
    Run("linknet", 3, "no_high_contrast"),
    Run("linknet", 3, "all"),
    Run("unet", 5, "all"),
    Run("unet", 9, "all"),
)


def chosen(images: Sequence[LabelledImage], which: str, seed: int) -> list[LabelledImage]:
    """The training images of a run; those without a contrast stay."""
    if which == "all":
        return list(images)
    if which == "fewer":
        out = np.random.default_rng(seed).permutation(len(images))[:LEFT_OUT]
    else:
        contrast = [image_contrast(one.image, one.particles, one.semantic > 0) for one in images]
        out = np.argsort(-np.nan_to_num(contrast), kind="stable")[:LEFT_OUT]
    left = set(out.tolist())
    return [one for place, one in enumerate(images) if place not in left]


def train(run: Run, images: Sequence[LabelledImage], options: argparse.Namespace) -> None:
    """Train one network, and write its checkpoint into a folder with its name."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(options.seed)
    arguments = {
        "num_classes": 2,
        "backbone": "efficientnet_lite0",
        "kernel_size": run.kernel_size,
        "boundary": True,
    }
    build = MODELS.get(run.model)
    model = build((None, None, 1), **arguments, weights_backbone="imagenet")
    source = ExampleSource(
        chosen(images, run.images, options.seed),
        crop=options.crop,
        seed=options.seed,
        geometry=Geometry(scale=(0.35, 1.2)),
        photometry=Photometry(invert=0.35),
        boundary=True,
    )
    schedule = Schedule(steps=options.steps, warmup=options.steps // 10)
    fit(model, source, schedule, verbose=0)
    save_checkpoint(
        model,
        options.out / run.name,
        name=run.name,
        builder=run.model,
        arguments=arguments,
        inference=INFERENCE,
        notes=_notes(run, options),
    )


def is_trained(run: Run, options: argparse.Namespace) -> bool:
    """Whether the folder of a run holds its network already.

    Raises:
        UserError: If it was trained with other options.
    """
    out = options.out / run.name
    if not (out / "config.json").exists():
        return False
    if open_checkpoint(out).notes != _notes(run, options):
        raise UserError(
            f"{out} was trained with other options: give another folder for --out. "
            f"Received: {open_checkpoint(out).notes}"
        )
    return True


def _notes(run: Run, options: argparse.Namespace) -> dict[str, object]:
    settings = {"seed": options.seed, "steps": options.steps, "crop": options.crop}
    return settings | asdict(run)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train what is not there yet, and score; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_data(parser)
    add = parser.add_argument
    add("--out", type=Path, default=Path("out/capstone"))
    add("--steps", type=int, default=500, help="of 4 crops")
    add("--crop", type=int, default=160, help="side of the crops, px")
    add("--seed", type=int, default=0)
    options = parser.parse_args(arguments)

    def work() -> str:
        folder = data_folder(options)
        missing = [run for run in RUNS if not is_trained(run, options)]
        images = [load_labelled(one) for one in part_of(folder, DATASET, "train")]
        for run in missing:
            train(run, images, options)
            print(run.name, file=sys.stderr, flush=True)
        methods = [*THRESHOLDING, *(str(options.out / run.name) for run in RUNS)]
        out = options.out / "scores"
        with progress_bar() as show:
            scored = benchmark(
                [folder / DATASET], methods, out, split="test", splits=SPLITS, progress=show
            )
        return report(scored)

    return write_report(options.out, work)


if __name__ == "__main__":
    sys.exit(main())
