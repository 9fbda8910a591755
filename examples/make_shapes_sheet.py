"""Draw a contact sheet of the simulated single particles: a panel a class, a row an appearance.

python examples/make_shapes_sheet.py --kind morphology --out sheet.png
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from skimage.util import montage

from nanozoo.synth.looks import APPEARANCES
from nanozoo.synth.shape_source import KINDS, ShapeSource
from nanozoo.viz.panels import Panel, draw_panels

COLUMNS = 4


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kind", choices=KINDS, default="morphology", help="what to draw")
    parser.add_argument("--each", type=int, default=5, help="pictures of a class and appearance")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same sheet")
    parser.add_argument("--side", type=int, default=96, help="side of a picture, px")
    parser.add_argument("--out", type=Path, default=Path("shapes.png"), help="PNG to write")
    options = parser.parse_args(argv)
    panels = []
    for label, name in enumerate(KINDS[options.kind]):
        step = len(KINDS[options.kind])
        pictures = [
            ShapeSource(options.kind, options.seed, options.side, (one,)).picture(label + step * n)
            for one in APPEARANCES
            for n in range(options.each)
        ]
        images = np.stack([picture.image for picture in pictures])
        grid = (len(APPEARANCES), options.each)
        sheet = montage(images, grid_shape=grid, padding_width=2, fill=1.0)
        panels.append(Panel(name.replace("_", " "), sheet))
    rows = [panels[first : first + COLUMNS] for first in range(0, len(panels), COLUMNS)]
    draw_panels(options.out, rows, width=5.2)


if __name__ == "__main__":
    main()
