"""Shipped weights: a folder each with config.json, float16 parts and a card."""

from nanozoo.checkpoints import classes, em, shapes, textures  # noqa: F401
from nanozoo.checkpoints.shipping import newest_version as newest_version
