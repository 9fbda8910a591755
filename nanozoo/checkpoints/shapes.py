"""Networks trained on simulated single particles, which name their shape."""

from __future__ import annotations

from nanozoo.checkpoints.shipping import ship

ship(
    "shapecnn_outline-efficientnet_lite0-v1",
    "6af24617c1664e946c512fae880714fa6657ba13bb2ce5f4ba6e3b59c0946b4e",
    summary="Outline of a particle: circle, triangle, square, rhombus, hexagon, pentagon, rod.",
    tags=("classification",),
    known_failures=(
        "Round particles of few pixels called hexagon, shapes of other kinds called the most "
        "similar one."
    ),
)
