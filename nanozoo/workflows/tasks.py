"""What training needs to know of a model: its examples, its arguments and its score."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Protocol

import keras
import numpy as np

import nanozoo.models  # noqa: F401  (fills the registry)
from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.core.registry import MODELS
from nanozoo.data.anchors import suggest_anchors
from nanozoo.data.examples import (
    ExampleSource,
    LabelledImage,
    check_classes,
    class_beyond,
    load_all,
)
from nanozoo.data.instance_examples import InstanceImage, InstanceSource, load_instances
from nanozoo.data.pipeline import Source
from nanozoo.data.samples import Sample
from nanozoo.engines.predictor import Predictor
from nanozoo.models.checkpoint import Checkpoint
from nanozoo.training.losses import SegmentationLoss
from nanozoo.workflows.training_loss import TrainingLoss
from nanozoo.workflows.validation import counts_by_class, foreground_loss, mean_scores

SMALL_HEADS = {
    "pyramid_filters": 128,
    "pyramid_norm": True,
    "box_head_units": 512,
    "mask_head_filters": (64, 64, 64, 64),
}
"""A Mask R-CNN that trains on a CPU."""

LIGHT = SMALL_HEADS | {
    "box_batch_size_per_image": 128,
    "box_positive_fraction": 0.33,
    "rpn_nms_thresh": 0.8,
    "box_nms_thresh": 0.7,
}
"""A third of a step's time of the builder's own sizes, for particles whose boxes overlap."""


SCORE_THRESHOLDS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Those that a detector's fine-tuning tries on the validation images."""


class Task(Protocol):
    """What differs between a model that classifies pixels and one that detects particles."""

    score: str
    """Which of the validation scores chooses the best round."""
    class_score: str
    """The same where there are several classes beside background."""
    learns_statistics: bool
    """Whether fine-tuning moves the averages of batch normalisation."""
    class_tensors: tuple[str, ...]
    """Patterns of the names of the tensors whose shapes go by the number of classes."""

    def load(self, samples: Iterable[Sample], errors: list[str], *, binary: bool) -> list:
        """Read the samples that can be read; `errors` gets a sentence for each other one."""

    def image(self, image: np.ndarray, instances: Instances, dataset: str, name: str) -> Any:
        """An image in memory of `(H, W)` float32 in [0, 1] and its instances."""

    def check(self, images: Sequence, num_classes: int, data: object) -> None:
        """Refuse images that hold a class of `num_classes` or above."""

    def arguments(self, images: Sequence, kernel_size: int) -> dict[str, Any]:
        """Arguments of the builder beside the classes and the backbone."""

    def training_loss(
        self, wanted: TrainingLoss, images: Sequence, num_classes: int
    ) -> SegmentationLoss | None:
        """What is minimised, class weights by the training images; None for the model's own."""

    def source(
        self, images: Sequence, checkpoint: Checkpoint, model: keras.Model, crop: int, seed: int
    ) -> Source:
        """Augmented crops for training the checkpoint's model."""

    def loss(self, predictor: Predictor, images: Sequence, crop: int) -> float:
        """Loss on images as they are, classes aside, to measure what a model forgets."""

    def choose_inference(
        self, predictor: Predictor, images: Sequence, num_classes: int
    ) -> dict[str, Any]:
        """Inference options that suit the trained weights best, and set them in the predictor."""


class SegmentationTask:
    """UNet and its kin: label images, Jaccard coefficient of the foreground."""

    score = "jsc"
    class_score = "class_iou"
    learns_statistics = True
    class_tensors = ("classes_logits/*",)

    def load(
        self, samples: Iterable[Sample], errors: list[str], *, binary: bool
    ) -> list[LabelledImage]:
        """Read samples as label images."""
        return load_all(samples, errors, binary=binary)

    def image(
        self, image: np.ndarray, instances: Instances, dataset: str, name: str
    ) -> LabelledImage:
        """Flatten the instances."""
        return LabelledImage.from_instances(image, instances, dataset, name=name)

    def check(self, images: Sequence[LabelledImage], num_classes: int, data: object) -> None:
        """Look at the class of every label."""
        check_classes(images, num_classes, data)

    def arguments(self, images: Sequence[LabelledImage], kernel_size: int) -> dict[str, Any]:
        """A boundary beside the classes, so that touching particles can be separated."""
        return {"kernel_size": kernel_size, "boundary": True}

    def training_loss(
        self, wanted: TrainingLoss, images: Sequence[LabelledImage], num_classes: int
    ) -> SegmentationLoss:
        """The loss of the classes; the boundary has its own."""
        return wanted.of(images, num_classes)

    def source(
        self,
        images: Sequence[LabelledImage],
        checkpoint: Checkpoint,
        model: keras.Model,
        crop: int,
        seed: int,
    ) -> ExampleSource:
        """Crops with class maps, and boundaries where the model predicts them."""
        return ExampleSource(
            images,
            crop=crop,
            seed=seed,
            boundary=isinstance(model.output, dict),
            channels=model.input.shape[-1],
        )

    def loss(self, predictor: Predictor, images: Sequence[LabelledImage], crop: int) -> float:
        """Cross-entropy plus Dice of foreground against background."""
        return foreground_loss(predictor.model, images, crop)

    def choose_inference(
        self, predictor: Predictor, images: Sequence[LabelledImage], num_classes: int
    ) -> dict[str, Any]:
        """None: a pixel has the class that is most probable."""
        return {}


class DetectionTask:
    """Mask R-CNN: stacks of masks, F1 of particles at an IoU of 0.5."""

    score = "f1"
    class_score = "class_f1"
    learns_statistics = False
    class_tensors = ("box_head/cls_score/*", "box_head/bbox_pred/*", "masks/*/mask_fcn_logits/*")

    def load(
        self, samples: Iterable[Sample], errors: list[str], *, binary: bool
    ) -> list[InstanceImage]:
        """Read samples as images with instances."""
        return load_all(samples, errors, binary=binary, load=load_instances)

    def image(
        self, image: np.ndarray, instances: Instances, dataset: str, name: str
    ) -> InstanceImage:
        """Keep the instances as they are."""
        return InstanceImage(image, instances, dataset, name)

    def check(self, images: Sequence[InstanceImage], num_classes: int, data: object) -> None:
        """Look at the class of every instance."""
        for image in images:
            highest = max((one.class_id for one in image.instances), default=0)
            if highest >= num_classes:
                raise class_beyond(f"annotation of {image.name} in {data}", highest, num_classes)

    def arguments(self, images: Sequence[InstanceImage], kernel_size: int) -> dict[str, Any]:
        """A light Mask R-CNN with anchors that suit the images.

        Raises:
            UserError: If `kernel_size` is not 3, or the images hold no particle.
        """
        if kernel_size != 3:
            raise UserError(
                "Expected `kernel_size` to be 3 for a detector, whose kernels are fixed. "
                f"Received: kernel_size={kernel_size!r}"
            )
        anchors = suggest_anchors((image.instances for image in images), scale=(0.5, 1.5))
        return {"anchor_sizes": anchors.sizes, "anchor_ratios": anchors.ratios, **LIGHT}

    def training_loss(
        self, wanted: TrainingLoss, images: Sequence[InstanceImage], num_classes: int
    ) -> None:
        """None: a detector brings its losses.

        Raises:
            UserError: If a loss or weights are wanted.
        """
        if wanted.given:
            raise UserError(
                "Expected no `loss`, `class_weights` or `size_weights` for a detector, which "
                f"brings its losses. Received: {wanted}"
            )

    def source(
        self,
        images: Sequence[InstanceImage],
        checkpoint: Checkpoint,
        model: keras.Model,
        crop: int,
        seed: int,
    ) -> InstanceSource:
        """Crops with instances; half of them laid around a particle, rare classes as often."""
        return InstanceSource(
            images,
            crop=crop,
            seed=seed,
            num_classes=len(checkpoint.classes),
            balance=0.5,
            channels=model.input.shape[-1],
            clahe=checkpoint.inference.get("clahe"),
        )

    def loss(self, predictor: Predictor, images: Sequence[InstanceImage], crop: int) -> float:
        """1 - the mean F1 of particles."""
        return 1.0 - mean_scores(predictor, images)["f1"]

    def choose_inference(
        self, predictor: Predictor, images: Sequence[InstanceImage], num_classes: int
    ) -> dict[str, Any]:
        """The score threshold of each class with the highest F1.

        It stays as it is where none is better, and for a class that the images do not show.
        """
        detector = predictor.detector
        known = np.broadcast_to(detector.options.score_threshold, num_classes - 1).tolist()
        with detector.remembering():
            best = [
                (one.f1, old)
                for one, old in zip(counts_by_class(predictor, images, num_classes), known)
            ]
            for threshold in SCORE_THRESHOLDS:
                detector.options = replace(detector.options, score_threshold=threshold)
                for place, one in enumerate(counts_by_class(predictor, images, num_classes)):
                    if one.instances and one.f1 > best[place][0]:
                        best[place] = one.f1, threshold
        chosen = [threshold for _, threshold in best]
        options = {"score_threshold": chosen if num_classes > 2 else chosen[0]}
        detector.options = replace(detector.options, **options)
        return options


TASKS: dict[str, Task] = {"segmentation": SegmentationTask(), "detection": DetectionTask()}


def task_of(model: str) -> Task:
    """The task of a model's builder by its name.

    Raises:
        UserError: If there is no such model, or it is trained in another way.
    """
    for tag in MODELS.entry(model).tags:
        if tag in TASKS:
            return TASKS[tag]
    known = ", ".join(sorted({name for tag in TASKS for name in MODELS.names(tag)}))
    raise UserError(f"Expected `model` to be one of {known}. Received: model={model!r}")
