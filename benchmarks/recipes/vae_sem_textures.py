"""Train a variational autoencoder on patches of real micrographs.

    RUN="python benchmarks/recipes/vae_sem_textures.py --data $NANOZOO_DATA"
    $RUN --out runs/vae_sem_textures-efficientnet_lite0-v1
    $RUN --model autoencoder --out runs/autoencoder

It learns without labels from patches of EMPS and nanoshapes-tem (those of their micrographs that
train, see splits/) and of simulated foams. bench_texture_patches.py probes it on the seven
materials of sem-texture-patches, none of whose micrographs is among them. An interrupted run
goes on from its saved state; `--steps 0` trains nothing.

Losses are watched on patches of micrographs of the parts "val". Writes textures.md: how many of
these patches are put down to the right micrograph. Patches of a micrograph may overlap, so compare
it between networks only.
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
from vae_foams import add_training, patches, report, train

from nanozoo.core.files import write_text
from nanozoo.data.samples import find_samples
from nanozoo.data.splits import select
from nanozoo.data.textures import prepare_texture
from nanozoo.engines.embedder import Embedder

DATASETS = ("emps", "nanoshapes-tem")
SPLITS = Path(__file__).parents[1] / "splits"
PATCHES = 3000
"""Patches of real micrographs; a third as many of simulated foams join them."""

WINDOW = 128
"""Side of the patches in their micrographs, px, before they are brought to the network's size."""

MAGNIFICATIONS = (0.5, 1.0)
"""Some of the patches that are probed were halved in scale, too."""

NAMED = 12
"""Patches of each micrograph that are put down to one."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Train what is left of the steps."""
    options = _options(arguments)
    keras.utils.set_random_seed(options.seed)
    if options.steps:
        images = micrograph_patches(options.data, options.size, options.patches, options.seed)
        foams = patches("train", options.size, "sem", limit=options.patches // 3)[0]
        held = held_patches(options.data, options.size, options.seed)[0]
        about = {"datasets": [*DATASETS, "foams"], "patches": options.patches}
        train(options, np.concatenate([images, foams]), held, about)
    embedder = Embedder(options.out)
    images, names = held_patches(options.data, embedder.options.size, options.seed)
    found = embedder.embed(images).vectors(options.seed)
    text = report(found, names, np.arange(len(names)))
    write_text(options.out / "textures.md", text)
    print(text)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_training(parser, steps=3000)
    filters = ["16", "32", "64", "64", "96"]
    parser.set_defaults(filters=filters, pooled_levels=3, texture_scale=1.0, latent_dim=256)
    parser.add_argument("--data", type=Path, required=True, help="folder of datasets")
    parser.add_argument("--patches", type=int, default=PATCHES)
    return parser.parse_args(arguments)


def micrograph_patches(folder: Path, size: int, count: int, seed: int) -> np.ndarray:
    """Random patches `(count, size, size)` of the datasets' training micrographs, in [0, 1]."""
    rng = np.random.default_rng(seed)
    micrographs = [_grey(folder, name, "train") for name in DATASETS]
    found = []
    while len(found) < count:
        images = micrographs[len(found) % len(micrographs)]
        window = _window(images[rng.integers(len(images))], rng)
        if window is not None:
            found.append(prepare_texture(window, size, cropped=0.0))
    return np.stack(found)


def held_patches(folder: Path, size: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Patches `(N, size, size)` of the parts "val", and the number of each one's micrograph."""
    rng = np.random.default_rng(seed)
    found, numbers = [], []
    for number, grey in enumerate(one for name in DATASETS for one in _grey(folder, name, "val")):
        windows = [_window(grey, rng) for _ in range(NAMED)]
        if all(window is not None for window in windows):
            found += [prepare_texture(window, size, cropped=0.0) for window in windows]
            numbers += [number] * NAMED
    return np.stack(found), np.array(numbers)


def _grey(folder: Path, name: str, part: str) -> list[np.ndarray]:
    samples = select(find_samples(folder / name), SPLITS / f"{name}.csv", part)
    return [sample.micrograph().grey() for sample in samples]


def _window(grey: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    """A random window `(WINDOW, WINDOW)` at a random magnification, None where none fits."""
    scale = float(rng.choice(MAGNIFICATIONS))
    grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    if min(grey.shape) < WINDOW:
        return None
    top, left = (int(rng.integers(side - WINDOW + 1)) for side in grey.shape)
    return grey[top : top + WINDOW, left : left + WINDOW]


if __name__ == "__main__":
    main()
