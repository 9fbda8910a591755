"""Networks trained on simulated single particles, which name their shape."""

from __future__ import annotations

from nanozoo.checkpoints.shipping import ship

ship(
    "shapecnn_outline-efficientnet_lite0-v1",
    "4d7f75959fa8b29d335744da5a39d9076469bf4c0d041e00806c63d0a7f88876",
    summary="Outline of a particle: circle, triangle, square, rhombus, hexagon, pentagon, rod.",
    tags=("classification",),
    known_failures=(
        "Round particles of few pixels called hexagon, shapes of other kinds called the most "
        "similar one."
    ),
)
