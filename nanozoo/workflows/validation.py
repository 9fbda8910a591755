"""Scores of a network in training, on images that it does not train on."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
from sklearn.metrics import log_loss

from nanozoo.core.instances import Instances
from nanozoo.data.examples import LabelledImage
from nanozoo.data.instance_examples import InstanceImage
from nanozoo.engines.predictor import Predictor
from nanozoo.evaluate.classes import ClassCounts
from nanozoo.evaluate.particles import iou_matrix, particle_scores
from nanozoo.evaluate.pixels import pixel_scores
from nanozoo.training.losses import CrossEntropyDice

AnyImage = LabelledImage | InstanceImage


def mean_scores(
    predictor: Predictor, images: Sequence[AnyImage], num_classes: int = 2
) -> dict[str, float]:
    """Scores of images in memory.

    Args:
        predictor: Segments the images.
        images: Images with their truth.
        num_classes: Classes with background.

    Returns:
        "jsc", the mean Jaccard coefficient of the foreground, and "f1", the mean F1 of particles
        at an IoU of 0.5. With several particle classes also "class_iou" and "class_f1": Jaccard
        coefficient of pixels and F1 of particles over all images, mean over the classes that
        are there.
    """
    rows, classes = [], [ClassCounts() for _ in range(1, num_classes)]
    for image in images:
        found = predictor.segment(image.image)
        foreground = pixel_scores(image.semantic > 0, found.foreground).jsc
        rows.append((foreground, particle_scores(image.particles, found.instances).f1_50))
        _count(classes, image.particles, found.instances)
    jsc, f1 = np.mean(rows, axis=0)
    scores = {"jsc": float(jsc), "f1": float(f1)}
    if num_classes > 2:
        there = [counts for counts in classes if counts.instances]
        scores["class_iou"] = float(np.mean([counts.jaccard for counts in there]))
        scores["class_f1"] = float(np.mean([counts.f1 for counts in there]))
    return scores


def counts_by_class(
    predictor: Predictor, images: Sequence[AnyImage], num_classes: int
) -> list[ClassCounts]:
    """Pixels and particles of classes 1, 2, ... over images in memory."""
    classes = [ClassCounts() for _ in range(1, num_classes)]
    for image in images:
        _count(classes, image.particles, predictor.segment(image.image).instances)
    return classes


def _count(classes: Sequence[ClassCounts], truth: Instances, found: Instances) -> None:
    """Take the particles of an image."""
    for number, counts in enumerate(classes, 1):
        own, other = (
            Instances(side.shape, [one for one in side if one.class_id == number])
            for side in (truth, found)
        )
        counts.add(own, other, iou_matrix(own, other))


def class_iou(
    predictor: Predictor, images: Sequence[AnyImage], num_classes: int
) -> tuple[float | None, ...]:
    """Intersection over union of classes 1, 2, ..., mean over the images that hold each.

    Args:
        predictor: Segments the images.
        images: Images with their true classes.
        num_classes: Classes with background.

    Returns:
        A value a class, None where no image holds it.
    """
    found: list[list[float]] = [[] for _ in range(num_classes)]
    for image in images:
        truth, predicted = image.semantic, predictor.segment(image.image).classes
        for value in range(1, num_classes):
            union = ((truth == value) | (predicted == value)).sum()
            if (truth == value).any():
                found[value].append(((truth == value) & (predicted == value)).sum() / union)
    return tuple(float(np.mean(values)) if values else None for values in found[1:])


def foreground_loss(model: keras.Model, images: Sequence[LabelledImage], crop: int) -> float:
    """Cross-entropy plus Dice of foreground against background, without augmentation.

    Args:
        model: Segmentation model of any number of classes.
        images: Images with labels; the top left of larger ones is used.
        crop: Half the longest side that is used, px.

    Returns:
        The mean over the images.
    """
    loss = CrossEntropyDice()
    values = []
    for image in images:
        height, width = (min(side, 2 * crop) for side in image.image.shape)
        window = (slice(0, height), slice(0, width))
        batch = np.repeat(image.image[window][None, ..., None], model.input.shape[-1], axis=-1)
        outputs = model.predict_on_batch(batch)
        classes = np.asarray(outputs["classes"] if isinstance(outputs, dict) else outputs)
        both = np.stack([classes[..., 0], classes[..., 1:].sum(axis=-1)], axis=-1)
        values.append(float(loss((image.labels[window] > 0)[None].astype(np.int32), both)))
    return float(np.mean(values))


def class_scores(model: keras.Model, pictures: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Scores of a classifier of whole images.

    Args:
        model: Gives probabilities `(B, K)`.
        pictures: `(N, H, W, C)` as the model takes them.
        labels: `(N,)` true classes, from 0.

    Returns:
        "val_accuracy", the share of right answers, and "val_loss", the mean cross-entropy.
    """
    probabilities = model.predict(pictures, verbose=0)
    classes = range(probabilities.shape[1])
    return {
        "val_accuracy": float(np.mean(probabilities.argmax(axis=1) == labels)),
        "val_loss": float(log_loss(labels, probabilities, labels=classes)),
    }
