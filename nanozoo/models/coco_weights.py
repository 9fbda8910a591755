"""Weights of torchvision's Mask R-CNN, trained on the everyday objects of COCO."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras

from nanozoo.backbones.imagenet import MEAN, STD
from nanozoo.core.downloads import Download, fetch
from nanozoo.core.errors import UserError
from nanozoo.core.torch_file import read_state_dict
from nanozoo.core.weights import LoadReport, load_torch_state_dict

# The first eight digits of the hash are in the name; torchvision checks these alone.
CHECKPOINT = Download(
    "https://download.pytorch.org/models/maskrcnn_resnet50_fpn_coco-bf2d0c1e.pth",
    "bf2d0c1efbc936eeee2bc95a48e80ebc86b891f61b0106485937fc29f9315fc0",
)
NUM_CLASSES = 91
SIZES = [(32,), (64,), (128,), (256,), (512,)]
ARGUMENTS = {
    "backbone": "resnet50",
    "pyramid_filters": 256,
    "neck": None,
    "anchor_ratios": (0.5, 1.0, 2.0),
    "rpn_head": None,
    "box_head_units": 1024,
    "box_head": None,
    "mask_head_filters": (256, 256, 256, 256),
    "mask_head": None,
}
# Layers with an output for each class.
CLASS_LAYERS = (
    "box_head/cls_score/*",
    "box_head/bbox_pred/*",
    "masks/mask_head/mask_fcn_logits/*",
)
# Batch normalisation was frozen, and torchvision loads these weights with an epsilon of 0.
EPSILON = 0.0


def check_coco_arguments(arguments: Mapping, sizes: Sequence[tuple[float, ...]]) -> None:
    """Check that `build_maskrcnn` was called with the arguments that the weights belong to.

    Args:
        arguments: The builder's arguments by name.
        sizes: Anchor sizes, a tuple a level.

    Raises:
        UserError: If one is another; all of them are named.
    """
    wrong = {
        name: (wanted, arguments[name])
        for name, wanted in ARGUMENTS.items()
        if _comparable(arguments[name]) != wanted
    }
    if list(sizes) != SIZES:
        wrong["anchor_sizes"] = (tuple(size for (size,) in SIZES), arguments["anchor_sizes"])
    if wrong:
        wanted = ", ".join(f"{name}={pair[0]!r}" for name, pair in wrong.items())
        received = ", ".join(f"{name}={pair[1]!r}" for name, pair in wrong.items())
        raise UserError(f"Expected {wanted} for weights='coco'. Received: {received}")


def load_coco(model: keras.Model, num_classes: int) -> LoadReport:
    """Load the weights, for images in [0, 1].

    Args:
        model: Of `build_maskrcnn` with the arguments in `ARGUMENTS`; of 1 or 3 channels.
        num_classes: Classes of the model. If they are not COCO's 91, the layers in
            `CLASS_LAYERS` keep their values.

    Returns:
        The report.

    Raises:
        UserError: If the file cannot be downloaded or is not the registered one.
    """
    return load_torch_state_dict(
        model,
        read_state_dict(fetch(CHECKPOINT)),
        mean=MEAN,
        std=STD,
        epsilon=EPSILON,
        skip=() if num_classes == NUM_CLASSES else CLASS_LAYERS,
    )


def _comparable(value):
    return tuple(value) if isinstance(value, list) else value
