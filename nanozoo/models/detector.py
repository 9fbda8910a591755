"""The Mask R-CNN model class: one graph that detects, and the losses that train it."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from nanozoo.core.errors import UserError
from nanozoo.core.registry import MODELS
from nanozoo.layers.targets import AnchorTargets, RoITargets
from nanozoo.ops.gather import take_rows
from nanozoo.ops.losses import binary_entropy, box_distance, dice_distance, masked_mean
from nanozoo.ops.masks import sample_masks

LOSSES = ("rpn_class_loss", "rpn_box_loss", "box_class_loss", "box_loss", "mask_loss")
TRUTH = ("boxes", "labels", "masks", "valid")


@keras.saving.register_keras_serializable(package="nanozoo")
class MaskRCNN(keras.Model):
    """A functional model whose outputs are detections; in training it stops at the proposals.

    `compute_loss` goes on from there with the same layers, on boxes that it samples by the
    truth. Compile it with an optimizer alone, and fit it to `y`, a dict of instances padded to
    a fixed number G: "boxes" `(B, G, 4)` xyxy px, "labels" `(B, G)` from 1, "masks"
    `(B, G, M, M)` in [0, 1], each cropped to its box, and "valid" `(B, G)`.

    Args:
        inputs: The image tensor `(B, H, W, C)`.
        outputs: Dict of the detections' tensors.
        parts: Dict of the tensors that the losses start from: "levels" (P2 to P5), "logits",
            "offsets" and "anchors" of the proposal network, "proposals", "proposals_valid".
        box_layers: Names of the layers that read a box's features and classify it.
        anchor_targets: Sampler of anchors.
        roi_targets: Sampler of proposals.
        mask_dice_weight: Weight of the Dice term in the mask loss.
        arguments: The builder's arguments, from which the model is rebuilt.
        name: Name of the model.
    """

    def __init__(
        self,
        inputs,
        outputs: dict,
        parts: dict,
        box_layers: tuple[str, str],
        anchor_targets: AnchorTargets,
        roi_targets: RoITargets,
        mask_dice_weight: float,
        arguments: dict[str, Any],
        name: str,
    ):
        super().__init__(inputs, outputs, name=name)
        self.anchor_targets = anchor_targets
        self.roi_targets = roi_targets
        self.mask_dice_weight = mask_dice_weight
        self.loss_trackers = [keras.metrics.Mean(name=loss) for loss in LOSSES]
        self._parts = keras.Function(inputs, parts)
        self._box_layers = tuple(box_layers)
        self._arguments = dict(arguments)

    def call(self, inputs, training=None, mask=None):
        """Detections, or in training the parts that `compute_loss` starts from."""
        if training:
            return self._parts(ops.convert_to_tensor(inputs, self.inputs[0].dtype))
        return super().call(inputs, training=training, mask=mask)

    def box_logits(self, levels, boxes):
        """Class logits `(B, R, K)` of boxes `(B, R, 4)` xyxy px, from the levels P2 to P5."""
        pool, head = map(self.get_layer, self._box_layers)
        return head(pool(levels, boxes))[0]

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training: bool = True):
        """Sum of the five losses, each of which is reported under its own name.

        Args:
            x: `(B, H, W, C)` images.
            y: Dict of the true instances, see the class.
            y_pred: What `call` returned.
            sample_weight: None.
            training: Whether `y_pred` holds the parts; they are computed here if not.

        Returns:
            A float32 scalar.

        Raises:
            UserError: If `y` lacks an entry, or there is a `sample_weight`.
        """
        if not isinstance(y, dict) or set(y) != set(TRUTH) or sample_weight is not None:
            names = sorted(y) if isinstance(y, dict) else type(y).__name__
            raise UserError(
                f"Expected `y` to be a dict of {', '.join(TRUTH)}, and no sample weights. "
                f"Received: y={names}, sample_weight={sample_weight!r}"
            )
        parts = y_pred if training else self._parts(x)
        truth = {
            "boxes": ops.cast(y["boxes"], "float32"),
            "labels": ops.cast(y["labels"], "int32"),
            "masks": y["masks"],
            "valid": ops.cast(y["valid"], "bool"),
        }
        losses = {**self._rpn_losses(parts, truth), **self._roi_losses(parts, truth, training)}
        for tracker in self.loss_trackers:
            tracker.update_state(losses[tracker.name])
        return sum([*losses.values(), *self.losses])

    def _rpn_losses(self, parts: dict, truth: dict) -> dict:
        """Losses of the region proposal network, a scalar each."""
        anchors = ops.concatenate(parts["anchors"], axis=1)
        sample = self.anchor_targets(anchors, truth["boxes"], truth["valid"])
        logits = take_rows(ops.concatenate(parts["logits"], axis=1), sample["indices"])
        offsets = take_rows(ops.concatenate(parts["offsets"], axis=1), sample["indices"])
        distance = box_distance(offsets, sample["offsets"]) * sample["labels"]
        return {
            "rpn_class_loss": masked_mean(
                binary_entropy(logits, sample["labels"]), sample["drawn"]
            ),
            "rpn_box_loss": masked_mean(distance, sample["drawn"]),
        }

    def _roi_losses(self, parts: dict, truth: dict, training: bool) -> dict:
        """Losses of the box head and the mask head, a scalar each."""
        sample = self.roi_targets(
            parts["proposals"],
            parts["proposals_valid"],
            truth["boxes"],
            truth["labels"],
            truth["valid"],
        )
        pool, head = map(self.get_layer, self._box_layers)
        features = pool(parts["levels"], sample["boxes"])
        logits, offsets = head(features, training=training)
        own = ops.one_hot(sample["labels"], logits.shape[-1], dtype="float32")
        entropy = -ops.sum(ops.log_softmax(logits, axis=-1) * own, axis=-1)
        offsets = ops.sum(offsets * own[..., None], axis=2)
        positive = sample["labels"] > 0
        distance = box_distance(offsets, sample["offsets"])
        distance = ops.where(positive, distance, 0.0)

        return {
            "box_class_loss": masked_mean(entropy, sample["drawn"]),
            "box_loss": masked_mean(distance, sample["drawn"]),
            "mask_loss": self._mask_loss(parts, truth, sample),
        }

    def _mask_loss(self, parts: dict, truth: dict, sample: dict):
        """Loss of the mask head, which sees about as many boxes as are positive, a scalar.

        Positives come first. Shapes are static, so that there is one branch for all that may be
        positive, one for half as many and one for a quarter.
        """
        positive = sample["labels"] > 0
        needed = ops.max(ops.sum(ops.cast(positive, "int32"), axis=1))
        most = max(int(positive.shape[1] * self.roi_targets.positive_fraction), 1)

        def of(count: int):
            # The branch would otherwise work out gradients of boxes, which nobody asks for.
            boxes = ops.stop_gradient(sample["boxes"][:, :count])
            owners = sample["owners"][:, :count]
            masks = self.get_layer("masks").logits(parts["levels"], boxes)
            own = ops.one_hot(sample["labels"][:, :count], masks.shape[-1], dtype="float32")
            masks = ops.sum(masks * own[:, :, None, None], axis=-1)
            targets = sample_masks(
                take_rows(truth["masks"], owners),
                take_rows(truth["boxes"], owners),
                boxes,
                masks.shape[-1],
            )
            errors = ops.mean(binary_entropy(masks, targets), axis=(2, 3))
            if self.mask_dice_weight:
                errors += self.mask_dice_weight * dice_distance(ops.sigmoid(masks), targets)
            return masked_mean(errors, positive[:, :count])

        def smallest(counts: list[int]):
            count, *larger = counts
            if not larger:
                return of(count)
            return ops.cond(needed <= count, lambda: of(count), lambda: smallest(larger))

        return smallest(sorted({max(most // 4, 1), max(most // 2, 1), most}))

    def get_config(self):
        return {**self._arguments, "name": self.name}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        config = {
            name: keras.saving.deserialize_keras_object(value, custom_objects)
            if isinstance(value, dict)
            else value
            for name, value in config.items()
        }
        return MODELS.get("maskrcnn")(**config)
