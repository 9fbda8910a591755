"""Write splits/synthetic.csv: the scenes that train, validate and test on simulated data.

python benchmarks/make_synthetic_split.py
"""

from __future__ import annotations

from pathlib import Path

from nanozoo.core.files import write_text
from nanozoo.synth.families import family_scenes


def main() -> None:
    lines = ["name,split,group,preset,modality,seed"]
    for row in family_scenes():
        lines.append(f"{row.name},{row.split},{row.seed},{row.preset},{row.modality},{row.seed}")
    write_text(Path(__file__).parent / "splits" / "synthetic.csv", "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
