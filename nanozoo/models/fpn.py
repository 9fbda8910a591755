"""Semantic FPN: a feature pyramid whose levels are brought to one stride and summed."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from nanozoo.core.checks import check_choice, check_int
from nanozoo.core.registry import MODELS
from nanozoo.heads.segmentation import segmentation_head
from nanozoo.layers.blocks import conv_bn_relu
from nanozoo.layers.upsampling import BilinearUpsampling
from nanozoo.models.encoder import build_encoder
from nanozoo.models.finish import finish_model
from nanozoo.models.unet import KERNEL_SIZES
from nanozoo.necks.fpn import fpn_neck


def fpn_decoder(pyramid: dict, filters: int, kernel_size: int):
    """Decode `{"P2".."P5"}` to stride 4.

    Args:
        pyramid: Feature maps, level n at stride 2**n.
        filters: Channels of the result.
        kernel_size: Side of the kernels, px.

    Returns:
        `(B, H/4, W/4, filters)` features.
    """
    branches = []
    for stage in (5, 4, 3, 2):
        x = pyramid[f"P{stage}"]
        for step in range(max(1, stage - 2)):
            name = f"branch{stage}_{step + 1}"
            x = conv_bn_relu(x, filters, kernel_size, name)
            if stage > 2:
                x = BilinearUpsampling(name=f"{name}_upsample")(x)
        branches.append(x)
    return layers.Add(name="branches_add")(branches)


@MODELS.register(
    "fpn",
    tags=("segmentation",),
    test_kwargs={"pyramid_filters": 8, "decoder_filters": 8},
    reference="Kirillov, Girshick, He, Dollár 2019, https://doi.org/10.1109/CVPR.2019.00656",
)
def build_fpn(
    input_shape: tuple[int | None, int | None, int] = (256, 256, 1),
    num_classes: int = 2,
    backbone: str = "efficientnet_lite0",
    *,
    kernel_size: int = 3,
    pyramid_filters: int = 128,
    decoder_filters: int = 64,
    boundary: bool = False,
    activation: str | None = "softmax",
    weights: str | None = None,
    weights_backbone: str | None = None,
    name: str | None = None,
) -> keras.Model:
    """Build a semantic FPN for any backbone and image size.

    Args:
        input_shape: `(height, width, channels)`; height and width may be None, and
            need not divide by 32: the image is padded inside and cropped back.
        num_classes: Classes with background (label 0), at least 2.
        backbone: Name in `nanozoo.core.registry.BACKBONES`.
        kernel_size: 3, 5, 7 or 9 px; of pyramid and decoder, and of the encoder too
            where the backbone is "plain".
        pyramid_filters: Channels of the pyramid's levels.
        decoder_filters: Channels of the decoder.
        boundary: Whether to add a second output, the probability of a particle's edge.
        activation: "softmax" for probabilities, None for logits.
        weights: Checkpoint name or folder to start from; backbone and kernel must agree.
        weights_backbone: "imagenet" or "micronet" where the backbone has such weights, or the
            name or folder of a checkpoint of any model on this backbone: for the encoder.
        name: Name of the model.

    Returns:
        Model from `(B, H, W, C)` in [0, 1] to `(B, H, W, num_classes)` float32, or with
        `boundary` to a dict of "classes" and "boundary" `(B, H, W, 1)`. The
        finest features are at stride 4.

    Raises:
        UserError: If an argument is out of range, or the weights do not fit.

    Example:
        >>> from nanozoo import build_fpn
        >>> model = build_fpn((64, 64, 1), num_classes=3, backbone="plain")
        >>> model.output_shape
        (None, 64, 64, 3)

    References:
        Kirillov, Girshick, He, Dollár 2019, https://doi.org/10.1109/CVPR.2019.00656
    """
    check_int("num_classes", num_classes, 2)
    check_choice("kernel_size", kernel_size, KERNEL_SIZES)
    encoder = build_encoder(
        backbone, input_shape, kernel_size=kernel_size, weights=weights_backbone
    )
    levels: Any = encoder.output
    pyramid = fpn_neck(levels, pyramid_filters, kernel_size)
    x = fpn_decoder(pyramid, decoder_filters, kernel_size)
    outputs = segmentation_head(
        x, encoder.input, num_classes, stride=4, boundary=boundary, activation=activation
    )
    return finish_model(encoder.input, outputs, name or f"fpn_{backbone}", weights)
