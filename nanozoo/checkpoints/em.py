"""Networks trained on electron micrographs of particles."""

from __future__ import annotations

from nanozoo.checkpoints.shipping import ship

_FAILURES = (
    "Nanowires and platelets beside labelled particles, agglomerates on strongly textured "
    "polymer, overlaps, debris below a twelfth of the largest diameter."
)

ship(
    "fpn-efficientnet_lite0-em-v1",
    "f89a4e97abad8c11b0d41d21ee0f18d2a5b753f447ebaef010e97093a7932596",
    summary="Particles in TEM, STEM and SEM micrographs; a feature pyramid, one magnification.",
    tags=("segmentation",),
    known_failures=_FAILURES,
)
ship(
    "linknet-efficientnet_lite0-em-v1",
    "f97cd3bbef65b6f68fccbd9aa9c75496ef97e2b1364edd82d89275f40123e71a",
    summary="Particles in TEM, STEM and SEM micrographs; a LinkNet, to compare with.",
    tags=("segmentation",),
    known_failures=_FAILURES,
)
ship(
    "unet-efficientnet_lite0-em-v1",
    "90ed4dae7f845fc28178c0f5b395671b5cfaa72697a5acef75301d512170ef8f",
    summary="Particles in TEM, STEM and SEM micrographs; decoder kernels of 3 px.",
    tags=("segmentation",),
    known_failures=_FAILURES,
)
ship(
    "unet-efficientnet_lite0-em-v2",
    "31f62c7c1d997ec85c0f934239a7454e0095e65bb4fa52a7fb7b8f04d34967a7",
    summary="Particles in TEM, STEM and SEM micrographs; kernels of 3 px, trained longer.",
    tags=("segmentation",),
    known_failures=_FAILURES,
)
ship(
    "unet-efficientnet_lite0-em-v3",
    "2b191b8b49e18b3af0662ecba97121f662a96e4e3078d393342377e81f9c778b",
    summary="Particles in TEM, STEM and SEM micrographs; kernels of 3 px, also from simulation.",
    tags=("segmentation",),
    known_failures=_FAILURES,
)
ship(
    "unet7-efficientnet_lite0-em-v1",
    "962a9f1f27c953adfd06816cb3857d91c715f188da6f36dfade21dc45464f0bf",
    summary="Particles in TEM, STEM and SEM micrographs; decoder kernels of 7 px.",
    tags=("segmentation",),
    known_failures=_FAILURES,
)
ship(
    "maskrcnn-efficientnet_lite0-em-v1",
    "6a95f616f75b56d34b15d2c2724069daf9c748cacdf3793507efc0e27386eb19",
    summary="Particles that may lie over one another, in TEM, STEM and SEM micrographs.",
    tags=("detection",),
    known_failures=(
        "Dense heaps of long rods, the third particle in one place, very large and very small "
        "particles in one image, letters and scale bars taken for particles."
    ),
)
