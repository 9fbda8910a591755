"""Train a UNet that tells several classes of pixels apart, on a dataset of NASA.

    OUT=runs/unet_superalloy-efficientnet_lite0-v1
    python benchmarks/recipes/unet_classes.py --data $NANOZOO_DATA --out $OUT

`--dataset nasa-ebc --steps 1000 --crop 320` does the same for its oxide layer and cracks. The
parts "train" of the split are trained on; the magnification is chosen on "val"; `--test` scores
"test" once, at the end. An interrupted run goes on from its saved state; `--steps 0` trains
nothing.

Writes classes.md: intersection over union of each class and their mean, pixels of all images
together [95% interval over images].
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

from nanozoo.core.files import write_text
from nanozoo.data.examples import ExampleSource, LabelledImage, load_labelled
from nanozoo.data.geometry import Geometry
from nanozoo.data.photometry import Photometry
from nanozoo.data.samples import find_samples
from nanozoo.data.splits import select
from nanozoo.engines.predictor import Predictor
from nanozoo.evaluate.class_iou import ClassIoU, pooled_class_iou
from nanozoo.models.checkpoint import save_checkpoint, set_inference
from nanozoo.models.unet import build_unet
from nanozoo.training.fit import Schedule, fit
from nanozoo.workflows.shape_report import markdown_table

SPLITS = Path(__file__).parents[1] / "splits"


@dataclass(frozen=True)
class Material:
    """What a dataset shows, and how its images are enlarged.

    Args:
        classes: Names of the classes.
        scale: Least and greatest magnification of the crops; sizes tell some classes.
        tried: Magnifications, of which the best on "val" is kept.
        upright: Whether all images have the same side up, as coatings on their substrate.
    """

    classes: tuple[str, ...]
    scale: tuple[float, float]
    tried: tuple[tuple[float, ...], ...]
    upright: bool = False


MATERIALS = {
    "nasa-superalloy": Material(
        ("matrix", "secondary", "tertiary"), (1.0, 2.0), ((1.0,), (1.5,), (2.0,), (1.0, 1.5, 2.0))
    ),
    "nasa-ebc": Material(
        ("other", "oxide", "crack"),
        (0.25, 0.7),
        ((0.25,), (0.35,), (0.5,), (0.25, 0.35, 0.5)),
        upright=True,
    ),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Train what is left of the steps, choose the magnification, and score."""
    options = _options(arguments)
    material = MATERIALS[options.dataset]
    parts = {part: _images(options, part) for part in ("train", "val")}
    if options.steps:
        keras.utils.set_random_seed(options.seed)
        _train(options, material, parts["train"])
    lines = []
    if options.steps:
        scored = [
            (score(options.out, parts["val"], material, scales).mean, scales)
            for scales in material.tried
        ]
        lines += [f"val, magnified {scales}: {mean:.4f}" for mean, scales in scored]
        set_inference(options.out, {"scales": max(scored)[1]})
    for part in ("val", "test") if options.test else ("val",):
        lines.append(row(part, score(options.out, _images(options, part), material), material))
    text = "\n".join(lines) + "\n"
    write_text(options.out / "classes.md", text)
    print(text)


def row(part: str, found: ClassIoU, material: Material) -> str:
    """Markdown: the classes of one part, and their mean."""
    mean = f"{found.mean:.3f} [{found.low:.3f}, {found.high:.3f}]"
    values = (part, *(f"{value:.3f}" for value in found.classes), mean)
    return markdown_table(("part", *material.classes, "mean"), [values])


def score(
    out: Path,
    images: Sequence[LabelledImage],
    material: Material,
    scales: tuple[float, ...] | None = None,
) -> ClassIoU:
    """Segment images with a checkpoint, and compare classes."""
    predictor = Predictor(out, scales=scales)
    pairs = ((one.semantic, predictor.segment(one.image).classes) for one in images)
    return pooled_class_iou(pairs, len(material.classes))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", choices=MATERIALS, default="nasa-superalloy")
    start = "unet-efficientnet_lite0-em-v2"
    parser.add_argument("--start", default=start, help="encoder's first weights")
    add_training(parser, steps=800)
    return parser.parse_args(arguments)


def add_training(parser: argparse.ArgumentParser, steps: int) -> None:
    """Add the options of a training, see `train_unet`, and `--data` and `--test`."""
    add = parser.add_argument
    add("--data", type=Path, required=True, help="folder of datasets")
    add("--out", type=Path, required=True)
    add("--steps", type=int, default=steps, help="optimizer steps; 0 only scores")
    add("--batch-size", type=int, default=4)
    add("--crop", type=int, default=256, help="side of the crops, px")
    add("--learning-rate", type=float, default=1e-3)
    add("--round-steps", type=int, default=250)
    add("--seed", type=int, default=0)
    add("--test", action="store_true", help="score the test images, too")


def _images(options: argparse.Namespace, part: str) -> list[LabelledImage]:
    names = MATERIALS[options.dataset].classes[1:]
    samples = find_samples(options.data / options.dataset, classes=names)
    chosen = select(samples, SPLITS / f"{options.dataset}.csv", part)
    return [load_labelled(sample, binary=False) for sample in chosen]


def _train(
    options: argparse.Namespace, material: Material, images: Sequence[LabelledImage]
) -> None:
    source = ExampleSource(
        images,
        crop=options.crop,
        seed=options.seed,
        geometry=Geometry(scale=material.scale, flips=not material.upright),
        photometry=Photometry(invert=0.0),
        boundary=True,
    )
    about = {"data": options.dataset, "scale": material.scale}
    train_unet(options, source, material.classes, options.start, about)


def train_unet(
    options: argparse.Namespace,
    source: ExampleSource,
    classes: Sequence[str],
    start: str,
    about: dict[str, object],
) -> None:
    """Train a UNet with boundaries, and write its checkpoint.

    Args:
        options: Those of `add_training`.
        source: Its crops.
        classes: Names of the classes, background first.
        start: What the encoder starts from.
        about: What else makes the run what it is, as JSON values; it joins the checkpoint's notes.
    """
    arguments = {
        "num_classes": len(classes),
        "backbone": "efficientnet_lite0",
        "kernel_size": 3,
        "boundary": True,
    }
    model = build_unet((None, None, 1), **arguments, weights_backbone=start)
    schedule = Schedule(
        steps=options.steps,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        round_steps=min(options.round_steps, options.steps),
    )
    notes = {"from": start, "seed": options.seed, "steps": options.steps, **about}
    fit(model, source, schedule, out=options.out, run={**notes, "crop": options.crop})
    save_checkpoint(
        model,
        options.out,
        name=options.out.name,
        builder="unet",
        arguments=arguments,
        classes=tuple(classes),
        notes=notes,
    )


if __name__ == "__main__":
    main()
