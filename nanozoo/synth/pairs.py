"""Core and shell of each particle of a simulated scene: which instances, and how large."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nanozoo.synth.core_shell import CLASSES
from nanozoo.synth.scene import Scene


@dataclass(frozen=True)
class CoreShell:
    """A particle of which both parts are seen.

    Args:
        particle: Its number in the scene.
        core: Number of the core among the instances, from 1, as in a label image.
        shell: Number of the shell.
        core_diameter_px: Area-equivalent diameter of the core, px.
        diameter_px: Area-equivalent diameter of core and shell together, px.
        touches_border: Whether the border of the image may have cut it.
    """

    particle: int
    core: int
    shell: int
    core_diameter_px: float
    diameter_px: float
    touches_border: bool

    @property
    def shell_px(self) -> float:
        """Thickness of the shell: half the difference of the diameters, px."""
        return (self.diameter_px - self.core_diameter_px) / 2


def core_shell_pairs(scene: Scene) -> list[CoreShell]:
    """The particles of a scene of layout "core-shell"; empty for other layouts.

    Example:
        >>> from nanozoo.synth import SceneConfig, simulate
        >>> scene = simulate(SceneConfig((64, 64), layout="core-shell", number=1), seed=0)
        >>> [(pair.core, pair.shell) for pair in core_shell_pairs(scene)]
        [(1, 2)]
    """
    if scene.classes != CLASSES:
        return []
    parts: dict[int, dict[str, int]] = {}
    for number, (item, particle) in enumerate(zip(scene.instances, scene.particles), 1):
        parts.setdefault(particle, {})[CLASSES[item.class_id - 1]] = number
    pairs = []
    for particle, numbers in parts.items():
        if len(numbers) == len(CLASSES):
            core, shell = (scene.instances.items[numbers[name] - 1] for name in CLASSES)
            top, left, bottom, right = shell.box
            height, width = scene.instances.shape
            pairs.append(
                CoreShell(
                    particle,
                    numbers["core"],
                    numbers["shell"],
                    core.diameter,
                    float(2 * np.sqrt((core.area + shell.area) / np.pi)),
                    top == 0 or left == 0 or bottom == height or right == width,
                )
            )
    return pairs
