"""Simulated micrographs with exact ground truth (numpy and OpenCV, seeded)."""

from nanozoo.synth.config import SceneConfig
from nanozoo.synth.porous import PorousScene, simulate_porous
from nanozoo.synth.porous_config import PorousConfig
from nanozoo.synth.randomise import random_config
from nanozoo.synth.scene import Scene, simulate

__all__ = [
    "PorousConfig",
    "PorousScene",
    "Scene",
    "SceneConfig",
    "random_config",
    "simulate",
    "simulate_porous",
]
