"""
Particles that lie over one another
===================================

In transmission a particle does not hide what is behind it, so one pixel may belong to several
particles. A network that classifies pixels, such as a UNet, gives every pixel to one particle
at most; a Mask R-CNN gives every particle a mask of its own. This example simulates pairs and
triples whose true masks are known, and counts how many pairs each kind of network takes apart.

The environment variable NANOZOO_SCENES is the number of scenes (default 8), NANOZOO_METHODS
lists what is compared (default "unet,maskrcnn"), and NANOZOO_OUT is the folder of the
figures (default "out").
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from pathlib import Path

import numpy as np

from nanozoo.evaluate.overlap_pairs import pair_scores
from nanozoo.io.micrograph import Micrograph
from nanozoo.synth.presets import preset_config, preset_modalities
from nanozoo.synth.scene import simulate
from nanozoo.viz.overlay import draw_overlay
from nanozoo.viz.panels import Panel, draw_panels
from nanozoo.viz.style import figure, method_styles
from nanozoo.workflows.benchmark_methods import find_methods

SCENES = int(os.environ.get("NANOZOO_SCENES", "8"))
METHODS = os.environ.get("NANOZOO_METHODS", "unet,maskrcnn").split(",")
OUT = Path(os.environ.get("NANOZOO_OUT", "out"))
FIRST_SEED = 4_500_000

# %%
# Segment
# -------
# The scenes hold stacks of two or three particles. A pair is found if both of its particles
# are matched by a detection of their own with an intersection over union of at least 0.7.

methods = find_methods(METHODS)
modalities = preset_modalities("stacks")
rows, found, overlap = [], {method.name: [] for method in methods}, []
for number in range(SCENES):
    seed, modality = FIRST_SEED + number, modalities[number % len(modalities)]
    scene = simulate(preset_config("stacks", modality, seed=seed), seed)
    micrograph = Micrograph(scene.pixels[..., None], scene.pixel_size_nm)
    truth = f"{len(scene.instances)} particles"
    row = [Panel(modality, scene.pixels)]
    row.append(Panel(truth, draw_overlay(scene.pixels, scene.instances)))
    for method in methods:
        particles = method.segment(micrograph, "simulated").instances
        scores = pair_scores(scene.instances, particles)
        found[method.name] += scores.found.tolist()
        title = f"{method.name.split('-')[0]}, {scores.found.sum()} of {len(scores.found)} pairs"
        row.append(Panel(title, draw_overlay(scene.pixels, particles)))
    overlap += scores.iou.tolist()
    rows.append(row)

for name, flags in found.items():
    print(f"{name}: {sum(flags)} of {len(flags)} pairs found")
draw_panels(OUT / "maskrcnn_overlap.png", rows[:4], width=2.7)

# %%
# The more overlap, the harder
# ----------------------------
# Share of the pairs that were found by the overlap of their true masks.

edges = (0.02, 0.1, 0.2, 0.3, 0.4, 0.5)
centres = [(low + high) / 2 for low, high in zip(edges, edges[1:])]
path = OUT / "maskrcnn_overlap_pairs.png"
with figure(path, 1, 1, 8.0, 5.6) as (drawing, ((axes,),)):
    for name, style in method_styles(list(found)).items():
        bins = np.digitize(overlap, edges[1:-1])
        flags = np.array(found[name], float)
        shares = [flags[bins == k].mean() if (bins == k).any() else np.nan for k in range(5)]
        axes.plot(centres, shares, color=style.colour, marker=style.marker, label=style.label)
    axes.set(
        xlabel="overlap (IoU) of the two true masks", ylabel="pairs found", ylim=(-0.03, 1.03)
    )
    axes.legend()
print(f"Figures: {OUT / 'maskrcnn_overlap.png'}, {path}")
