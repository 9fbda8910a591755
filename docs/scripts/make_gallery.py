"""Draw the figures of the gallery again: runs examples/plot_*.py, minutes each.

python docs/scripts/make_gallery.py
python docs/scripts/make_gallery.py --only plot_shapes
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from small_picture import keep_small

ROOT = Path(__file__).parents[2]
GALLERY = ROOT / "docs" / "gallery"


def draw(script: Path, out: Path) -> None:
    """Run a script of the gallery and keep its figures as `<script>-<figure>`, PNG or JPEG."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NANOZOO_OUT": folder}
        command = [sys.executable, str(script), "--out", folder]
        subprocess.run(command, check=True, env=environment, cwd=folder)
        for figure in sorted(Path(folder).glob("*.png")):
            keep_small(figure, out / f"{script.stem}-{figure.stem}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="plot_*", metavar="NAME", help="one script")
    parser.add_argument("--out", type=Path, default=GALLERY, metavar="DIR", help="of the figures")
    options = parser.parse_args()
    for script in sorted((ROOT / "examples").glob(f"{options.only}.py")):
        print(script.name, flush=True)
        draw(script, options.out)


if __name__ == "__main__":
    main()
