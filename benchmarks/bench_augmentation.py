"""Do generated images help a classifier of few real ones? Print Markdown.

taskset -c 1 python benchmarks/bench_augmentation.py --data DIR --out DIR

DIR holds sem-texture-patches. For each seed, two micrographs are drawn of each of four materials,
with 8 patches each. A classifier is trained on them in arms of equal length. Half of every batch
is the same in all arms, real patches mirrored and turned; the other half is more of the same,
real patches with strong changes of grey, shifts and cut-outs, or images of a GAN of the material
that saw its 16 patches alone. Scored are all patches of the other micrographs. Nothing that a
GAN draws from real images is kept. An interrupted run goes on with the next seed.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from augmentation_report import ARMS, COLUMNS, GAN_COLUMNS, accuracy, kept, report
from bench_cli import add_data, data_folder, write_report

from nanozoo.core.errors import UserError
from nanozoo.data.labelled_images import LabelledImages, read_labelled_images
from nanozoo.data.textures import LabelledTextures, TextureImages, prepare_texture
from nanozoo.evaluate.generated import compare_diversity, nearest_training
from nanozoo.layers.diff_augment import DiffAugment
from nanozoo.models.gan import build_gan
from nanozoo.models.shape_cnn import build_shape_cnn
from nanozoo.training.fit import Schedule, fit
from nanozoo.training.freeze import set_trainable
from nanozoo.workflows.benchmark_store import Row, write_table
from nanozoo.workflows.shape_report import interval_text

MATERIALS = ("ebc_porous_coating", "fibres", "nanocomposite_low_filler", "nanoporous_gold_tem")
SIDE = 64
MICROGRAPHS, EACH = 2, 8
"""Micrographs of each material that are trained on, and patches of each."""


@dataclass(frozen=True)
class Lengths:
    """How long networks are trained.

    Args:
        gan: Steps of 8 images of each GAN.
        classifier: Steps of 16 images of each classifier.
        backbone: The classifier's.
        start: What its encoder starts from; None for random numbers.
        added: Generated images, or changed copies, of each material.
    """

    gan: int = 400
    classifier: int = 100
    backbone: str = "efficientnet_lite0"
    start: str | None = "imagenet"
    added: int = 200


@dataclass(frozen=True)
class InTurn:
    """Real examples and added ones in turn, so that half of a batch is the same in every arm."""

    real: LabelledTextures
    added: LabelledTextures

    def example(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Image and class: of a real patch where `index` is even."""
        return (self.real, self.added)[index % 2].example(index // 2)

    def names(self, index: int) -> str:
        """Which patch example number `index` is."""
        part = ("real", "added")[index % 2]
        return f"{part} {getattr(self, part).names(index // 2)}"

    @property
    def signature(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Type and shape of what `example` returns."""
        return self.real.signature

    def pack(self, image, label):
        """Image and class as a classifier takes them."""
        return self.real.pack(image, label)


def of_materials(patches: LabelledImages, materials: Sequence[str]) -> LabelledImages:
    """The patches of some classes, 64 x 64 px, stretched to [0, 1] each."""
    missing = sorted(set(materials) - set(patches.class_names))
    if missing:
        raise UserError(
            f"Expected patches of all of {', '.join(materials)} in labels.csv. "
            f"Received: none of {', '.join(missing)}"
        )
    names = np.array(patches.class_names)[patches.labels]
    kept = np.flatnonzero(np.isin(names, materials))
    chosen, labels = np.unique(names[kept], return_inverse=True)
    return LabelledImages(
        np.stack([prepare_texture(patches.images[place], SIDE, 0.0) for place in kept]),
        labels,
        tuple(chosen.tolist()),
        patches.groups[kept],
        tuple(patches.files[place] for place in kept),
    )


def draw_few(patches: LabelledImages, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of few patches to train on, and of all patches of other micrographs."""
    rng = np.random.default_rng(seed)
    train = []
    for label in range(len(patches.class_names)):
        own = np.flatnonzero(patches.labels == label)
        groups, counts = np.unique(patches.groups[own], return_counts=True)
        for group in rng.choice(groups[counts >= EACH], MICROGRAPHS, replace=False):
            train.extend(rng.choice(own[patches.groups[own] == group], EACH, replace=False))
    rest = ~np.isin(patches.groups, patches.groups[train])
    return np.array(train), np.flatnonzero(rest)


def changed(images: np.ndarray, count: int, seed: int) -> np.ndarray:
    """`count` copies of images in turn, each changed as the discriminator of a GAN sees them."""
    copies = images[np.arange(count) % len(images)][..., None]
    shown = DiffAugment(seed=seed, dtype="float32")(copies)
    return np.clip(keras.ops.convert_to_numpy(shown)[..., 0], 0, 1)


def generated(images: np.ndarray, count: int, seed: int, steps: int) -> np.ndarray:
    """`count` samples of a GAN that saw these images alone."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    model = build_gan((*images.shape[1:], 1))
    schedule = Schedule(
        steps=steps,
        batch_size=8,
        optimizer="adam",
        momentum=0.0,
        second_momentum=0.9,
        final_share=1.0,
    )
    fit(model, TextureImages(images, seed=seed), schedule, verbose=0)
    return model.sample(count, seed)[..., 0]


def added_images(
    arm: str, images: np.ndarray, labels: np.ndarray, seed: int, lengths: Lengths
) -> tuple[np.ndarray, np.ndarray]:
    """What the other half of every batch is drawn from: images and classes."""
    if arm == "real":
        return images, labels
    found = []
    for label in np.unique(labels):
        own, number = images[labels == label], 100 * seed + int(label)
        if arm == "changed":
            found.append(changed(own, lengths.added, number))
        else:
            found.append(generated(own, lengths.added, number, lengths.gan))
    return np.concatenate(found), np.repeat(np.unique(labels), lengths.added)


def classifier(source: InTurn, classes: int, seed: int, lengths: Lengths) -> keras.Model:
    """A classifier that was trained on such examples; one seed starts from the same weights."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    shape = source.signature[0][1]
    model = build_shape_cnn(shape, classes, lengths.backbone, weights_backbone=lengths.start)
    set_trainable(model, encoder=True, statistics=False)
    schedule = Schedule(
        steps=lengths.classifier,
        batch_size=16,
        learning_rate=3e-4,
        warmup=lengths.classifier // 5,
    )
    fit(model, source, schedule, verbose=0)
    return model


def score(patches: LabelledImages, seed: int, lengths: Lengths) -> tuple[list[Row], list[Row]]:
    """Train all arms of one seed.

    Returns:
        A row an arm and scored patch, of `COLUMNS`; and a row a GAN, of `GAN_COLUMNS`.
    """
    train, test = draw_few(patches, seed)
    images, labels = patches.images[train], patches.labels[train]
    rows, drawn = [], []
    for arm in ARMS:
        more, classes = added_images(arm, images, labels, seed, lengths)
        if arm == "generated":
            for label, material in enumerate(patches.class_names):
                own = patches.images[test[patches.labels[test] == label]]
                found = gan_numbers(more[classes == label], images[labels == label], own)
                row = {"seed": seed, "material": material, **found, "steps": lengths.gan}
                drawn.append(row)
        source = InTurn(
            LabelledTextures(images, seed, labels=labels),
            LabelledTextures(more, seed + 1_000_000, labels=classes),
        )
        model = classifier(source, len(patches.class_names), seed, lengths)
        answers = model.predict(patches.images[test][..., None], verbose=0).argmax(axis=1)
        for place, answer in zip(test, answers):
            rows.append({
                "seed": seed,
                "arm": arm,
                "file": patches.files[place],
                "micrograph": patches.groups[place],
                "material": patches.class_names[patches.labels[place]],
                "right": int(answer == patches.labels[place]),
            })  # fmt: skip
        print(seed, arm, interval_text(accuracy(rows, arm), 3), file=sys.stderr, flush=True)
    return rows, drawn


def gan_numbers(samples: np.ndarray, train: np.ndarray, others: np.ndarray) -> Row:
    """How alike samples are among themselves, and how near to what the GAN was trained on."""
    diversity = compare_diversity(samples, train, pairs=200)
    near, held = (np.median(nearest_training(one, train).distances) for one in (samples, others))
    return {
        "samples": diversity.samples.mean,
        "training": diversity.real.mean,
        "excess": diversity.excess,
        "collapsed": int(diversity.collapsed),
        "samples_to_training": near,
        "others_to_training": held,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and score all seeds; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_data(parser)
    parser.add_argument("--out", type=Path, default=Path("out/augmentation"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--gan-steps", type=int, default=Lengths.gan, help="of 8 images, each GAN")
    options = parser.parse_args(arguments)

    def work() -> str:
        patches = read_labelled_images(data_folder(options) / "sem-texture-patches")
        patches = of_materials(patches, MATERIALS)
        tables = options.out / "scores.csv", options.out / "gans.csv"
        rows, drawn = map(kept, tables)
        if any(row.get("steps") != options.gan_steps for row in drawn):
            raise UserError(
                f"{tables[1]} is of GANs of other lengths: give another folder for --out. "
                f"Received: --gan-steps {options.gan_steps}"
            )
        done = {row["seed"] for row in drawn}
        rows = [row for row in rows if row["seed"] in done]
        for seed in options.seeds:
            if seed not in done:
                found, gans = score(patches, seed, Lengths(gan=options.gan_steps))
                rows, drawn = rows + found, drawn + gans
                write_table(tables[0], COLUMNS, rows)
                write_table(tables[1], GAN_COLUMNS, drawn)
        asked = set(options.seeds)
        return report(*([row for row in part if row["seed"] in asked] for part in (rows, drawn)))

    return write_report(options.out, work)


if __name__ == "__main__":
    sys.exit(main())
