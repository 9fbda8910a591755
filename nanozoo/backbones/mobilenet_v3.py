"""MobileNet-V3 of `keras.applications`."""

from __future__ import annotations

from keras import applications, layers

from nanozoo.backbones.applications import CENTRE, Application, register_applications

SMALL = {
    "C1": "activation_1",
    "C2": "expanded_conv_project_bn",
    "C3": "expanded_conv_2_add",
    "C4": "expanded_conv_7_add",
    "C5": "expanded_conv_10_add",
}
LARGE = {
    "C1": "expanded_conv_add",
    "C2": "expanded_conv_2_add",
    "C3": "expanded_conv_5_add",
    "C4": "expanded_conv_11_add",
    "C5": "expanded_conv_14_add",
}


def _convolution(config: dict) -> layers.Conv2D:
    """A convolution; those that squeeze start with a bias, or all of their few ReLUs may be 0."""
    if config["name"].endswith("squeeze_excite_conv"):
        config = {**config, "bias_initializer": "ones"}
    return layers.Conv2D.from_config(config)


APPLICATIONS = {
    f"mobilenet_v3_{size}": Application(
        f"MobileNet-V3 {size}",
        network,
        channels,
        levels,
        mean=CENTRE,
        std=CENTRE,
        options={"include_preprocessing": False},
        substitutes={"Conv2D": _convolution},
    )
    for size, network, channels, levels in (
        ("small", applications.MobileNetV3Small, (16, 16, 24, 48, 96), SMALL),
        ("large", applications.MobileNetV3Large, (16, 24, 40, 112, 160), LARGE),
    )
}

register_applications(APPLICATIONS, "Howard et al. 2019, https://doi.org/10.1109/ICCV.2019.00140")
