"""Classical methods: image to labels, without keras."""

from nanozoo.baselines import hybrid, local, otsu

__all__ = ["hybrid", "local", "otsu"]
