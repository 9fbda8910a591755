"""LinkNet: thin decoder blocks, each added to the encoder level of its size."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from nanozoo.core.checks import check_choice, check_int
from nanozoo.core.registry import MODELS
from nanozoo.heads.segmentation import segmentation_head
from nanozoo.layers.blocks import conv_bn_relu
from nanozoo.models.encoder import build_encoder
from nanozoo.models.finish import finish_model
from nanozoo.models.unet import KERNEL_SIZES


def linknet_decoder(levels: dict, filters: int, kernel_size: int):
    """Decode `{"C1".."C5"}` to full size.

    A block narrows to a quarter of its channels (not below `filters`), doubles the size,
    convolves and widens to the channels of the level that it is added to. Nearest upsampling
    and a convolution stand for the paper's transposed convolution, which leaves checkerboards.

    Args:
        levels: Feature maps, level n at stride 2**n.
        filters: Channels of the result.
        kernel_size: Side of the kernels, px.

    Returns:
        `(B, H, W, filters)` features at stride 1.
    """
    x = levels["C5"]
    for stage in (4, 3, 2, 1):
        name, skip = f"up{stage}", levels[f"C{stage}"]
        narrow = max(filters, x.shape[-1] // 4)
        x = conv_bn_relu(x, narrow, 1, f"{name}_narrow")
        x = layers.UpSampling2D(interpolation="nearest", name=f"{name}_upsample")(x)
        x = conv_bn_relu(x, narrow, kernel_size, f"{name}_main")
        x = conv_bn_relu(x, skip.shape[-1], 1, f"{name}_widen")
        x = layers.Add(name=f"{name}_add")([x, skip])
    x = layers.UpSampling2D(interpolation="nearest", name="up0_upsample")(x)
    x = conv_bn_relu(x, filters, kernel_size, "up0_1")
    return conv_bn_relu(x, filters, kernel_size, "up0_2")


@MODELS.register(
    "linknet",
    tags=("segmentation",),
    test_kwargs={"decoder_filters": 8},
    reference="Chaurasia & Culurciello 2017, https://doi.org/10.1109/VCIP.2017.8305148",
)
def build_linknet(
    input_shape: tuple[int | None, int | None, int] = (256, 256, 1),
    num_classes: int = 2,
    backbone: str = "efficientnet_lite0",
    *,
    kernel_size: int = 3,
    decoder_filters: int = 16,
    boundary: bool = False,
    activation: str | None = "softmax",
    weights: str | None = None,
    weights_backbone: str | None = None,
    name: str | None = None,
) -> keras.Model:
    """Build a LinkNet for any backbone and image size.

    Args:
        input_shape: `(height, width, channels)`; height and width may be None, and
            need not divide by 32: the image is padded inside and cropped back.
        num_classes: Classes with background (label 0), at least 2.
        backbone: Name in `nanozoo.core.registry.BACKBONES`.
        kernel_size: 3, 5, 7 or 9 px; of the decoder, and of the encoder too where
            the backbone is "plain".
        decoder_filters: Channels at stride 1, and the least inside a decoder block.
        boundary: Whether to add a second output, the probability of a particle's edge.
        activation: "softmax" for probabilities, None for logits.
        weights: Checkpoint name or folder to start from; backbone and kernel must agree.
        weights_backbone: "imagenet" or "micronet" where the backbone has such weights, or the
            name or folder of a checkpoint of any model on this backbone: for the encoder.
        name: Name of the model.

    Returns:
        Model from `(B, H, W, C)` in [0, 1] to `(B, H, W, num_classes)` float32, or with
        `boundary` to a dict of "classes" and "boundary" `(B, H, W, 1)`.

    Raises:
        UserError: If an argument is out of range, or the weights do not fit.

    Example:
        >>> from nanozoo import build_linknet
        >>> model = build_linknet((64, 64, 1), backbone="plain", kernel_size=5)
        >>> model.output_shape
        (None, 64, 64, 2)

    References:
        Chaurasia & Culurciello 2017, https://doi.org/10.1109/VCIP.2017.8305148
    """
    check_int("num_classes", num_classes, 2)
    check_choice("kernel_size", kernel_size, KERNEL_SIZES)
    encoder = build_encoder(
        backbone, input_shape, kernel_size=kernel_size, weights=weights_backbone
    )
    levels: Any = encoder.output
    x = linknet_decoder(levels, decoder_filters, kernel_size)
    outputs = segmentation_head(
        x, encoder.input, num_classes, boundary=boundary, activation=activation
    )
    return finish_model(encoder.input, outputs, name or f"linknet_{backbone}", weights)
