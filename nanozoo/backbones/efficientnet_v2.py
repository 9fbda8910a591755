"""EfficientNet-V2 of `keras.applications`."""

from __future__ import annotations

from keras import applications

from nanozoo.backbones.applications import Application, register_applications
from nanozoo.backbones.imagenet import MEAN, STD

HALF = (128 / 255,) * 3
"""Mean and standard deviation of the networks that are not "B"."""


def levels(blocks: str) -> dict[str, str]:
    """Layers that end the levels: the last of stages 1, 2, 3, 5 and 6.

    The convolution after them, 1280 channels for a classifier, is left out.
    """
    return {
        f"C{number}": f"block{block}_{'project_activation' if block == '1a' else 'add'}"
        for number, block in enumerate(blocks.split(), 1)
    }


APPLICATIONS = {
    f"efficientnet_v2_{size}": Application(
        f"EfficientNet-V2 {size.upper()}",
        network,
        channels,
        levels(blocks),
        mean=HALF if size == "s" else MEAN,
        std=HALF if size == "s" else STD,
        options={"include_preprocessing": False},
    )
    for size, network, channels, blocks in (
        ("b0", applications.EfficientNetV2B0, (16, 32, 48, 112, 192), "1a 2b 3b 5e 6h"),
        ("b1", applications.EfficientNetV2B1, (16, 32, 48, 112, 192), "1b 2c 3c 5f 6i"),
        ("b2", applications.EfficientNetV2B2, (16, 32, 56, 120, 208), "1b 2c 3c 5f 6j"),
        ("b3", applications.EfficientNetV2B3, (16, 40, 56, 136, 232), "1b 2c 3c 5g 6l"),
        ("s", applications.EfficientNetV2S, (24, 48, 64, 160, 256), "1b 2d 3d 5i 6o"),
    )
}

register_applications(APPLICATIONS, "Tan, Le 2021, https://doi.org/10.48550/arXiv.2104.00298")
