"""Seeded pictures of single particles, to train and test a classifier of shapes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import pdist
from scipy.spatial.transform import Rotation

from nanozoo.core.checks import check_choice, check_int
from nanozoo.core.errors import UserError
from nanozoo.synth.contours import OUTLINES
from nanozoo.synth.looks import APPEARANCES, PARTICLE_MODALITIES
from nanozoo.synth.polyhedra import MORPHOLOGIES, polyhedron
from nanozoo.synth.single import STYLES, ShapePicture, draw_morphology, draw_outline

KINDS = {"outline": OUTLINES, "morphology": MORPHOLOGIES}
"""Class names of each kind of picture."""

_FILL = (0.62, 0.86)
_OFF_CENTRE = 0.03
_STYLE_CHANCES = (0.75, 0.25)


@dataclass(frozen=True)
class ShapeSource:
    """Draws pictures of single particles; picture number `i` is always the same.

    The class of picture `i` is `i` modulo the number of classes, so that any run of pictures
    is balanced. Orientations are uniform over SO(3), or over all angles in the plane.

    Args:
        kind: "outline" or "morphology".
        seed: Seed of all chance, 0 or more.
        side: Side of the pictures, px, at least 32.
        appearances: Names out of `nanozoo.synth.looks.APPEARANCES`, drawn evenly.
        modalities: "bf-tem", "haadf-stem" or both, drawn evenly.

    Raises:
        UserError: If a name is unknown or missing.

    Example:
        >>> source = ShapeSource("morphology", seed=1)
        >>> image, mask, label = source.example(3)
        >>> image.shape, source.classes[label]
        ((96, 96, 1), 'fcc_cube')
    """

    kind: str
    seed: int = 0
    side: int = 96
    appearances: tuple[str, ...] = APPEARANCES
    modalities: tuple[str, ...] = PARTICLE_MODALITIES

    def __post_init__(self):
        check_choice("kind", self.kind, KINDS)
        check_int("seed", self.seed, 0)
        check_int("side", self.side, 32)
        for name, allowed in (("appearances", APPEARANCES), ("modalities", PARTICLE_MODALITIES)):
            chosen = getattr(self, name)
            if not chosen:
                raise UserError(f"Expected `{name}` to name at least one. Received: {name}=()")
            for one in chosen:
                check_choice(name, one, allowed)

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes 0, 1, ..."""
        return KINDS[self.kind]

    def picture(self, index: int) -> ShapePicture:
        """Picture number `index` with its mask and class."""
        rng = np.random.default_rng((self.seed, index, 0))
        name = self.classes[index % len(self.classes)]
        middle, length = (self.side - 1) / 2, float(rng.uniform(*_FILL)) * self.side
        row, column = middle + rng.uniform(-_OFF_CENTRE, _OFF_CENTRE, 2) * self.side
        look = {
            "appearance": str(rng.choice(self.appearances)),
            "modality": str(rng.choice(self.modalities)),
            "seed": int(rng.integers(2**62)),
        }
        if self.kind == "morphology":
            rotation = self.rotation(index)
            corners = rotation.apply(polyhedron(name).vertices)[:, :2]
            diameter = length / float(pdist(corners).max())
            across, down = diameter * (corners.min(axis=0) + corners.max(axis=0)) / 2
            centre = row - down, column - across
            return draw_morphology(name, rotation, diameter, self.side, centre=centre, **look)
        return draw_outline(
            name,
            length,
            self.side,
            angle=float(rng.uniform(0, 2 * np.pi)),
            style=str(rng.choice(STYLES, p=_STYLE_CHANCES)),
            hand=bool(rng.random() < 0.5),
            centre=(row, column),
            **look,
        )

    def rotation(self, index: int) -> Rotation:
        """Orientation of the morphology in picture number `index`, uniform over SO(3)."""
        return Rotation.random(None, np.random.default_rng((self.seed, index, 1)))

    def example(self, index: int) -> tuple[np.ndarray, np.ndarray, int]:
        """Picture number `index` for a classifier.

        Returns:
            Image `(side, side, 1)` float32 in [0, 1], mask `(side, side)` bool, label.
        """
        found = self.picture(index)
        return found.image[..., None], found.mask, self.classes.index(found.kind)


def shape_examples(
    kind: str, count: int, seed: int = 0, **settings
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The first pictures of a `ShapeSource`.

    Args:
        kind: "outline" or "morphology".
        count: Number of pictures, 1 or more.
        seed: Seed of all chance.
        **settings: As in `ShapeSource`.

    Returns:
        Images `(N, side, side, 1)` float32 in [0, 1], masks `(N, side, side)` bool and labels
        `(N,)` int32.

    Example:
        >>> images, masks, labels = shape_examples("outline", 7, seed=2, side=48)
        >>> images.shape, labels.tolist()
        ((7, 48, 48, 1), [0, 1, 2, 3, 4, 5, 6])
    """
    check_int("count", count, 1)
    source = ShapeSource(kind, seed, **settings)
    images, masks, labels = zip(*(source.example(index) for index in range(count)))
    return np.stack(images), np.stack(masks), np.array(labels, np.int32)
