"""Write the list of simulated pictures of single particles: splits/shapes_simulated.csv.

python benchmarks/make_shape_split.py
"""

from __future__ import annotations

from pathlib import Path

from nanozoo.core.files import write_text
from nanozoo.synth.shape_parts import SIDE, shape_parts

SPLITS = Path(__file__).parent / "splits"


def main() -> None:
    lines = ["name,split,kind,appearances,seed,count,side"]
    for part in shape_parts():
        shown = " ".join(part.appearances)
        fields = (part.name, part.split, part.kind, shown, part.seed, part.count, SIDE)
        lines.append(",".join(map(str, fields)))
    write_text(SPLITS / "shapes_simulated.csv", "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
