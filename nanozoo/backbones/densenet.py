"""DenseNets of `keras.applications`."""

from __future__ import annotations

from keras import applications

from nanozoo.backbones.applications import Application, register_applications

# Each after its normalisation: a block's own output is a concatenation that nothing normalises.
LEVELS = {
    "C1": "conv1_relu",
    "C2": "pool2_relu",
    "C3": "pool3_relu",
    "C4": "pool4_relu",
    "C5": "relu",
}

APPLICATIONS = {
    f"densenet{depth}": Application(f"DenseNet-{depth}", network, channels, LEVELS)
    for depth, network, channels in (
        (121, applications.DenseNet121, (64, 256, 512, 1024, 1024)),
        (169, applications.DenseNet169, (64, 256, 512, 1280, 1664)),
        (201, applications.DenseNet201, (64, 256, 512, 1792, 1920)),
    )
}

register_applications(APPLICATIONS, "Huang et al. 2017, https://doi.org/10.1109/CVPR.2017.243")
