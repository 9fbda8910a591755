"""UNets trained on electron micrographs of particles."""

from __future__ import annotations

from nanozoo.checkpoints.shipping import ship

ship(
    "unet-efficientnet_lite0-em-v1",
    "90ed4dae7f845fc28178c0f5b395671b5cfaa72697a5acef75301d512170ef8f",
    summary="Particles in TEM, STEM and SEM micrographs; decoder kernels of 3 px.",
    tags=("segmentation",),
    known_failures="Nanowires and platelets beside labelled particles, agglomerates on strongly "
    "textured polymer, overlaps, debris below a twelfth of the largest diameter.",
)
