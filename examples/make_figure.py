"""Draw examples/figures/segmentation.png, the figure of the README, again.

python examples/make_figure.py
"""

from __future__ import annotations

import argparse
from pathlib import Path

from nanozoo.core.instances import Instances
from nanozoo.data.samples import find_samples
from nanozoo.viz.overlay import draw_overlay
from nanozoo.viz.panels import Panel, draw_panels
from nanozoo.workflows.benchmark_methods import find_methods

HERE = Path(__file__).parent
SCENE = "bf-stem_cubes"
WINDOW = (slice(110, 430), slice(0, 320))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--checkpoint", default="unet", help="name or folder")
    parser.add_argument("--out", type=Path, default=HERE / "figures" / "segmentation.png")
    options = parser.parse_args()
    samples = {sample.name: sample for sample in find_samples(HERE / "micrographs")}
    micrograph = samples[SCENE].micrograph()

    def overlay(instances: Instances):
        return draw_overlay(micrograph.pixels, instances)[WINDOW]

    panels = [Panel("simulated micrograph", micrograph.grey()[WINDOW])]
    for method in find_methods([options.checkpoint, "hybrid"]):
        found = method.segment(micrograph, "micrographs")
        title = "hybrid thresholding" if method.name == "hybrid" else method.name
        panels.append(Panel(title, overlay(found.instances)))
    draw_panels(options.out, [panels], width=3.0)


if __name__ == "__main__":
    main()
