"""UNets trained on electron micrographs of particles."""

from __future__ import annotations

from nanozoo.checkpoints.shipping import ship

ship(
    "unet-efficientnet_lite0-em-v1",
    "de97e4150fdd1ce1b47146f19f1850847581eaa36641f8df5212d5ac0fafa731",
    tags=("segmentation",),
    known_failures="Nanowires and platelets beside labelled particles, agglomerates on strongly "
    "textured polymer, debris smaller than a sixth of the largest particle, overlaps.",
)
