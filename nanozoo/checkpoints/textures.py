"""Variational autoencoders, which describe whole textures by a few numbers."""

from __future__ import annotations

from nanozoo.checkpoints.shipping import ship

ship(
    "vae_foams-efficientnet_lite0-v1",
    "2615d0079efd8f5d3c6decdada7b8624ed1f526e4382647a60f2c3cd9959083c",
    summary="Foams and other porous textures, 128 numbers an image.",
    tags=("autoencoder",),
    known_failures="Fine pores in drawings, real foams (trained on simulated ones alone).",
)
ship(
    "vae_sem_textures-efficientnet_lite0-v1",
    "bece7c2d95a955db80940bd4a857aa3c27816dc382cef6db7a812fcda31c990a",
    summary="Textures of TEM, STEM and SEM micrographs, 256 numbers an image.",
    tags=("autoencoder",),
    known_failures="Fine texture in drawings, fillers of one polymer told apart by chance.",
)
