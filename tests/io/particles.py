"""Particles that are hard to write down."""

import numpy as np

from nanozoo.core.instances import Instance, Instances, instance_of

SHAPE = (60, 80)


def disc(row: float, column: float, radius: float) -> np.ndarray:
    rows, columns = np.indices(SHAPE)
    return np.hypot(rows - row, columns - column) <= radius


def hard_masks() -> dict[str, np.ndarray]:
    """Masks by what is hard about them, back to front."""
    dot, corner, diagonal, line = np.zeros((4, *SHAPE), bool)
    dot[30, 40] = True
    corner[50:, 70:] = disc(59, 79, 9)[50:, 70:]
    diagonal[5, 70], diagonal[6, 71], diagonal[7, 70] = True, True, True
    line[0, :] = True
    return {
        "disc": disc(20, 20, 12.3),
        "overlapping disc": disc(24, 31, 11),
        "ring": disc(40, 20, 11) & ~disc(40, 20, 5),
        "two rings in one": (disc(20, 60, 12) & ~disc(20, 60, 9)) | disc(20, 60, 4),
        "parts": disc(50, 45, 4) | disc(50, 58, 5),
        "corner of the image": corner,
        "first row": line,
        "one pixel": dot,
        "pixels that touch at corners": diagonal,
        "first pixel": disc(0, 0, 0),
    }


def hard_particles(classes: int = 1) -> Instances:
    """The same as particles of the classes in turn."""
    masks = hard_masks().values()
    return Instances(SHAPE, [instance_of(mask, 1 + n % classes) for n, mask in enumerate(masks)])


def random_particle(rng: np.random.Generator, side: int = 11) -> Instance | None:
    """A particle of pixels at random, in parts and full of holes; None if there is none."""
    mask = rng.random(rng.integers(1, side, 2)) < rng.choice([0.3, 0.6, 0.9])
    return instance_of(mask, top=3, left=5) if mask.any() else None
