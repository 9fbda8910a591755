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
