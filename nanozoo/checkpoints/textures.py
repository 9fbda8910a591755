"""Variational autoencoders, which describe whole textures by 128 numbers."""

from __future__ import annotations

from nanozoo.checkpoints.shipping import ship

ship(
    "vae_foams-efficientnet_lite0-v1",
    "2615d0079efd8f5d3c6decdada7b8624ed1f526e4382647a60f2c3cd9959083c",
    summary="Foams and other porous textures, 128 numbers an image.",
    tags=("autoencoder",),
    known_failures="Fine pores in drawings, real foams (trained on simulated ones alone).",
)
