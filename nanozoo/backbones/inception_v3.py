"""Inception-V3 of `keras.applications`, with padding where the original has none."""

from __future__ import annotations

from keras import applications

from nanozoo.backbones.applications import CENTRE, Application, register_applications

# The third and the fifth activation end the convolutions before the two poolings of the stem.
LEVELS = {
    "C1": "activation_3",
    "C2": "activation_5",
    "C3": "mixed2",
    "C4": "mixed7",
    "C5": "mixed10",
}

APPLICATIONS = {
    "inception_v3": Application(
        "Inception-V3",
        applications.InceptionV3,
        (64, 192, 288, 768, 2048),
        LEVELS,
        mean=CENTRE,
        std=CENTRE,
        pad=True,
    )
}

register_applications(APPLICATIONS, "Szegedy et al. 2016, https://doi.org/10.1109/CVPR.2016.308")
