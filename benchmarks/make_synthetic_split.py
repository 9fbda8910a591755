"""Write the splits of simulated scenes.

python benchmarks/make_synthetic_split.py
"""

from __future__ import annotations

from pathlib import Path

from nanozoo.core.files import write_text
from nanozoo.synth.families import (
    core_shell_scenes,
    family_scenes,
    material_scenes,
    stack_scenes,
)

SPLITS = Path(__file__).parent / "splits"
LISTS = {
    "synthetic": family_scenes,
    "cabrera_simulated": material_scenes,
    "overlap_simulated": stack_scenes,
    "core_shell_simulated": core_shell_scenes,
}


def main() -> None:
    for name, scenes in LISTS.items():
        lines = ["name,split,group,preset,modality,seed"]
        for row in scenes():
            fields = (row.name, row.split, row.seed, row.preset, row.modality, row.seed)
            lines.append(",".join(map(str, fields)))
        write_text(SPLITS / f"{name}.csv", "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
