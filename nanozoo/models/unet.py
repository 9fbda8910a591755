"""UNet: an encoder, skip connections, and a decoder with a configurable kernel size."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from nanozoo.core.checks import check_choice, check_int
from nanozoo.core.errors import UserError
from nanozoo.core.registry import MODELS
from nanozoo.heads.segmentation import segmentation_head
from nanozoo.layers.blocks import conv_bn_relu
from nanozoo.models.encoder import build_encoder
from nanozoo.models.finish import finish_model

KERNEL_SIZES = (3, 5, 7, 9)


def unet_decoder(levels: dict, filters: tuple[int, ...], kernel_size: int):
    """Decode `{"C1".."C5"}` to full size.

    Args:
        levels: Feature maps, level n at stride 2**n.
        filters: Channels at strides 16, 8, 4, 2 and 1.
        kernel_size: Side of the kernels, px.

    Returns:
        `(B, H, W, filters[-1])` features at stride 1.
    """
    x = levels["C5"]
    for stage, channels in zip((4, 3, 2, 1, 0), filters):
        name = f"up{stage}"
        x = layers.UpSampling2D(interpolation="nearest", name=f"{name}_upsample")(x)
        if stage:
            x = layers.Concatenate(name=f"{name}_concat")([x, levels[f"C{stage}"]])
        x = conv_bn_relu(x, channels, kernel_size, f"{name}_1")
        x = conv_bn_relu(x, channels, kernel_size, f"{name}_2")
    return x


@MODELS.register(
    "unet",
    tags=("segmentation",),
    test_kwargs={"decoder_filters": (8, 8, 8, 8, 8)},
    reference="Ronneberger, Fischer, Brox 2015, doi:10.1007/978-3-319-24574-4_28",
)
def build_unet(
    input_shape: tuple[int | None, int | None, int] = (256, 256, 1),
    num_classes: int = 2,
    backbone: str = "efficientnet_lite0",
    *,
    kernel_size: int = 3,
    decoder_filters: tuple[int, ...] = (128, 64, 32, 24, 16),
    boundary: bool = False,
    activation: str | None = "softmax",
    weights: str | None = None,
    weights_backbone: str | None = None,
    name: str | None = None,
) -> keras.Model:
    """Build a UNet for any backbone and image size.

    Args:
        input_shape: `(height, width, channels)`; height and width may be None, and
            need not divide by 32: the image is padded inside and cropped back.
        num_classes: Classes with background (label 0), at least 2.
        backbone: Name in `nanozoo.core.registry.BACKBONES`.
        kernel_size: 3, 5, 7 or 9 px; of the decoder, and of the encoder too where
            the backbone is "plain".
        decoder_filters: Channels at strides 16, 8, 4, 2 and 1.
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
        >>> from nanozoo import build_unet
        >>> model = build_unet((64, 64, 1), backbone="plain", kernel_size=7)
        >>> model.output_shape
        (None, 64, 64, 2)

    References:
        Ronneberger, Fischer, Brox 2015, doi:10.1007/978-3-319-24574-4_28.
    """
    check_int("num_classes", num_classes, 2)
    check_choice("kernel_size", kernel_size, KERNEL_SIZES)
    if len(decoder_filters) != 5:
        raise UserError(
            "Expected `decoder_filters` to have 5 entries, one a stride. "
            f"Received: decoder_filters={decoder_filters!r}"
        )
    encoder = build_encoder(
        backbone, input_shape, kernel_size=kernel_size, weights=weights_backbone
    )
    levels: Any = encoder.output
    x = unet_decoder(levels, decoder_filters, kernel_size)
    outputs = segmentation_head(
        x, encoder.input, num_classes, boundary=boundary, activation=activation
    )
    return finish_model(encoder.input, outputs, name or f"unet_{backbone}", weights)
