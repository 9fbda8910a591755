"""Simulated micrographs with exact ground truth (numpy and OpenCV, seeded)."""

from nanozoo.synth.config import SceneConfig
from nanozoo.synth.randomise import random_config
from nanozoo.synth.scene import Scene, simulate

__all__ = ["Scene", "SceneConfig", "random_config", "simulate"]
