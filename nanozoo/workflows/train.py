"""Train a model on folders of micrographs and masks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras

from nanozoo.core.checks import check_int
from nanozoo.core.errors import UserError
from nanozoo.core.files import check_writable
from nanozoo.core.progress import Progress, Watcher
from nanozoo.core.registry import BACKBONES, MODELS
from nanozoo.data.samples import Sample, scan_samples
from nanozoo.data.splits import select
from nanozoo.engines.predictor import Predictor
from nanozoo.models.checkpoint import Checkpoint, save_checkpoint
from nanozoo.training.fit import Schedule, fit
from nanozoo.training.losses import SegmentationLoss
from nanozoo.training.strategy import strategy
from nanozoo.training.tensorboard import TensorBoardLog
from nanozoo.workflows.tasks import task_of
from nanozoo.workflows.training_loss import TrainingLoss
from nanozoo.workflows.validation import AnyImage, mean_scores

SHOWN = 2
"""Images whose activations TensorBoard shows."""


@dataclass(frozen=True)
class TrainResult:
    """What `train` made.

    Args:
        checkpoint: The trained checkpoint, in the output folder.
        history: One dict a round: "step", the losses, and where images validate the scores of
            `nanozoo.workflows.validation.mean_scores`.
        errors: A sentence for each file that was left out.
    """

    checkpoint: Checkpoint
    history: tuple[dict[str, float], ...]
    errors: tuple[str, ...]


def train(
    data: str | Path | Sequence[str | Path],
    out: str | Path,
    *,
    model: str = "unet",
    backbone: str = "efficientnet_lite0",
    kernel_size: int = 3,
    classes: Sequence[str] = (),
    steps: int | None = 3000,
    epochs: int | None = None,
    batch_size: int = 4,
    crop: int = 256,
    learning_rate: float = 1e-3,
    seed: int = 0,
    loss: str | SegmentationLoss | None = None,
    class_weights: str | Sequence[float] | None = None,
    size_weights: bool = False,
    weights_backbone: str | None = None,
    splits: str | Path | None = None,
    device: str = "auto",
    tensorboard: bool = False,
    progress: Watcher | None = None,
) -> TrainResult:
    """Train a model and write it as a checkpoint; an interrupted run goes on.

    Args:
        data: One dataset folder or several, as `nanozoo.data.samples.scan_samples` reads them.
        out: Folder of the checkpoint, its saved state and `history.csv`.
        model: Name of a model that segments or detects. "maskrcnn" is a light one, see
            `nanozoo.workflows.tasks.LIGHT`, with anchors that suit the images.
        backbone: Name of a backbone.
        kernel_size: Side of the kernels of a segmentation model, px: 3, 5, 7 or 9.
        classes: Names of classes 1, 2, ... where masks hold class numbers; without
            them, particles are told from background.
        steps: Number of optimizer steps.
        epochs: In place of `steps`: how often as many pixels are drawn as the training
            images have.
        batch_size: Crops a step.
        crop: Side of the crops, px.
        learning_rate: Highest learning rate.
        seed: Seed of all chance.
        loss: Of a model that segments: a name that `nanozoo models` lists, or a loss of
            `nanozoo.get_loss`; cross-entropy plus Dice if None.
        class_weights: "balanced", by which the pixels of every class together weigh the same, or
            a number a class, background first.
        size_weights: Whether small particles weigh as much as large ones.
        weights_backbone: As in the builders: "imagenet", "micronet", a checkpoint on the same
            backbone, or None.
        splits: Folder of `<dataset>.csv`; train and val parts are used. Without it all
            images train and none validate.
        device: "auto", "cpu", "gpu" or "tpu".
        tensorboard: Whether to write losses, scores, and histograms of weights and activations
            to the folder `tensorboard` in `out` after every round.
        progress: Told of every step, with the loss and the scores of the last round. What it
            raises ends the training after the step; the same call goes on there.

    Returns:
        The checkpoint and how it came about.

    Raises:
        UserError: If a name is unknown, an argument out of range, no image can be used, or `out`
            cannot be written.

    Example:
        >>> from nanozoo import SceneConfig, train
        >>> from nanozoo.synth.write import write_scenes
        >>> scenes = write_scenes("mydata", 2, config=SceneConfig((64, 64), number=4))
        >>> result = train("mydata", "mine", backbone="plain", steps=2, batch_size=1, crop=32)
        >>> [row["step"] for row in result.history]
        [2]
    """
    out = Path(out)
    task = task_of(model)
    wanted = TrainingLoss(loss, class_weights, size_weights)
    BACKBONES.entry(backbone)
    check_writable(out)
    errors: list[str] = []
    parts = _find(data, splits, tuple(classes), errors)
    images = task.load(parts["train"], errors, binary=not classes)
    held = task.load(parts["val"], errors, binary=not classes)
    if not images:
        raise UserError(f"No image to train on in {data}. {' '.join(errors[-1:])}".strip())
    num_classes = 1 + max(len(classes), 1)
    task.check(images, num_classes, data)
    minimised = task.training_loss(wanted, images, num_classes)
    steps = _steps(images, steps, epochs, crop * crop * check_int("batch_size", batch_size, 1))
    schedule = Schedule(
        steps=steps,
        batch_size=batch_size,
        learning_rate=learning_rate,
        warmup=min(100, steps // 10),
        round_steps=min(250, steps),
    )
    arguments = {
        "num_classes": num_classes,
        "backbone": backbone,
        **task.arguments(images, kernel_size),
    }
    keras.utils.set_random_seed(seed)
    with strategy(device).scope():
        network = MODELS.get(model)(
            (None, None, 1), **arguments, weights_backbone=weights_backbone
        )

    name, names = out.resolve().name, ("background", *(classes or ("particle",)))
    untrained = Checkpoint(name, out, model, arguments, {}, names, {}, {})
    predictor = Predictor(untrained, model=network)
    source = task.source(images, untrained, network, crop, seed)
    source = wanted.source(source, minimised, num_classes)
    validate = (lambda _: mean_scores(predictor, held)) if held else None
    shown = [image.image for image in (held or images)[:SHOWN]]
    log = TensorBoardLog(out / "tensorboard", shown) if tensorboard else None
    if progress and errors:
        progress(Progress(0, steps, "training", error=" ".join(errors)))
    run = {
        **arguments,
        "model": model,
        "weights_backbone": weights_backbone,
        "classes": names,
        "crop": crop,
        "seed": seed,
        "size_weights": size_weights,
        "data": sorted({image.dataset for image in images}),
        "images": len(images),
    }
    history = fit(
        network,
        source,
        schedule,
        loss=minimised,
        out=out,
        run=run,
        validate=validate,
        log=log,
        progress=progress,
        verbose=0,
    )
    checkpoint = save_checkpoint(
        network,
        out,
        name=name,
        builder=model,
        arguments=arguments,
        classes=names,
        notes={
            "steps": steps,
            "batch_size": batch_size,
            "crop": crop,
            "seed": seed,
            **wanted.notes(minimised),
        },
    )
    return TrainResult(checkpoint, tuple(history), tuple(errors))


def _find(
    data: str | Path | Sequence[str | Path],
    splits: str | Path | None,
    classes: tuple[str, ...],
    errors: list[str],
) -> dict[str, list[Sample]]:
    """Samples to train on and to validate with; lone images and masks go to `errors`."""
    parts: dict[str, list[Sample]] = {"train": [], "val": []}
    for folder in [data] if isinstance(data, (str, Path)) else data:
        scan = scan_samples(folder, classes=classes or None)
        errors += scan.errors
        if splits is None:
            parts["train"] += scan.samples
            continue
        table = Path(splits) / f"{Path(folder).resolve().name}.csv"
        for part, chosen in parts.items():
            chosen += select(scan.samples, table, part)
    return parts


def _steps(images: Sequence[AnyImage], steps: int | None, epochs: int | None, drawn: int) -> int:
    """Number of steps; `drawn` is the number of pixels that a step draws."""
    if (steps is None) == (epochs is None):
        raise UserError(
            f"Expected either steps or epochs. Received: steps={steps!r}, epochs={epochs!r}"
        )
    if epochs is None:
        return check_int("steps", steps, 1)
    pixels = sum(image.image.size for image in images)
    return check_int("epochs", epochs, 1) * math.ceil(pixels / drawn)
