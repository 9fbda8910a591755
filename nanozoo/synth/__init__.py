"""Simulated micrographs with exact ground truth (numpy and OpenCV, seeded)."""

from nanozoo.synth.config import SceneConfig
from nanozoo.synth.effects import Effects
from nanozoo.synth.porous import PorousScene, simulate_porous
from nanozoo.synth.porous_config import PorousConfig
from nanozoo.synth.randomise import random_config
from nanozoo.synth.realistic import realistic_config
from nanozoo.synth.scene import Scene, simulate

__all__ = [
    "Effects",
    "PorousConfig",
    "PorousScene",
    "Scene",
    "SceneConfig",
    "random_config",
    "realistic_config",
    "simulate",
    "simulate_porous",
]
