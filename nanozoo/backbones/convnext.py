"""ConvNeXts of `keras.applications`, whose first stride is 4: level C1 is of our own."""

from __future__ import annotations

from keras import applications

from nanozoo.backbones.applications import Application, register_applications
from nanozoo.layers.scale import LayerScale


def levels(blocks: int) -> dict[str, str]:
    """Sums that end the stages, of 3, 3 and `blocks` blocks, and the last normalisation."""
    return {"C2": "add_3", "C3": "add_6", "C4": f"add_{6 + blocks}", "C5": "layer_normalization_1"}


def layer_scale(config: dict) -> LayerScale:
    """Scale of a block's branch, which begins at 0.1.

    At the 1e-6 of Keras, layers in the branch do not move within the steps that few images allow.
    """
    return LayerScale.from_config({**config, "init_values": 0.1})


APPLICATIONS = {
    f"convnext_{size}": Application(
        f"ConvNeXt {size}",
        network,
        channels,
        levels(blocks),
        options={"include_preprocessing": False},
        substitutes={"LayerScale": layer_scale},
        tags=("adam",),
    )
    for size, network, channels, blocks in (
        ("tiny", applications.ConvNeXtTiny, (64, 96, 192, 384, 768), 9),
        ("small", applications.ConvNeXtSmall, (64, 96, 192, 384, 768), 27),
        ("base", applications.ConvNeXtBase, (64, 128, 256, 512, 1024), 27),
    )
}

register_applications(
    APPLICATIONS, "Liu et al. 2022, https://doi.org/10.1109/CVPR52688.2022.01167"
)
