"""
The latent space of a variational autoencoder
=============================================

An autoencoder that has only learnt to draw micrographs again describes each by a few numbers, and
materials come apart in them that it was never told of. This example embeds simulated foams that
stand for three compositions, draws where they lie and how far they are apart, what single
dimensions look at, and what lies between two of the materials.

What a dimension looks at is coarse, and images between two materials are drawings, not
measurements: they show what the network takes for a gradual change.

python examples/plot_vae_latent.py --out out
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from pathlib import Path

import numpy as np

from nanozoo import Embedder, latent_grad_cam
from nanozoo.data.textures import prepare_texture
from nanozoo.embed.latent_use import latent_use
from nanozoo.embed.projections import project_pca
from nanozoo.embed.separation import distance_panels, separation_table
from nanozoo.embed.walks import interpolate, latent_walk, typical_examples
from nanozoo.synth.foam_families import PATCHES, FoamSource
from nanozoo.viz.distances import draw_distances
from nanozoo.viz.embedding_map import draw_embedding_map
from nanozoo.viz.latent_maps import MappedImage, draw_latent_maps
from nanozoo.viz.latent_walk import draw_latent_walks

parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
add = parser.add_argument
add("--checkpoint", default="vae_foams", help="name or folder of a variational autoencoder")
add("--micrographs", type=int, default=12, help="micrographs of each composition, 4 patches each")
add("--out", type=Path, default=Path("out"), help="folder of the figures")
options = parser.parse_args()
SEED = 8_200_000
DIMENSIONS = 4
STEPS = 7

# %%
# Simulate and embed
# ------------------
# All patches have light, contrast and noise from the same distributions: pores alone differ. Their
# dark margins are cut off already.

embedder = Embedder(options.checkpoint)
limits = embedder.options
source = FoamSource(SEED)
numbers = range(options.micrographs * PATCHES * len(source.classes))
patches, labels = zip(*(source.example(number) for number in numbers))
names = [source.classes[label] for label in labels]
groups = [source.group(number) for number in numbers]
images = np.stack([prepare_texture(one, limits.size, 0.0, limits.stretched) for one in patches])
found = embedder.embed(images)
use = latent_use(found.mean, found.sigma)
print(use.sentence)

# %%
# Where they lie
# --------------
# The standard deviations say what a texture is like, the means how it is arranged.

plane = project_pca(found.sigma, found.sigma)
draw_embedding_map(
    options.out / "vae_map.png",
    plane.points,
    images,
    np.array(labels),
    source.classes,
    title=plane.title,
)

# %%
# How far they are apart
# ----------------------
# R is 0.5 where two materials are one cloud, and grows as they come apart.

table = separation_table(found.sigma, names, groups)
draw_distances(options.out / "vae_distances.png", distance_panels(table))
for one in table:
    print(
        f"R of {one.first} and {one.second}: {one.rate.mean:.2f} "
        f"[{one.rate.low:.2f}, {one.rate.high:.2f}]"
    )

# %%
# What the dimensions look at
# ---------------------------
# The most typical image of each material, and the dimensions whose means vary most.

dimensions = use.most_used(DIMENSIONS)
typical = typical_examples(found.sigma, names)
rows = []
for name, number in typical.items():
    seen = latent_grad_cam(embedder.model, images[number])
    rows.append(MappedImage(name, images[number], seen.maps[dimensions], seen.mean))
draw_latent_maps(options.out / "vae_grad_cam.png", rows, dimensions)

# %%
# From one material to another
# ----------------------------
# The way goes around the origin, where the decoder knows its way; a straight one leads through
# points that are unlike those of any image. Below it walks along the dimensions.

first, last = (found.mean[typical[name]] for name in (source.classes[0], source.classes[-1]))
ways = {
    kind: embedder.decode(interpolate(first, last, STEPS, kind=kind))
    for kind in ("spherical", "straight")
}
above = [f"{100 * share:.0f}%" for share in np.linspace(0, 1, STEPS)]
title = f"from {source.classes[0]} to {source.classes[-1]}"
draw_latent_walks(options.out / "vae_way.png", ways, above, title=title)
walks = {
    f"dim. {number}": embedder.decode(
        latent_walk(first, number, spread=np.sqrt(use.mean_variance[number]), steps=STEPS)
    )
    for number in dimensions
}
above = [f"{step:+.0f} SD" if step else "image" for step in np.linspace(-3, 3, STEPS)]
draw_latent_walks(options.out / "vae_walks.png", walks, above, title=source.classes[0])
written = ("map", "distances", "grad_cam", "way", "walks")
print(f"Figures: {options.out}/" + ", ".join(f"vae_{name}.png" for name in written))
