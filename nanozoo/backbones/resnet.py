"""ResNets in torchvision's topology, so that its weights fit tensor by tensor."""

from __future__ import annotations

from collections.abc import Mapping

import keras
from keras import layers

from nanozoo.backbones.imagenet import MEAN, STD
from nanozoo.backbones.micronet import micronet_resnet
from nanozoo.core.checks import check_choice
from nanozoo.core.registry import BACKBONES
from nanozoo.core.weights import LoadReport, load_torch_state_dict
from nanozoo.layers.stem import micrograph_input

# Blocks a stage, and whether they are bottlenecks (three convolutions, four times as wide).
DEPTHS = {
    18: ((2, 2, 2, 2), False),
    34: ((3, 4, 6, 3), False),
    50: ((3, 4, 6, 3), True),
    101: ((3, 4, 23, 3), True),
}

DOCSTRING = """Build ResNet-{depth} (v1.5) without its classifier.

    Args:
        input_shape: `(height, width, channels)`; height and width may be None.
        weights: "micronet" for NASA's encoder that was trained on micrographs (downloaded
            once, see `nanozoo.backbones.micronet`), its normalisation folded into the stem, or
            None for random ones; `load_torchvision_resnet` takes any state dict.
        epsilon: Of batch normalisation.
        name: Name of the model.

    Returns:
        Flat functional model from `(B, H, W, C)` in [0, 1] to levels
        `{{"C1".."C5"}}`, level n `(B, H'/2**n, W'/2**n, F)`, where `H', W'` are
        the next multiples of 32. C1 is the stem (64 channels), C2 to C5 are
        torchvision's layer1 to layer4 (C5 has {width} channels).

    Raises:
        UserError: If an argument is out of range, or the weights cannot be downloaded.

    Example:
        >>> model = resnet{depth}((64, 64, 1))
        >>> tuple(model.output["C5"].shape)
        (None, 2, 2, {width})

    References:
        He et al. 2016, https://doi.org/10.1109/CVPR.2016.90
    """


def build_resnet(
    depth: int,
    input_shape: tuple[int | None, int | None, int] = (None, None, 1),
    *,
    weights: str | None = None,
    epsilon: float = 1e-5,
    name: str | None = None,
) -> keras.Model:
    """Build a ResNet of `depth` 18, 34, 50 or 101; the rest is as in `resnet18`."""
    check_choice("depth", depth, DEPTHS)
    check_choice("weights", weights, (None, "micronet"))
    stages, bottleneck = DEPTHS[depth]
    inputs, x = micrograph_input(input_shape)
    x = _norm(_conv(x, 64, 7, 2, "conv1"), "bn1", epsilon)
    x = layers.Activation("relu", name="relu1")(x)
    levels = {"C1": layers.Identity(name="C1")(x)}
    # Zeros stand in for torchvision's minus infinity: the map is not negative.
    x = layers.ZeroPadding2D(1, name="maxpool_pad")(levels["C1"])
    x = layers.MaxPooling2D(3, strides=2, name="maxpool")(x)
    for stage, blocks in enumerate(stages, 1):
        for block in range(blocks):
            stride = 2 if block == 0 and stage > 1 else 1
            prefix = f"layer{stage}_{block}"
            x = _block(x, 64 * 2 ** (stage - 1), stride, bottleneck, prefix, epsilon)
        levels[f"C{stage + 1}"] = x = layers.Identity(name=f"C{stage + 1}")(x)
    model = keras.Model(inputs, levels, name=name or f"resnet{depth}")
    if weights == "micronet":
        load_torchvision_resnet(model, micronet_resnet(depth))
    return model


def load_torchvision_resnet(
    model: keras.Model, state_dict: Mapping[str, object], epsilon: float = 1e-5
) -> LoadReport:
    """Load a state dict in torchvision's names, folding ImageNet's normalisation into the stem.

    Args:
        model: Of `build_resnet`; its depth must be that of the weights.
        state_dict: Tensors or arrays by name, such as "layer1.0.conv1.weight".
        epsilon: Of the batch normalisation that the weights were trained with.

    Returns:
        The report, with the classifier and the step counters as skipped.

    Raises:
        UserError: If a tensor is missing, unexpected or of another shape.
    """
    return load_torch_state_dict(
        model, state_dict, mean=MEAN, std=STD, epsilon=epsilon, skip=("fc/*",)
    )


def _block(x, filters: int, stride: int, bottleneck: bool, name: str, epsilon: float):
    """Add a residual branch of two 3x3 convolutions, or of 1x1, 3x3 and 1x1, to its input."""
    width = 4 * filters if bottleneck else filters
    plan = (
        [(filters, 1, 1), (filters, 3, stride), (width, 1, 1)]
        if bottleneck
        else [(filters, 3, stride), (filters, 3, 1)]
    )
    shortcut = x
    if stride != 1 or x.shape[-1] != width:
        shortcut = _conv(x, width, 1, stride, f"{name}_downsample_0")
        shortcut = _norm(shortcut, f"{name}_downsample_1", epsilon)
    for number, (channels, kernel_size, step) in enumerate(plan, 1):
        x = _norm(
            _conv(x, channels, kernel_size, step, f"{name}_conv{number}"),
            f"{name}_bn{number}",
            epsilon,
        )
        if number < len(plan):
            x = layers.Activation("relu", name=f"{name}_relu{number}")(x)
    x = layers.Add(name=f"{name}_add")([x, shortcut])
    return layers.Activation("relu", name=f"{name}_relu")(x)


def _conv(x, filters: int, kernel_size: int, stride: int, name: str):
    """Convolve with the zero padding that PyTorch has: the same on both sides."""
    if stride > 1 and kernel_size > 1:
        x = layers.ZeroPadding2D(kernel_size // 2, name=f"{name}_pad")(x)
    return layers.Conv2D(
        filters,
        kernel_size,
        strides=stride,
        padding="valid" if stride > 1 else "same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )(x)


def _norm(x, name: str, epsilon: float):
    return layers.BatchNormalization(momentum=0.9, epsilon=epsilon, name=name)(x)


def _register(depth: int):
    """Register the ResNet of one depth; the four differ in nothing else."""

    def builder(
        input_shape: tuple[int | None, int | None, int] = (None, None, 1),
        *,
        weights: str | None = None,
        epsilon: float = 1e-5,
        name: str = f"resnet{depth}",
    ) -> keras.Model:
        return build_resnet(depth, input_shape, weights=weights, epsilon=epsilon, name=name)

    builder.__name__ = builder.__qualname__ = f"resnet{depth}"
    stages, bottleneck = DEPTHS[depth]
    builder.__doc__ = DOCSTRING.format(depth=depth, width=2048 if bottleneck else 512)
    return BACKBONES.register(
        f"resnet{depth}",
        tags=("variant",) if depth > 18 else (),
        test_kwargs={"input_shape": (64, 64, 1)},
        reference="He et al. 2016, https://doi.org/10.1109/CVPR.2016.90",
    )(builder)


resnet18 = _register(18)
resnet34 = _register(34)
resnet50 = _register(50)
resnet101 = _register(101)
