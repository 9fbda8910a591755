"""Networks that tell several classes of pixels apart, such as phases of an alloy."""

from __future__ import annotations

from nanozoo.checkpoints.shipping import ship

ship(
    "unet_superalloy-efficientnet_lite0-v1",
    "1ad6f1ae97b7eb8e862dff62fcde843f6488512c09384980db557050c5a39948",
    summary="Secondary and tertiary precipitates of nickel superalloys in SEM micrographs.",
    tags=("classes",),
    known_failures="Clusters of tertiary precipitates and small secondary ones, the image's edge.",
)

ship(
    "unet_ebc-efficientnet_lite0-v1",
    "aa3eb233e050592388a333666b267bfb238dac49a520af8ae37a1f79af7994d3",
    summary="Grown oxide layers of barrier coatings and their cracks in SEM cross-sections.",
    tags=("classes",),
    known_failures="Coatings that have come off their substrate, images that are not upright.",
)
