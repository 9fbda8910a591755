"""
What a larger kernel changes in a UNet
======================================

A pixel of a UNet's output sees a square of the micrograph, its receptive field. Inside of
a particle that is larger than this square there is nothing to tell particle from
background, so networks with small kernels may fail on large particles. This example works
out the receptive field for four kernel sizes, then scores two trained networks, which
differ in nothing but the kernel of the decoder, on simulated particles of every size.

The environment variable NANOZOO_SCENES is the number of scenes of each size (default 5),
NANOZOO_METHODS lists what is compared (default: all shipped UNets and "hybrid"), and
NANOZOO_OUT is the folder of the figure (default "out").
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from pathlib import Path

from nanozoo import build_unet
from nanozoo.evaluate.bins import SIZE_BINS
from nanozoo.evaluate.image import ImageTruth
from nanozoo.evaluate.summary import summarise_bins
from nanozoo.io.micrograph import Micrograph
from nanozoo.models.receptive_field import receptive_field
from nanozoo.synth import SceneConfig, simulate
from nanozoo.synth.config import MODALITIES
from nanozoo.viz.dependence import draw_bins
from nanozoo.viz.style import figure, legend_below, method_styles
from nanozoo.workflows.benchmark_methods import find_methods

SCENES = int(os.environ.get("NANOZOO_SCENES", "5"))
UNETS = ("unet-efficientnet_lite0-em-v2", "unet7")  # which saw the same crops
METHODS = os.environ.get("NANOZOO_METHODS", ",".join([*UNETS, "hybrid"])).split(",")
OUT = Path(os.environ.get("NANOZOO_OUT", "out"))
KERNELS = (3, 5, 7, 9)
PIXEL_SIZE_NM = 0.5

# %%
# Receptive fields
# ----------------
# They follow from the layers alone; no weights are needed. With the plain encoder the
# kernel size applies to the whole network, with a pretrained one to the decoder.

fields = {}
for backbone in ("plain", "efficientnet_lite0"):
    fields[backbone] = [
        receptive_field(build_unet(backbone=backbone, kernel_size=kernel), PIXEL_SIZE_NM)
        for kernel in KERNELS
    ]
    for kernel, field in zip(KERNELS, fields[backbone]):
        print(f"{backbone}, kernel {kernel}: {field.px} px, {field.nm:g} nm at 0.5 nm per px")

# %%
# Scores by particle size
# -----------------------
# Five mean diameters fill the five size bins of the benchmark. The modalities take turns.

methods = find_methods(METHODS)
particles = []
for diameter in (7, 14, 30, 65, 110):
    for number in range(SCENES):
        config = SceneConfig(
            shape=(384, 384),
            modality=MODALITIES[number % len(MODALITIES)],
            mean_diameter=diameter,
            coverage=0.3 if diameter > 20 else 0.12,
            scale_bar="none",
            pixel_size_nm=PIXEL_SIZE_NM,
        )
        scene = simulate(config, seed=4_000_000 + number)
        truth = ImageTruth(scene.pixels, scene.instances.foreground(), scene.instances)
        micrograph = Micrograph(scene.pixels[..., None], scene.pixel_size_nm)
        for method in methods:
            found = method.segment(micrograph, "simulated")
            _, rows = truth.score(found.foreground, found.instances)
            key = {"dataset": "simulated", "image": f"{diameter} {number}", "method": method.name}
            particles += [key | row for row in rows]

bins = [row for row in summarise_bins(particles) if row["quantity"] == SIZE_BINS.quantity]
for row in bins:
    print(
        f"{row['method']}, {row['bin']} px: best IoU {row['mean']:.3f} "
        f"[{row['low']:.3f}, {row['high']:.3f}], {row['particles']} particles"
    )

# %%
# Figure
# ------
# Left the limit that the layers set, right what the trained networks make of it.
# The intervals are 95% bootstrap intervals; hollow markers stand for fewer than 20 particles.

path = OUT / "unet_kernel_size.png"
with figure(path, 1, 2, 13.5, 5.6) as (drawing, ((left, right),)):
    for line, (backbone, found) in zip(("-", "--"), fields.items()):
        sizes = [field.px for field in found]
        left.plot(KERNELS, sizes, f"ko{line}", label=f"{backbone} encoder")
    left.set(xticks=KERNELS, xlabel="kernel size, px", ylabel="receptive field, px")
    left.set_ylim(bottom=0)
    left.legend()
    styles = method_styles([method.name for method in methods])
    draw_bins(right, bins, SIZE_BINS.names, styles, "particles")
    right.set(xlabel="diameter of the particle, px", ylabel="mean best IoU")
    handles, labels = right.get_legend_handles_labels()
    legend_below(drawing, handles, labels)
print(f"Figure: {path}")
