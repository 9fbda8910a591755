"""Classical methods: image to particles, without keras."""

from nanozoo.baselines import ellipse, hybrid, isolated, local, otsu, watershed

__all__ = ["ellipse", "hybrid", "isolated", "local", "otsu", "watershed"]
