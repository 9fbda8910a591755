"""
The eight morphologies, and what a shape CNN calls them
=======================================================

A crystal shows another outline from every side: a cube may look like a square or a hexagon, and
so may an octahedron. This example simulates particles of eight morphologies, turned at random,
lets a trained shape CNN name them, and draws what it named, what it confused, and where its
features put the particles. Where a view could be of two morphologies the answer should be
`unsure`.

python examples/plot_shapes.py --out out
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from pathlib import Path

import numpy as np
from scipy.special import softmax
from skimage.util import montage

from nanozoo.data.shape_crops import ShapeCrops
from nanozoo.embed.projections import project_features
from nanozoo.engines.shape_features import shape_features
from nanozoo.engines.shapes import UNSURE, ShapeClassifier
from nanozoo.evaluate.classification import answer_shares, confusion_counts, sure_answers
from nanozoo.synth.shape_source import ShapeSource
from nanozoo.viz.confusion import draw_confusion
from nanozoo.viz.feature_maps import draw_feature_maps
from nanozoo.viz.panels import Panel, draw_panels

parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
add = parser.add_argument
add("--checkpoint", default="shapecnn_morphology", help="name or folder")
add("--particles", type=int, default=24, help="particles of each morphology")
add("--out", type=Path, default=Path("out"), help="folder of the figures")
options = parser.parse_args()
SEEDS = (8_000_000, 8_000_001)
GALLERY = (4, 5)

# %%
# Simulate and classify
# ---------------------
# Each particle is cut out by its mask, so that neither background nor size tells its class.

classifier = ShapeClassifier(options.checkpoint)
classes, limits = classifier.checkpoint.classes, classifier.options
sets = []
for seed in SEEDS:
    source = ShapeSource("morphology", seed)
    crops = ShapeCrops(source, size=limits.size, looseness=0.0)
    sets.append(crops.first_examples(options.particles * len(source.classes)))
(known, known_labels), (crops, labels) = sets
probabilities = softmax(classifier.logits(crops) / limits.temperature, axis=1)
called = sure_answers(probabilities, limits.sure)
shares = answer_shares(labels, called)
print(
    f"Of {shares.count} particles {100 * shares.right:.1f}% are named right, "
    f"{100 * shares.wrong:.1f}% wrong, and of {100 * shares.unsure:.1f}% it is unsure."
)

# %%
# Gallery
# -------
# The first particles by what they were called.

names = np.array([classes[place] if place >= 0 else UNSURE for place in called])
panels = []
for name in [*classes, UNSURE]:
    chosen = np.flatnonzero(names == name)
    right = int(np.sum(called[chosen] == labels[chosen]))
    number = f"{right} of {len(chosen)} right" if name != UNSURE else f"{len(chosen)} particles"
    shown = np.ones((np.prod(GALLERY), limits.size, limits.size), np.float32)
    for place, crop in zip(shown, crops[chosen, ..., 0]):
        place[:] = crop
    sheet = montage(shown, grid_shape=GALLERY, padding_width=3, fill=1.0)
    sheet = np.repeat(np.uint8(255 * sheet)[..., None], 3, axis=-1)
    panels.append(Panel(f"{name.replace('_', ' ')}\n{number}", sheet))
draw_panels(options.out / "shapes.png", [panels[n : n + 3] for n in (0, 3, 6)], width=4.4)

# %%
# What is confused with what
# --------------------------

counts = confusion_counts(labels, called, len(classes))
draw_confusion(options.out / "shapes_confusion.png", counts, classes)

# %%
# Maps of the features
# --------------------
# The planes are found on other particles than those that are shown.

found = project_features(
    shape_features(classifier, known), known_labels, shape_features(classifier, crops)
)
maps = {one.title: one.points for one in found}
draw_feature_maps(options.out / "shapes_features.png", maps, labels, classes)
print(f"Figures: {options.out}/shapes.png, shapes_confusion.png, shapes_features.png")
