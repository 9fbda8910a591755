"""Write the list of simulated foams: splits/foams_simulated.csv.

python benchmarks/make_foam_split.py
"""

from __future__ import annotations

from pathlib import Path

from nanozoo.core.files import write_text
from nanozoo.synth.foam_families import FAMILIES
from nanozoo.synth.foam_parts import SIDE, foam_parts

SPLITS = Path(__file__).parent / "splits"


def main() -> None:
    lines = ["name,split,appearance,families,seed,groups,count,side,first_group,last_group"]
    for part in foam_parts():
        source = part.source()
        ends = source.group(0), source.group(part.count - 1)
        groups = part.micrographs * len(FAMILIES)
        fields = (part.name, part.split, part.appearance, " ".join(FAMILIES), part.seed, groups)
        lines.append(",".join(map(str, (*fields, part.count, SIDE, *ends))))
    write_text(SPLITS / "foams_simulated.csv", "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
