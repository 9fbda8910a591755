"""Networks trained on simulated single particles, which name their shape."""

from __future__ import annotations

from nanozoo.checkpoints.shipping import ship

ship(
    "shapecnn_outline-efficientnet_lite0-v2",
    "fa95de362ed7f5e51fb83b79f08af986374b7f85bd0d9daa6cb3bfcd5e022322",
    summary="Outline of a particle: circle, triangle, square, rhombus, hexagon, pentagon, rod.",
    tags=("classification",),
    known_failures="Shapes of other kinds called the most similar one.",
)
ship(
    "shapecnn_morphology-efficientnet_lite0-v2",
    "d4793028436b55a0b647b3b0c6305f5a0cce71b3f20eceacc397909202b8a4eb",
    summary="Morphology of a crystal from its projection, one of eight polyhedra.",
    tags=("classification",),
    known_failures="Silhouettes of orientations that look alike, grown-together crystals.",
)
ship(
    "shapecnn_nanoshapes-efficientnet_lite0-v1",
    "880c6f3c9301258c9558714244f83135dcf4a9535237dbbc72ea1249ca40871d",
    summary="Cubes, octahedra and spheres of copper in bright-field TEM.",
    tags=("classification",),
    known_failures="Particles that the border cuts, octahedra of other series.",
)
