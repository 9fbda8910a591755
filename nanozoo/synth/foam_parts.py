"""Which patches of simulated foams train, validate and test: fixed settings and seeds.

The list is committed as `benchmarks/splits/foams_simulated.csv` before anything is trained on
it. A part holds patches 0 to `count - 1` of its source. No two parts share a micrograph, so that
what learns on "train" never sees a group on which it is probed.
"""

from __future__ import annotations

from dataclasses import dataclass

from nanozoo.core.checks import check_choice
from nanozoo.synth.foam_families import FAMILIES, PATCHES, FoamSource
from nanozoo.synth.porous_config import PORE_APPEARANCES

MICROGRAPHS = {"train": 400, "val": 50, "test": 100}
"""Micrographs of each family."""

SIDE = 128
_FIRST_SEED = {"train": 7_000_000, "val": 7_100_000, "test": 7_200_000}


@dataclass(frozen=True)
class FoamPart:
    """One part of the simulated foams.

    Args:
        name: Unique name.
        split: "train", "val" or "test".
        appearance: "confocal" or "sem".
        seed: Its seed, which no other part has; it is in the names of its groups.
        micrographs: Number of micrographs of each family.
    """

    name: str
    split: str
    appearance: str
    seed: int
    micrographs: int

    @property
    def count(self) -> int:
        """Number of patches."""
        return self.micrographs * len(FAMILIES) * PATCHES

    def source(self, side: int = SIDE) -> FoamSource:
        """The source of its patches, `side` px."""
        return FoamSource(self.seed, side, self.appearance)


def foam_parts() -> list[FoamPart]:
    """All parts, appearance by appearance and split by split."""
    return [
        FoamPart(f"{appearance}_{split}", split, appearance, _FIRST_SEED[split] + number, wanted)
        for number, appearance in enumerate(PORE_APPEARANCES)
        for split, wanted in MICROGRAPHS.items()
    ]


def foam_part(name: str) -> FoamPart:
    """The part of a name, for example "confocal_test".

    Raises:
        UserError: If there is no such part.
    """
    parts = {part.name: part for part in foam_parts()}
    check_choice("name", name, parts)
    return parts[name]
