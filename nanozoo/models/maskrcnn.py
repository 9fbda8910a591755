"""Mask R-CNN: boxes, classes and masks of particles that may lie over one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import keras

from nanozoo.core.checks import check_fraction, check_int
from nanozoo.core.errors import UserError
from nanozoo.core.registry import MODELS
from nanozoo.heads.box import BoxHead
from nanozoo.heads.mask import MaskHead
from nanozoo.heads.rpn import RPNHead
from nanozoo.layers.anchors import Anchors
from nanozoo.layers.detections import WEIGHTS as BOX_WEIGHTS
from nanozoo.layers.detections import Detections
from nanozoo.layers.instance_masks import InstanceMasks
from nanozoo.layers.proposals import WEIGHTS as RPN_WEIGHTS
from nanozoo.layers.proposals import Proposals
from nanozoo.layers.pyramid import PyramidRoIAlign
from nanozoo.layers.targets import AnchorTargets, RoITargets
from nanozoo.models.coco_weights import check_coco_arguments, load_coco
from nanozoo.models.detector import MaskRCNN
from nanozoo.models.encoder import build_encoder
from nanozoo.models.finish import start_from
from nanozoo.necks.fpn import fpn_neck

LEVELS = 5


@MODELS.register(
    "maskrcnn",
    tags=("detection",),
    test_kwargs={
        "pyramid_filters": 8,
        "rpn_pre_nms_top_n": 40,
        "rpn_post_nms_top_n": 30,
        "rpn_batch_size_per_image": 2048,
        "box_batch_size_per_image": 16,
        "box_detections_per_img": 8,
        "box_head_units": 16,
        "mask_head_filters": (16, 16),
    },
    reference="He, Gkioxari, Dollár, Girshick 2017, https://doi.org/10.1109/ICCV.2017.322",
)
def build_maskrcnn(
    input_shape: tuple[int | None, int | None, int] = (256, 256, 1),
    num_classes: int = 2,
    backbone: str = "resnet50",
    *,
    pyramid_filters: int = 256,
    pyramid_norm: bool = False,
    neck: keras.Layer | None = None,
    anchor_sizes: Sequence[float | Sequence[float]] = (8, 16, 32, 64, 128),
    anchor_ratios: Sequence[float] = (0.5, 1.0, 2.0),
    rpn_pre_nms_top_n: int = 1000,
    rpn_post_nms_top_n: int = 1000,
    rpn_nms_thresh: float = 0.7,
    rpn_score_thresh: float = 0.0,
    rpn_fg_iou_thresh: float = 0.7,
    rpn_bg_iou_thresh: float = 0.3,
    rpn_batch_size_per_image: int = 256,
    rpn_positive_fraction: float = 0.5,
    rpn_head: keras.Layer | None = None,
    rpn_proposals: keras.Layer | None = None,
    box_roi_pool: keras.Layer | None = None,
    box_score_thresh: float = 0.05,
    box_nms_thresh: float = 0.5,
    box_pre_nms_top_n: int = 2000,
    box_detections_per_img: int = 600,
    box_fg_iou_thresh: float = 0.5,
    box_bg_iou_thresh: float = 0.5,
    box_batch_size_per_image: int = 512,
    box_positive_fraction: float = 0.25,
    box_head_units: int = 1024,
    box_head: keras.Layer | None = None,
    box_detections: keras.Layer | None = None,
    mask_pool_size: int = 14,
    mask_roi_pool: keras.Layer | None = None,
    mask_head_filters: Sequence[int] = (256, 256, 256, 256),
    mask_head: keras.Layer | None = None,
    mask_dice_weight: float = 0.0,
    seed: int | None = None,
    weights: str | None = None,
    weights_backbone: str | None = None,
    name: str | None = None,
) -> keras.Model:
    """Build a Mask R-CNN with a feature pyramid for any backbone and image size.

    Compile it with an optimizer alone; `fit` takes the true instances as a dict, see
    `nanozoo.models.detector.MaskRCNN`, and reports `rpn_class_loss`, `rpn_box_loss`,
    `box_class_loss`, `box_loss` and `mask_loss`. The topology is that of torchvision's
    `maskrcnn_resnet50_fpn`, whose weights `nanozoo.core.weights.load_torch_state_dict` loads
    into a model with `anchor_sizes=(32, 64, 128, 256, 512)`.

    Args:
        input_shape: `(height, width, channels)`; height and width may be None, and
            need not divide by 32: the image is padded inside.
        num_classes: Classes with background (label 0), at least 2.
        backbone: Name in `nanozoo.core.registry.BACKBONES`.
        pyramid_filters: Channels of the pyramid's levels.
        pyramid_norm: Whether batch normalisation follows the pyramid's convolutions; a network
            on `efficientnet_lite0` learns faster with it. torchvision's weights have none.
        neck: Layer in place of `nanozoo.necks.fpn.fpn_neck`, from the dict of the encoder's
            levels "C2" to "C5" to one of "P2" to "P6" at strides of 4 to 64 px.
        anchor_sizes: For P2 to P6 the square root of the anchors' area, px; one number or
            several a level, as many on each.
        anchor_ratios: Heights over widths of the anchors.
        rpn_pre_nms_top_n: Anchors of a level that go into suppression.
        rpn_post_nms_top_n: Proposals of an image.
        rpn_nms_thresh: Overlap (intersection over union) above which the worse proposal goes.
        rpn_score_thresh: Proposals with a lower probability go.
        rpn_fg_iou_thresh: Overlap from which on an anchor is trained as a particle.
        rpn_bg_iou_thresh: Overlap below which an anchor is trained as background.
        rpn_batch_size_per_image: Anchors of an image that are trained.
        rpn_positive_fraction: Share of them that particles may take.
        rpn_head: Layer in place of `nanozoo.heads.rpn.RPNHead`.
        rpn_proposals: Layer in place of `nanozoo.layers.proposals.Proposals`.
        box_roi_pool: Layer in place of `nanozoo.layers.pyramid.PyramidRoIAlign(7)`.
        box_score_thresh: Detections with a lower probability go.
        box_nms_thresh: Overlap above which the worse detection of a class goes.
        box_pre_nms_top_n: Most candidates, of all classes, that go into suppression.
        box_detections_per_img: Detections of an image, N.
        box_fg_iou_thresh: Overlap from which on a proposal is trained as a particle.
        box_bg_iou_thresh: Overlap below which a proposal is trained as background.
        box_batch_size_per_image: Proposals of an image that are trained.
        box_positive_fraction: Share of them that particles may take.
        box_head_units: Width of the box head.
        box_head: Layer in place of `nanozoo.heads.box.BoxHead`.
        box_detections: Layer in place of `nanozoo.layers.detections.Detections`.
        mask_pool_size: Cells a side of what the mask head sees; masks have twice as many, M.
            28 draws films and wires that are a few pixels thick, at four times the cost.
        mask_roi_pool: Layer in place of `nanozoo.layers.pyramid.PyramidRoIAlign`.
        mask_head_filters: Channels of the mask head's convolutions.
        mask_head: Layer in place of `nanozoo.heads.mask.MaskHead`.
        mask_dice_weight: Weight from 0 to 1 in the mask loss of a Dice term (Milletari et al.
            2016) beside the cross-entropy, for particles that fill little of their box.
        seed: Of the samples that are trained; None draws one.
        weights: Checkpoint name or folder to start from; the other arguments must agree. Or
            "coco" for torchvision's weights (downloaded once), made for images with a shorter
            side of 800 px: they need backbone="resnet50", anchor_sizes=(32, 64, 128, 256, 512)
            and heads as by default. With `num_classes` other than COCO's 91 the layers that
            tell classes apart (class scores, box offsets, mask logits) stay random.
        weights_backbone: "imagenet" or "micronet" where the backbone has such weights, or the
            name or folder of a checkpoint of any model on this backbone: for the encoder.
        name: Name of the model.

    Returns:
        Model from `(B, H, W, C)` in [0, 1] to a dict of "boxes" `(B, N, 4)` float32 xyxy px,
        "scores" `(B, N)` float32, "labels" `(B, N)` int32, "masks" `(B, N, M, M)` float32
        probabilities on the grid of the box, and "valid" `(B, N)` bool; by falling score.

    Raises:
        UserError: If an argument is out of range, or the weights do not fit.

    Example:
        >>> from nanozoo import build_maskrcnn
        >>> model = build_maskrcnn((64, 64, 1), backbone="plain", pyramid_filters=16)
        >>> tuple(model.output["masks"].shape)
        (None, 600, 28, 28)

    References:
        He, Gkioxari, Dollár, Girshick 2017, https://doi.org/10.1109/ICCV.2017.322;
        Lin et al. 2017, https://doi.org/10.1109/CVPR.2017.106
    """
    arguments = {key: _storable(value) for key, value in locals().items()}
    arguments |= {"weights": None, "weights_backbone": None}
    _check(arguments)
    sizes = _sizes_by_level(anchor_sizes)
    if weights == "coco":
        check_coco_arguments(arguments, sizes)
    encoder = build_encoder(backbone, input_shape, weights=weights_backbone)
    image, maps = encoder.input, cast(dict, encoder.output)
    if neck:
        pyramid = neck({f"C{n}": maps[f"C{n}"] for n in (2, 3, 4, 5)})
    else:
        pyramid = fpn_neck(maps, pyramid_filters, normalise=pyramid_norm)
    levels = [pyramid[f"P{n}"] for n in (2, 3, 4, 5, 6)]

    rpn_head = rpn_head or RPNHead(len(sizes[0]) * len(anchor_ratios), name="rpn_head")
    logits, offsets = rpn_head(levels)
    anchors = Anchors(sizes, anchor_ratios, name="anchors")(levels)
    rpn_proposals = rpn_proposals or Proposals(
        rpn_pre_nms_top_n,
        rpn_post_nms_top_n,
        rpn_nms_thresh,
        rpn_score_thresh,
        name="proposals",
    )
    rois, rois_valid = rpn_proposals(image, logits, offsets, anchors)

    box_roi_pool = box_roi_pool or PyramidRoIAlign(7, name="box_align")
    box_head = box_head or BoxHead(num_classes, box_head_units, name="box_head")
    class_logits, class_offsets = box_head(box_roi_pool(levels[:4], rois))
    box_detections = box_detections or Detections(
        box_score_thresh,
        box_nms_thresh,
        box_detections_per_img,
        box_pre_nms_top_n,
        name="detections",
    )
    boxes, scores, labels, valid = box_detections(
        image, class_logits, class_offsets, rois, rois_valid
    )

    mask_roi_pool = mask_roi_pool or PyramidRoIAlign(mask_pool_size, name="mask_align")
    mask_head = mask_head or MaskHead(num_classes, mask_head_filters, name="mask_head")
    masks = InstanceMasks(mask_roi_pool, mask_head, name="masks")(levels[:4], boxes, labels, valid)
    model = MaskRCNN(
        image,
        {"boxes": boxes, "scores": scores, "labels": labels, "masks": masks, "valid": valid},
        {
            "levels": levels[:4],
            "logits": logits,
            "offsets": offsets,
            "anchors": anchors,
            "proposals": rois,
            "proposals_valid": rois_valid,
        },
        (box_roi_pool.name, box_head.name),
        AnchorTargets(
            rpn_batch_size_per_image,
            rpn_positive_fraction,
            rpn_fg_iou_thresh,
            rpn_bg_iou_thresh,
            RPN_WEIGHTS,
            seed=seed,
            name="anchor_targets",
        ),
        RoITargets(
            box_batch_size_per_image,
            box_positive_fraction,
            box_fg_iou_thresh,
            box_bg_iou_thresh,
            BOX_WEIGHTS,
            seed=seed,
            name="roi_targets",
        ),
        mask_dice_weight,
        arguments,
        name or f"maskrcnn_{backbone}",
    )
    if weights == "coco":
        load_coco(model, num_classes)
        return model
    return start_from(model, weights)


def _check(arguments: dict) -> None:
    """Check the arguments that are counts, shares or overlaps.

    Raises:
        UserError: If one is out of range.
    """
    for name, value in arguments.items():
        if name == "num_classes":
            check_int(name, value, 2)
        elif name.endswith(("_top_n", "_per_img", "_per_image", "_units", "pyramid_filters")):
            check_int(name, value, 1)
        elif name == "mask_pool_size":
            check_int(name, value, 1)
        elif name.endswith(("_thresh", "_fraction", "_weight")):
            check_fraction(name, value)
    for part in ("rpn", "box"):
        particle, background = (f"{part}_{kind}_iou_thresh" for kind in ("fg", "bg"))
        if arguments[particle] < arguments[background]:
            raise UserError(
                f"Expected `{particle}` to be at least `{background}`. Received: "
                f"{particle}={arguments[particle]!r}, {background}={arguments[background]!r}"
            )


def _sizes_by_level(anchor_sizes) -> list[tuple[float, ...]]:
    """Anchor sizes as a tuple a level.

    Raises:
        UserError: If there are not five levels with equally many sizes above 0.
    """
    sizes: list[tuple[float, ...]] = [
        (size,) if isinstance(size, int | float) else tuple(size) for size in anchor_sizes
    ]
    counts = {len(level) for level in sizes}
    if len(sizes) != LEVELS or len(counts) != 1 or any(s <= 0 for level in sizes for s in level):
        raise UserError(
            f"Expected `anchor_sizes` to have {LEVELS} entries (for P2 to P6) with equally many "
            f"sizes above 0. Received: anchor_sizes={anchor_sizes!r}"
        )
    return sizes


def _storable(value):
    """The value as a configuration holds it: layers as dicts."""
    if isinstance(value, keras.Layer):
        return keras.saving.serialize_keras_object(value)
    return value
