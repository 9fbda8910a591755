"""Which simulated scenes train, validate and test: fixed presets, modalities and seeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nanozoo.synth.config import MODALITIES
from nanozoo.synth.presets import PRESETS, preset_config
from nanozoo.synth.scene import Scene, simulate

SCENES_PER_FAMILY = {"train": 16, "val": 4, "test": 8}
_FIRST_SEED = {"train": 1_000_000, "val": 2_000_000, "test": 3_000_000}


@dataclass(frozen=True)
class FamilyScene:
    """One scene of the simulated data set.

    Args:
        name: Unique name.
        split: "train", "val" or "test".
        preset: Name of its preset.
        modality: Its modality.
        seed: Its seed, which no other scene has.
    """

    name: str
    split: str
    preset: str
    modality: str
    seed: int

    def simulate(self, shape: tuple[int, int] = (256, 256)) -> Scene:
        """Make the scene, `shape` (height, width) px."""
        return simulate(preset_config(self.preset, self.modality, shape), self.seed)


def family_scenes(
    per_family: Mapping[str, int] = SCENES_PER_FAMILY,
) -> list[FamilyScene]:
    """All scenes, split by split, preset by preset, modality by modality.

    Args:
        per_family: Scenes of each preset and modality in each split. Fewer than
            `SCENES_PER_FAMILY` gives the first ones.
    """
    rows = []
    for split, wanted in per_family.items():
        seed = _FIRST_SEED[split]
        for preset in PRESETS:
            for modality in MODALITIES:
                for index in range(wanted):
                    name = f"{preset}_{modality}_{split}_{index:03d}"
                    rows.append(FamilyScene(name, split, preset, modality, seed + index))
                seed += 1000
    return rows
