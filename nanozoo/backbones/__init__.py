"""Backbones: one file a family, image to levels C1..C5 (level n has stride 2**n)."""
