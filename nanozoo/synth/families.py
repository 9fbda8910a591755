"""Which simulated scenes train, validate and test: fixed presets, modalities and seeds.

Every data set of simulated scenes is such a list, committed as `benchmarks/splits/*.csv`
before anything is trained on it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nanozoo.core.errors import UserError
from nanozoo.synth.presets import FIXED, preset_config, preset_modalities
from nanozoo.synth.scene import Scene, simulate

SCENES_PER_FAMILY = {"train": 16, "val": 4, "test": 8}
MATERIAL_SCENES = {"train": 2400, "val": 300, "test": 150}
STACK_SCENES = {"train": 150, "val": 20, "test": 50}
CORE_SHELL_SCENES = {"train": 150, "val": 20, "test": 50}
_FIRST_SEED = {"train": 1_000_000, "val": 2_000_000, "test": 3_000_000}
_MATERIAL_SEED, _STACK_SEED, _CORE_SHELL_SEED = 500_000, 700_000, 900_000


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
        return simulate(
            preset_config(self.preset, self.modality, shape, seed=self.seed), self.seed
        )


def family_scenes(
    per_family: Mapping[str, int] = SCENES_PER_FAMILY,
    presets: Sequence[str] = FIXED,
    offset: int = 0,
) -> list[FamilyScene]:
    """All scenes, split by split, preset by preset, modality by modality.

    Args:
        per_family: Scenes of each preset and modality in each split. Fewer than
            `SCENES_PER_FAMILY` gives the first ones.
        presets: Names of the presets.
        offset: Added to the seeds, so that two lists share none.
    """
    rows = []
    for split, wanted in per_family.items():
        seed = _FIRST_SEED[split] + offset
        for preset in presets:
            for modality in preset_modalities(preset):
                for index in range(wanted):
                    name = f"{preset}_{modality}_{split}_{index:03d}"
                    rows.append(FamilyScene(name, split, preset, modality, seed + index))
                seed += 1000
    return rows


def material_scenes() -> list[FamilyScene]:
    """Scenes of silica, silicate and coating, `MATERIAL_SCENES` in each split."""
    return family_scenes(MATERIAL_SCENES, ("cabrera",), _MATERIAL_SEED)


def stack_scenes() -> list[FamilyScene]:
    """Scenes of pairs and triples, `STACK_SCENES` of each modality in each split."""
    return family_scenes(STACK_SCENES, ("stacks",), _STACK_SEED)


def core_shell_scenes() -> list[FamilyScene]:
    """Scenes of cores in shells, `CORE_SHELL_SCENES` of each modality in each split."""
    return family_scenes(CORE_SHELL_SCENES, ("core-shell",), _CORE_SHELL_SEED)


def listed_scenes(path: str | Path, part: str) -> list[FamilyScene]:
    """The scenes of one part of a committed list.

    Args:
        path: CSV with the columns `name`, `split`, `preset`, `modality` and `seed`.
        part: "train", "val" or "test".

    Raises:
        UserError: If the file cannot be read, a column is missing or the part is empty.
    """
    try:
        with open(path, newline="", encoding="utf-8") as stream:
            rows = [row for row in csv.DictReader(stream) if row["split"] == part]
        scenes = [
            FamilyScene(row["name"], part, row["preset"], row["modality"], int(row["seed"]))
            for row in rows
        ]
    except OSError as error:
        raise UserError(f"Cannot read {path} ({error.strerror}): check the path.") from error
    except (KeyError, ValueError) as error:
        raise UserError(
            f"Expected the columns name, split, preset, modality and seed in {path}: "
            f"write it with benchmarks/make_synthetic_split.py. Received: {error}"
        ) from error
    if not scenes:
        raise UserError(f"Expected scenes of part {part!r} in {path}. Received: none")
    return scenes
