"""Which pictures of single particles train, validate and test: fixed settings and seeds.

The list is committed as `benchmarks/splits/shapes_simulated.csv` before anything is trained
on it. A part holds pictures 0 to `count - 1` of its source.
"""

from __future__ import annotations

from dataclasses import dataclass

from nanozoo.core.checks import check_choice
from nanozoo.synth.looks import APPEARANCES
from nanozoo.synth.shape_source import KINDS, ShapeSource

PICTURES_PER_CLASS = {"train": 8000, "val": 50, "test": 200}
"""Of all appearances together for "train", of each appearance for "val" and "test"."""

SIDE = 96
_FIRST_SEED = {"train": 4_000_000, "val": 5_000_000, "test": 6_000_000}


@dataclass(frozen=True)
class ShapePart:
    """One part of the simulated pictures.

    Args:
        name: Unique name.
        split: "train", "val" or "test".
        kind: "outline" or "morphology".
        appearances: Its appearances.
        seed: Its seed, which no other part has.
        count: Number of pictures, the same of every class.
    """

    name: str
    split: str
    kind: str
    appearances: tuple[str, ...]
    seed: int
    count: int

    def source(self, side: int = SIDE) -> ShapeSource:
        """The source of its pictures, `side` px."""
        return ShapeSource(self.kind, self.seed, side, self.appearances)


def shape_parts() -> list[ShapePart]:
    """All parts, split by split and kind by kind; a part an appearance, but for "train"."""
    parts = []
    for split, wanted in PICTURES_PER_CLASS.items():
        mixed = split == "train"
        for first, (kind, classes) in enumerate(KINDS.items()):
            for number, one in enumerate(("all",) if mixed else APPEARANCES):
                name = f"{kind}_{split}_{one}"
                seed = _FIRST_SEED[split] + 1000 * first + number
                shown = APPEARANCES if mixed else (one,)
                parts.append(ShapePart(name, split, kind, shown, seed, wanted * len(classes)))
    return parts


def shape_part(name: str) -> ShapePart:
    """The part of a name, for example "morphology_test_silhouette".

    Raises:
        UserError: If there is no such part.
    """
    parts = {part.name: part for part in shape_parts()}
    check_choice("name", name, parts)
    return parts[name]
