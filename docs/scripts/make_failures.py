"""Draw the failure pictures of the model cards again, of simulated scenes alone; minutes each.

python docs/scripts/make_failures.py
python docs/scripts/make_failures.py --only unet7-efficientnet_lite0-em-v1
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from failures import confused_shapes, worst_drawings, worst_scenes
from small_picture import keep_small

import nanozoo.checkpoints  # noqa: F401  (fills the registry)
from nanozoo.core.files import write_text
from nanozoo.core.registry import CHECKPOINTS
from nanozoo.viz.panels import draw_panels

FOLDER = Path(__file__).parents[1] / "failures"
CAPTIONS = "captions.json"

NOT_ITS_MATERIAL = (
    "There is no simulation of its material: these are particles, for which it was not made, and "
    "it does not say so. "
)
"""Of the networks that tell classes of pixels apart."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="*", metavar="NAME", help="some checkpoints")
    parser.add_argument("--scenes", type=int, default=60, metavar="N", help="to try (default: 60)")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="DIR", help="of the pictures")
    options = parser.parse_args()
    known = options.out / CAPTIONS
    captions = json.loads(known.read_text(encoding="utf-8")) if known.is_file() else {}
    for entry in CHECKPOINTS:
        if options.only and entry.name not in options.only:
            continue
        width = 2.4
        if "classification" in entry.tags:
            rows, caption = confused_shapes(entry.name, 10 * options.scenes, 12)
        elif "autoencoder" in entry.tags:
            rows, caption = worst_drawings(entry.name, 4 * options.scenes, 6)
        else:
            width = 3.6
            rows, caption = worst_scenes(entry.name, options.scenes)
            caption = NOT_ITS_MATERIAL * ("classes" in entry.tags) + caption
        captions[entry.name] = caption
        print(f"{entry.name}: {caption}", flush=True)
        if rows:
            with tempfile.TemporaryDirectory() as folder:
                drawn = Path(folder) / "picture.png"
                draw_panels(drawn, rows, width=width)
                keep_small(drawn, options.out / entry.name)
        write_text(known, json.dumps(captions, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
