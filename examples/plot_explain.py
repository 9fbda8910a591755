"""
What a network looks at
=======================

A network that answers right may do so for a wrong reason. This example asks two networks where
they looked: a shape CNN that names single particles, by six methods, and a network that segments
micrographs, for a whole particle, for one of its pixels, and for a pixel of the background.

Grad-CAM and its kin add the maps of a layer, so they are as coarse as the layer; saliency,
SmoothGrad and gradient times input show single pixels. Bright yellow is what mattered most.

python examples/plot_explain.py --out out
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from pathlib import Path

import numpy as np
from scipy.ndimage import distance_transform_edt
from scipy.special import softmax

from nanozoo import Predictor, SceneConfig, grad_cam, simulate
from nanozoo.data.shape_crops import ShapeCrops
from nanozoo.engines.shapes import ShapeClassifier
from nanozoo.explain.attribution import METHODS, attribute
from nanozoo.explain.targets import Target
from nanozoo.io.micrograph import normalise
from nanozoo.synth.shape_source import ShapeSource
from nanozoo.viz.explanations import Explained, draw_explanations

parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
add = parser.add_argument
add("--checkpoint", default="shapecnn_morphology", help="of a shape CNN")
add("--segmentation", default="unet-efficientnet_lite0-em-v2", help="of a segmentation model")
add("--particles", type=int, default=4, help="single particles to explain")
add("--out", type=Path, default=Path("out"), help="folder of the figures")
options = parser.parse_args()
SEED = 8_100_000
LEVELS = ("C2", "C3", "C4", "C5")

# %%
# Single particles
# ----------------
# Each is explained for the class that the network decided for, right or wrong.

classifier = ShapeClassifier(options.checkpoint)
classes = classifier.checkpoint.classes
source = ShapeSource("morphology", SEED)
crops, labels = ShapeCrops(source, size=classifier.options.size, looseness=0.0).first_examples(
    options.particles
)
level = classifier.checkpoint.arguments.get("level", "C5")
rows = []
for crop, label, logits in zip(crops, labels, classifier.logits(crops)):
    probabilities = softmax(logits / classifier.options.temperature)
    best = int(probabilities.argmax())
    heat = {
        method: attribute(classifier.model, crop[..., 0], best, method, layer=level)
        for method in METHODS
    }
    rows.append(Explained(crop[..., 0], classes[best], float(probabilities[best]), heat))
    print(f"{source.classes[label]}: called {classes[best]}, {probabilities[best]:.2f}")
draw_explanations(options.out / "explain_particles.png", rows)

# %%
# Particles and pixels of a micrograph
# ------------------------------------
# Grad-CAM by the layers of the encoder: early ones know where edges are, deep ones what a
# particle is. A map counts as a whole, so that everything lights up that it knows from anywhere,
# not only what lies at the marked place. The line marks what is explained: the largest
# particle, the pixel in its middle, and the pixel that is farthest from all particles.

predictor = Predictor(options.segmentation)
config = SceneConfig(shape=(256, 256), mean_diameter=42, coverage=0.25, scale_bar="none")
scene = simulate(config, SEED)
image = normalise(scene.pixels)
probability = predictor.probabilities(image)
particle = max(scene.instances.to_stack(), key=np.sum)
middle, far = (
    np.unravel_index(distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1].argmax(), mask.shape)
    for mask in (particle, ~scene.instances.foreground())
)
rows = []
for target in (
    Target(1, particle),
    Target.pixel(1, *middle, image.shape),
    Target.pixel(0, *far, image.shape),
):
    heat = {level: grad_cam(predictor.model, image, target, level) for level in LEVELS}
    mean = float(probability[target.region, target.class_id].mean())
    name = predictor.checkpoint.classes[target.class_id]
    rows.append(Explained(image, name, mean, heat, target.region))
    print(f"{target.region.sum()} px of {name}: {mean:.2f}")
draw_explanations(options.out / "explain_segmentation.png", rows, width=3.0)
print(f"Figures: {options.out}/explain_particles.png, explain_segmentation.png")
