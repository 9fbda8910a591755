"""
From a micrograph to nanometres
===============================

Which particles are there, and how large are they? This example takes a micrograph whose file
does not say its pixel size, finds the particles, reads the scale bar, and draws the outlines and
the size distribution. `nanozoo measure` does the same for folders of images and writes a report.

The environment variable NANOZOO_METHOD is a checkpoint or a classical method (default
"maskrcnn"), NANOZOO_IMAGE a micrograph (default: a simulated one, whose true sizes are known),
and NANOZOO_OUT is the folder of the figures (default "out").
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from pathlib import Path

import numpy as np

from nanozoo.io.micrograph import Micrograph, read_micrograph
from nanozoo.measure.distribution import size_distribution
from nanozoo.measure.particles import measure_particles
from nanozoo.measure.selection import select_particles
from nanozoo.measure.text_reader import TextReader
from nanozoo.synth.config import SceneConfig
from nanozoo.synth.scene import simulate
from nanozoo.viz.overlay import draw_boxes, draw_overlay
from nanozoo.viz.panels import Panel, draw_panels
from nanozoo.viz.size_distribution import draw_size_distribution
from nanozoo.workflows.benchmark_methods import find_method
from nanozoo.workflows.calibrate import calibrate_micrograph

METHOD = os.environ.get("NANOZOO_METHOD", "maskrcnn")
IMAGE = os.environ.get("NANOZOO_IMAGE")
OUT = Path(os.environ.get("NANOZOO_OUT", "out"))

# %%
# The micrograph
# --------------
# Two sizes of particles under an information bar with the scale bar in it.

config = SceneConfig(
    shape=(512, 512),
    modality="bf-tem",
    shapes=("sphere", "sphere", "ellipsoid"),
    size_distribution="bimodal",
    mean_diameter=24.0,
    size_ratio=2.0,
    number=90,
    info_bar="light",
    pixel_size_nm=0.8,
)
scene = simulate(config, 4_600_000)
micrograph = read_micrograph(IMAGE) if IMAGE else Micrograph(scene.pixels[..., None])
grey = micrograph.grey()

# %%
# Segment and calibrate
# ---------------------
# Bar, text and information bar show no specimen: what was found there is left out, and so is
# what a detector found twice.

found = find_method(METHOD).segment(micrograph, "simulated").instances
scale = calibrate_micrograph(micrograph, TextReader())
print(f"Scale bar: {scale.status}. {scale.note}")
selected = select_particles(found, grey, scale)
particles, area = selected.particles, selected.area
outside = sum(selected.left_out.values())
print(f"{len(particles)} particles; {outside} detections outside the specimen")

# %%
# Measure
# -------
# Particles that border or information bar cut are left out; each of the others counts as often
# as particles of its size are cut.

table = measure_particles(particles, scale.nm_per_px, grey, area.info_bar)
unit = "px" if scale.nm_per_px is None else "nm"
whole = table["edge_weight"] > 0
sizes, weights = table[f"diameter_{unit}"][whole], table["edge_weight"][whole]
distribution = size_distribution(sizes, weights, unit=unit)
for name in ("mean", "d10_number", "d50_number", "d90_number"):
    one = distribution.statistics[name]
    print(f"{name:12} {one.value:.2f} [{one.low:.2f}, {one.high:.2f}] {unit}")
if not IMAGE:
    truth = measure_particles(scene.instances, scene.pixel_size_nm, info_bar=area.info_bar)
    true_mean = np.average(truth["diameter_nm"], weights=truth["edge_weight"])
    print(f"True mean: {true_mean:.2f} nm")

# %%
# Draw
# ----

outlines = draw_boxes(draw_overlay(micrograph.pixels, particles), area.boxes.values())
panels = [Panel("micrograph", grey), Panel(f"{len(particles)} particles", outlines)]
draw_panels(OUT / "measure_particles.png", [panels], width=5.0)
print(f"Figures: {OUT / 'measure_particles.png'}")
if distribution.count > 1:
    draw_size_distribution(OUT / "measure_particles_sizes.png", sizes, weights, distribution)
    print(OUT / "measure_particles_sizes.png")
