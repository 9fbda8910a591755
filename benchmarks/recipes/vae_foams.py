"""Train an autoencoder on simulated foams without labels, and probe what it learned.

    python benchmarks/recipes/vae_foams.py --out runs/vae_foams-efficientnet_lite0-v1
    python benchmarks/recipes/vae_foams.py --model autoencoder --out runs/autoencoder

The patches stand in splits/foams_simulated.csv. The network sees those of "train"; probes are
trained and tested on those of "test" by grouped cross-validation, so that it never saw a
micrograph of theirs. Asked for at 128 dimensions: a random forest on sigma names 0.98 of the
patches right and kNN 0.92; the separation R is at least 0.55 for every pair of families, its
interval above 0.5, and the outer two are furthest apart. `--steps 0` trains nothing. An
interrupted run goes on from its saved state.

Writes foams.md with the probes, the separation and how many dimensions are used, distances.png,
maps.png (training beside test), map.png (with thumbnails) and reconstructions.png.
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

from nanozoo.cli.words import words
from nanozoo.core.files import write_bytes, write_text
from nanozoo.data.textures import TextureImages, prepare_texture
from nanozoo.embed.latent_use import latent_use
from nanozoo.embed.probes import PROBES, probe_scores
from nanozoo.embed.projections import project_features
from nanozoo.embed.separation import Separation, distance_panels, separation_table
from nanozoo.engines.embedder import Embedder
from nanozoo.models.checkpoint import save_checkpoint
from nanozoo.models.vae import build_autoencoder, build_vae
from nanozoo.synth.foam_families import FAMILIES
from nanozoo.synth.foam_parts import foam_part
from nanozoo.training.fit import Schedule, fit
from nanozoo.viz.distances import draw_distances
from nanozoo.viz.embedding_map import draw_embedding_map
from nanozoo.viz.split_maps import draw_split_maps
from nanozoo.workflows.shape_report import interval_text, markdown_table

SHOWN = 10
"""Patches beside their reconstructions."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Train what is left of the steps, then probe and draw."""
    options = _options(arguments)
    keras.utils.set_random_seed(options.seed)
    if options.steps:
        images, held = (
            patches(part, options.size, options.appearance, options.limit)[0]
            for part in ("train", "val")
        )
        about = {"appearance": options.appearance, "limit": options.limit}
        train(options, images, held, about)
    embedder = Embedder(options.out)
    size, limit = embedder.options.size, options.limit
    parts = {part: patches(part, size, options.appearance, limit) for part in ("train", "test")}
    found = {
        part: embedder.embed(images).vectors(options.seed)
        for part, (images, _, _) in parts.items()
    }
    apart = "sigma" if embedder.variational else "mean"
    table = separation_table(found["test"][apart], *parts["test"][1:])
    text = report(found["test"], *parts["test"][1:])
    text += f"\nSeparation by {apart}:\n\n{separations(table)}"
    use = latent_use(found["test"]["mean"], found["test"].get("sigma"))
    text += f"\n{use.sentence}\n"
    write_text(options.out / "foams.md", text)
    print(text)
    draw(options.out, embedder, parts, found)
    draw_distances(options.out / "distances.png", distance_panels(table))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_training(parser, steps=800)
    parser.add_argument("--appearance", choices=("confocal", "sem"), default="confocal")
    parser.add_argument("--limit", type=int, help="only so many patches of each part")
    return parser.parse_args(arguments)


def add_training(parser: argparse.ArgumentParser, steps: int) -> None:
    """Add the options of a network and its training, see `train`."""
    add = parser.add_argument
    add("--out", type=Path, required=True)
    add("--model", choices=("vae", "autoencoder"), default="vae")
    add("--start", help="checkpoint of the same network to start from")
    add("--latent-dim", type=int, default=128)
    add("--backbone", default="efficientnet_lite0")
    add("--weights-backbone", default="imagenet", help="what the encoder starts from, or none")
    add("--filters", type=words, default=["16", "32", "64", "64"], metavar="A,B", help="channels")
    add("--train-encoder", action="store_true", help="the encoder learns, too")
    add("--pooled-levels", type=int, default=1, help="of vae: levels averaged for variances")
    add("--texture-scale", type=float, default=0.0, help="of vae: of the variances' first weights")
    add("--size", type=int, default=128, help="side of the patches, px")
    add("--beta", type=float, default=1.0, help="of vae: weight of the KL divergence")
    add("--warmup-steps", type=int, default=0, help="of vae: steps within which beta grows")
    add("--steps", type=int, default=steps, help="optimizer steps; 0 only scores")
    add("--batch-size", type=int, default=16)
    add("--learning-rate", type=float, default=1e-3)
    add("--round-steps", type=int, default=100)
    add("--seed", type=int, default=0)


def patches(
    part: str, size: int, appearance: str = "confocal", limit: int | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Patches of "train", "val" or "test" as the network takes them.

    Returns:
        Images `(N, size, size)` float32 in [0, 1], families `(N,)` and micrographs `(N,)`.
    """
    wanted = foam_part(f"{appearance}_{part}")
    source = wanted.source()
    numbers = range(wanted.count if limit is None else min(wanted.count, limit))
    pictures, labels = zip(*(source.example(number) for number in numbers))
    images = np.stack([prepare_texture(picture, size, cropped=0.0) for picture in pictures])
    groups = np.array([source.group(number) for number in numbers])
    return images, np.array(FAMILIES)[list(labels)], groups


def train(
    options: argparse.Namespace, images: np.ndarray, held: np.ndarray, about: dict[str, object]
) -> None:
    """Train a network on images `(N, size, size)`, watch others, and write the checkpoint.

    Args:
        options: Those of `add_training`.
        images: What it learns from.
        held: What its losses are measured on after every round.
        about: What else makes the run what it is, as JSON values; it joins the checkpoint's notes.
    """
    built = {
        "latent_dim": options.latent_dim,
        "backbone": options.backbone,
        "filters": tuple(map(int, options.filters)),
        "frozen_encoder": options.weights_backbone != "none" and not options.train_encoder,
    }
    if options.model == "vae":
        built |= {"pooled_levels": options.pooled_levels, "texture_scale": options.texture_scale}
        built |= {"beta": options.beta, "warmup_steps": options.warmup_steps}
    fresh = options.start is None and options.weights_backbone != "none"
    start = {"weights_backbone": options.weights_backbone if fresh else None}
    build = build_vae if options.model == "vae" else build_autoencoder
    shape = (options.size, options.size, 1)
    model = build(shape, **built, **start, weights=options.start)
    schedule = Schedule(
        steps=options.steps,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        round_steps=min(options.round_steps, options.steps),
    )
    notes = {
        "from": Path(options.start).name if options.start else options.weights_backbone,
        "seed": options.seed,
        "steps": options.steps,
        "batch_size": options.batch_size,
        **about,
    }

    def validate(model: keras.Model) -> dict[str, float]:
        batch = held[..., None]
        scores = model.evaluate(batch, batch, verbose=0, return_dict=True)
        return {f"val_{name}": value for name, value in scores.items()}

    run = {**built, **notes, "size": options.size}
    source = TextureImages(images, options.seed)
    fit(model, source, schedule, out=options.out, run=run, validate=validate)
    save_checkpoint(
        model,
        options.out,
        name=options.out.name,
        builder=options.model,
        arguments=built,
        classes=(),
        inference={"size": options.size, "cropped": 0.0},
        notes=notes,
    )


def report(found: dict[str, np.ndarray], labels: np.ndarray, groups: np.ndarray) -> str:
    """Markdown: accuracy of every probe on every vector."""
    rows = []
    for probe in PROBES:
        scores = [probe_scores(vector, labels, groups, probe=probe) for vector in found.values()]
        rows.append((probe, *(interval_text(one.accuracy) for one in scores)))
    return markdown_table(("probe", *found), rows)


def separations(table: Sequence[Separation]) -> str:
    """Markdown: the distances within and between families, and R."""
    rows = [
        (one.first, one.second, f"{one.wss:.4g}", f"{one.bss:.4g}", interval_text(one.rate))
        for one in table
    ]
    return markdown_table(("first", "second", "WSS", "BSS", "R"), rows)


def draw(
    out: Path,
    embedder: Embedder,
    parts: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]],
    found: dict[str, dict[str, np.ndarray]],
) -> None:
    """Draw maps of training beside test patches, thumbnails and reconstructions."""
    numbers = {
        part: np.array([FAMILIES.index(name) for name in labels])
        for part, (_, labels, _) in parts.items()
    }
    maps: dict[str, dict[str, np.ndarray]] = {}
    for name, known in found["train"].items():
        shown = np.concatenate([vectors[name] for vectors in found.values()])
        for method, one in zip(("PCA", "LDA"), project_features(known, numbers["train"], shown)):
            both = np.split(one.points, [len(known)])
            maps[f"{name}, {method}"] = dict(zip(found, both))
    draw_split_maps(out / "maps.png", maps, numbers, FAMILIES)
    images = parts["test"][0]
    points = maps["sigma, PCA" if embedder.variational else "mean, PCA"]["test"]
    draw_embedding_map(out / "map.png", points, images, numbers["test"], FAMILIES)
    shown = images[:SHOWN]
    sheet = np.vstack([np.hstack(shown), np.hstack(embedder.reconstruct(shown))])
    png = cv2.imencode(".png", np.rint(255 * sheet).astype(np.uint8))[1]
    write_bytes(out / "reconstructions.png", png.tobytes())


if __name__ == "__main__":
    main()
