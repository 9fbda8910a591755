"""Train a variational autoencoder on patches of real micrographs.

    RUN="python benchmarks/recipes/vae_sem_textures.py --data $NANOZOO_DATA"
    $RUN --out runs/vae_sem_textures-efficientnet_lite0-v1
    $RUN --model autoencoder --out runs/autoencoder

It learns without labels from patches of EMPS and nanoshapes-tem (those of their micrographs that
train, see splits/) and of simulated foams. bench_texture_patches.py probes it on the seven
materials of sem-texture-patches, none of whose micrographs is among them. An interrupted run
goes on from its saved state.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import cv2
import keras
import numpy as np
from vae_foams import add_training, patches, train

from nanozoo.data.samples import find_samples
from nanozoo.data.splits import select
from nanozoo.data.textures import prepare_texture

DATASETS = ("emps", "nanoshapes-tem")
SPLITS = Path(__file__).parents[1] / "splits"
PATCHES = 4000
"""Patches of real micrographs; a third as many of simulated foams join them."""

MAGNIFICATIONS = (0.5, 1.0)
"""Some of the patches that are probed were halved in scale, too."""

HELD = 10
"""One in so many is held back, to watch the losses."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Train what is left of the steps."""
    options = _options(arguments)
    keras.utils.set_random_seed(options.seed)
    images = micrograph_patches(options.data, options.size, options.patches, options.seed)
    foams = patches("train", options.size, "sem", limit=options.patches // 3)[0]
    every = np.concatenate([images, foams])
    kept = np.arange(len(every)) % HELD > 0
    about = {"datasets": [*DATASETS, "foams"], "patches": options.patches}
    train(options, every[kept], every[~kept], about)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_training(parser, steps=500)
    parser.set_defaults(filters=["16", "32", "64", "64", "96"], pooled_levels=3)
    parser.add_argument("--data", type=Path, required=True, help="folder of datasets")
    parser.add_argument("--patches", type=int, default=PATCHES)
    return parser.parse_args(arguments)


def micrograph_patches(folder: Path, size: int, count: int, seed: int) -> np.ndarray:
    """Random patches `(count, size, size)` of the datasets' training micrographs, in [0, 1]."""
    rng = np.random.default_rng(seed)
    micrographs = [
        [
            sample.micrograph().grey()
            for sample in select(find_samples(folder / name), SPLITS / f"{name}.csv", "train")
        ]
        for name in DATASETS
    ]
    found = []
    while len(found) < count:
        images = micrographs[len(found) % len(micrographs)]
        grey = images[rng.integers(len(images))]
        scale = float(rng.choice(MAGNIFICATIONS))
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        if min(grey.shape) < size:
            continue
        top, left = (int(rng.integers(side - size + 1)) for side in grey.shape)
        window = grey[top : top + size, left : left + size]
        found.append(prepare_texture(window, size, cropped=0.0))
    return np.stack(found)


if __name__ == "__main__":
    main()
