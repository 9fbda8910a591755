"""Fine-tune a checkpoint on a new material, and say what it gained and what it forgot."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from nanozoo.core.checks import check_int
from nanozoo.core.errors import UserError
from nanozoo.core.files import check_writable, write_text
from nanozoo.core.progress import Progress, Watcher, part_of
from nanozoo.core.registry import MODELS
from nanozoo.core.weights import load_arrays, read_arrays
from nanozoo.data.samples import find_samples, scan_samples
from nanozoo.data.splits import select
from nanozoo.engines.predictor import Predictor
from nanozoo.io.micrograph import normalise
from nanozoo.models.checkpoint import Checkpoint, open_checkpoint, save_checkpoint
from nanozoo.models.class_layers import carry_classes
from nanozoo.synth import random_config, simulate
from nanozoo.training.best import Best
from nanozoo.training.fit import Schedule, fit, write_history
from nanozoo.training.freeze import set_trainable
from nanozoo.training.losses import SegmentationLoss
from nanozoo.training.strategy import strategy
from nanozoo.workflows.tasks import Task, task_of
from nanozoo.workflows.training_loss import TrainingLoss
from nanozoo.workflows.validation import class_iou, mean_scores


@dataclass(frozen=True)
class FineTuneResult:
    """What fine-tuning gained and lost.

    Args:
        checkpoint: The new checkpoint, with the weights of the best round, or with those
            that it started from if no round was better and the classes are the same.
        jsc_before: Mean Jaccard coefficient of the foreground on the validation images,
            with the old weights.
        jsc_after: The same with the new weights.
        f1_before: Mean F1 of particles at an IoU of 0.5 there, with the old weights.
        f1_after: The same with the new weights; a detector's score thresholds were chosen on
            these images.
        class_iou_after: Intersection over union of each class but background, mean over
            the validation images that hold it; None where none does.
        old_loss_before: Loss of the foreground on the old data, with the old weights; of a
            detector 1 - the mean F1 of particles.
        old_loss_after: The same with the new weights; a rise is forgetting.
        old_data: What the old data are.
        validated_on_training: Whether there was a single image, which both trained and
            validated, so that the scores after are too good.
        steps: Optimizer steps until the last round.
        errors: A sentence for each file that was left out.
        validated: Names of the images that validated.
    """

    checkpoint: Checkpoint
    jsc_before: float
    jsc_after: float
    f1_before: float
    f1_after: float
    class_iou_after: tuple[float | None, ...]
    old_loss_before: float
    old_loss_after: float
    old_data: str
    validated_on_training: bool
    steps: int
    errors: tuple[str, ...] = ()
    validated: tuple[str, ...] = ()

    def numbers(self) -> dict[str, Any]:
        """All but the checkpoint, as JSON values."""
        names = (one.name for one in fields(self) if one.name != "checkpoint")
        return {name: getattr(self, name) for name in names}


def fine_tune(
    checkpoint: str | Path,
    data: str | Path,
    *,
    num_classes: int | None = None,
    out: str | Path,
    classes: Sequence[str] = (),
    old_data: str | Path | None = None,
    split: str | Path | None = None,
    frozen_steps: int = 60,
    steps: int = 300,
    round_steps: int = 30,
    patience: int = 4,
    batch_size: int = 4,
    crop: int = 256,
    learning_rate: float = 3e-4,
    seed: int = 0,
    loss: str | SegmentationLoss | None = None,
    class_weights: str | Sequence[float] | None = None,
    size_weights: bool = False,
    device: str = "auto",
    progress: Watcher | None = None,
) -> FineTuneResult:
    """Train a checkpoint on a folder of annotated micrographs.

    First the encoder is frozen and the rest learns for `frozen_steps`, then all of it
    learns until the validation score has not risen for `patience` rounds. A quarter of
    the images, at least one, validates, drawn with `seed` unless `split` says which. The score
    is the foreground's Jaccard coefficient or, of a detector, the F1 of particles; with several
    classes it is their mean over the classes. A detector's batch normalisation stays as it is, and
    its score threshold is chosen on the validation images at the end.

    Args:
        checkpoint: Name or folder of the checkpoint to start from.
        data: Folder with `images/` and `masks/` or `instances.json`.
        num_classes: Classes with background; the checkpoint's if None and no `classes`.
            Where they are others than the checkpoint's, each begins as its class of that name,
            or as its particles; as many with new names alone are taken for new names.
        out: Folder of the new checkpoint, `finetune.json` and `history.csv`.
        classes: Names of classes 1, 2, ... where masks hold class numbers.
        old_data: Folder of data that the checkpoint knows, to measure forgetting; 12
            simulated scenes of fixed seeds if None.
        split: CSV with the columns name and split.
        frozen_steps: Steps with the encoder frozen; 0 leaves them out.
        steps: Most steps with everything free.
        round_steps: Steps between validations.
        patience: Rounds without a better score until training stops.
        batch_size: Crops a step.
        crop: Side of the crops, px.
        learning_rate: Highest learning rate; the free phase uses a third of it.
        seed: Seed of all chance.
        loss: Of a model that segments: a name that `nanozoo models` lists, or a loss of
            `nanozoo.get_loss`; cross-entropy plus Dice if None.
        class_weights: "balanced", by which the pixels of every class together weigh the same, or
            a number a class, background first.
        size_weights: Whether small particles weigh as much as large ones.
        device: "auto", "cpu", "gpu" or "tpu".
        progress: Told of every step, with the loss and the scores of the last round. What it
            raises ends the training, and nothing is written.

    Returns:
        Scores before and after and the loss on old data before and after.

    Raises:
        UserError: If the checkpoint or the data cannot be used, an argument is out of range, or
            `out` cannot be written.

    Example:
        >>> from nanozoo import SceneConfig, build_unet, fine_tune, save_checkpoint
        >>> from nanozoo.synth.write import write_scenes
        >>> small = {"backbone": "plain", "decoder_filters": [8] * 5}
        >>> model = build_unet((None, None, 1), **small)
        >>> start = save_checkpoint(model, "small", name="small", builder="unet", arguments=small)
        >>> scenes = write_scenes("mydata", 2, config=SceneConfig((64, 64), number=4))
        >>> short = {"frozen_steps": 0, "steps": 1, "batch_size": 1, "crop": 32}
        >>> fine_tune("small", "mydata", out="tuned", old_data="mydata", **short).steps
        1
    """
    check_int("frozen_steps", frozen_steps, 0)
    check_int("patience", patience, 1)
    wanted = TrainingLoss(loss, class_weights, size_weights)
    check_writable(out)
    source = open_checkpoint(checkpoint)
    task = task_of(source.model)
    names = _class_names(source, num_classes, classes)
    binary = len(names) == 2
    scan = scan_samples(data, classes=names[1:] if classes or not binary else None)
    train_set, val_set = _divide(list(scan.samples), split, seed)
    errors = list(scan.errors)
    images = task.load(train_set, errors, binary=binary)
    held = images if train_set == val_set else task.load(val_set, errors, binary=binary)
    if not images or not held:
        raise UserError(
            f"No image to train on or to validate with in {data}. {' '.join(errors[-1:])}".strip()
        )
    task.check(images + held, len(names), data)
    minimised = task.training_loss(wanted, images, len(names))
    if len(names) > 2 and not any(len(image.particles) for image in held):
        raise UserError(
            f"No particle in the images of {data} that validate: annotate more, or say which "
            "images validate with a split."
        )
    if progress:
        progress(Progress(0, frozen_steps + steps, "scores before"))
    old, old_name = _old_images(task, old_data, seed)

    keras.utils.set_random_seed(seed)
    with strategy(device).scope():
        model = _start(source, names, task)
        same = not _other_classes(source, names)
        before = Predictor(source, model=model if same else source.build())
    scores_before = mean_scores(before, held, len(source.classes))
    old_before = task.loss(before, old, crop)

    tuned = replace(
        source,
        name=Path(out).resolve().name,
        arguments={**source.arguments, "num_classes": len(names)},
        inference=_inference(source, names),
        classes=names,
    )
    predictor = Predictor(tuned, model=model)
    best = Best(model)
    score = task.score if len(names) == 2 else task.class_score
    if same:
        best.see(scores_before[score])

    def validate(_) -> dict[str, float]:
        scores = mean_scores(predictor, held, len(names))
        best.see(scores[score])
        return scores

    examples = task.source(images, tuned, model, crop, seed)
    examples = wanted.source(examples, minimised, len(names))
    common: dict[str, Any] = {"batch_size": batch_size, "round_steps": round_steps}
    options: dict[str, Any] = {"loss": minimised, "validate": validate, "verbose": 0}
    history = []
    if frozen_steps:
        set_trainable(model, encoder=False, statistics=task.learns_statistics)
        schedule = Schedule(steps=frozen_steps, learning_rate=learning_rate, warmup=5, **common)
        tell = part_of(progress, 0, steps, "decoder alone")
        history += fit(model, examples, schedule, progress=tell, **options)
    set_trainable(model, encoder=True, statistics=task.learns_statistics)
    best.rounds_since = 0
    if steps:
        schedule = Schedule(steps=steps, learning_rate=learning_rate / 3, warmup=20, **common)
        rounds = fit(
            model,
            examples,
            schedule,
            stop=lambda _: best.rounds_since >= patience,
            progress=part_of(progress, frozen_steps, 0, "whole network"),
            **options,
        )
        history += [{**row, "step": row["step"] + frozen_steps} for row in rounds]
    best.restore()
    if progress and history:
        taken = int(history[-1]["step"])
        progress(Progress(taken, taken, "scores"))
    write_history(history, Path(out) / "history.csv")
    chosen = task.choose_inference(predictor, held, len(names)) if history else {}
    scores_after = mean_scores(predictor, held, len(names))
    result = FineTuneResult(
        checkpoint=save_checkpoint(
            model,
            out,
            name=tuned.name,
            builder=tuned.model,
            arguments=tuned.arguments,
            inference=tuned.inference | chosen,
            classes=names,
            notes={
                "from": source.name,
                "steps": int(history[-1]["step"]) if history else 0,
                "seed": seed,
                **wanted.notes(minimised),
            },
        ),
        jsc_before=scores_before["jsc"],
        jsc_after=scores_after["jsc"],
        f1_before=scores_before["f1"],
        f1_after=scores_after["f1"],
        class_iou_after=class_iou(predictor, held, len(names)),
        old_loss_before=old_before,
        old_loss_after=task.loss(predictor, old, crop),
        old_data=old_name,
        validated_on_training=train_set == val_set,
        steps=int(history[-1]["step"]) if history else 0,
        errors=tuple(errors),
        validated=tuple(image.name for image in held),
    )
    report_path = Path(out) / "finetune.json"
    summary = {"from": source.name, **result.numbers()}
    write_text(report_path, json.dumps(summary, indent=1) + "\n")
    return result


def _divide(samples: list, split: str | Path | None, seed: int) -> tuple[list, list]:
    if split is not None:
        parts = select(samples, split, "train"), select(samples, split, "val")
        if not all(parts):
            raise UserError(f"Expected images in both train and val of {split}. Received: none")
        return parts
    if len(samples) == 1:
        return samples, samples
    order = np.random.default_rng(seed).permutation(len(samples))
    count = max(1, len(samples) // 4)
    return [samples[i] for i in order[count:]], [samples[i] for i in order[:count]]


def _class_names(
    source: Checkpoint, num_classes: int | None, classes: Sequence[str]
) -> tuple[str, ...]:
    if classes:
        if num_classes not in (None, len(classes) + 1):
            raise UserError(
                f"Expected num_classes to be {len(classes) + 1}, the classes named and "
                f"background. Received: num_classes={num_classes}"
            )
        return ("background", *classes)
    if num_classes in (None, len(source.classes)):
        return source.classes
    check_int("num_classes", num_classes, 2)
    return ("background", *(f"class_{number}" for number in range(1, num_classes)))


def _inference(source: Checkpoint, names: tuple[str, ...]) -> dict[str, Any]:
    """The checkpoint's inference options; thresholds by class make one for other classes."""
    options = dict(source.inference)
    if "score_threshold" in options and _other_classes(source, names):
        options["score_threshold"] = float(np.mean(options["score_threshold"]))
    return options


def _other_classes(source: Checkpoint, names: tuple[str, ...]) -> bool:
    """Whether classes are more or fewer than the checkpoint's, or the same in another order."""
    if len(names) != len(source.classes):
        return True
    return names != source.classes and bool(set(names[1:]) & set(source.classes[1:]))


def _start(source: Checkpoint, names: tuple[str, ...], task: Task) -> keras.Model:
    """Build the model with the checkpoint's weights, carried over to other classes."""
    arguments = {**source.arguments, "num_classes": len(names)}
    channels = arguments.pop("channels", 1)
    model = MODELS.get(source.model)((None, None, channels), **arguments)
    arrays = read_arrays(source.folder, source.weights)
    if _other_classes(source, names):
        arrays = carry_classes(arrays, task.class_tensors, source.classes, names)
    load_arrays(model, arrays)
    return model


def _old_images(task: Task, old_data: str | Path | None, seed: int) -> tuple[list, str]:
    if old_data is not None:
        errors: list[str] = []
        images = task.load(find_samples(old_data), errors, binary=True)
        if errors:
            raise UserError(errors[0])
        return images, str(old_data)
    images = []
    for number in range(12):
        scene = simulate(random_config(seed + number), seed + number)
        name = f"simulated {seed + number}"
        images.append(task.image(normalise(scene.pixels), scene.instances, "simulated", name))
    return images, f"12 simulated scenes, seeds {seed} to {seed + 11}"
