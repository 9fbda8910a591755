"""Tell materials apart by texture patches that come with their micrograph; print Markdown.

python benchmarks/bench_texture_patches.py --data DIR --checkpoints NAME

DIR holds sem-texture-patches. Probes are scored by repeated cross-validation that never divides
a micrograph: over all seven classes, and on the pair from one instrument, nanocomposites of low
against high filler, whose specimens are kept whole too in a stricter run of four folds.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from bench_cli import add_data, data_folder, write_report

from nanozoo.cli.words import words
from nanozoo.data.labelled_images import LabelledImages, read_labelled_images
from nanozoo.embed.probes import PROBES, probe_scores
from nanozoo.embed.texture import intensity_statistics, local_binary_patterns
from nanozoo.engines.embedder import Embedder
from nanozoo.evaluate.bootstrap import Interval
from nanozoo.workflows.benchmark_store import write_table

PAIR = ("nanocomposite_low_filler", "nanocomposite_high_filler")
SEVEN, FILLER, SPECIMENS = "seven classes", "low or high filler", "the same, whole specimens"
FOLDS = {SEVEN: 5, FILLER: 5, SPECIMENS: 4}
BY_CLASS = "random_forest"
COLUMNS = (
    "task", "features", "dimensions", "probe", "accuracy", "accuracy_low", "accuracy_high",
    "balanced", "balanced_low", "balanced_high", "by_class",
)  # fmt: skip

Embeddings = Mapping[str, np.ndarray]


def baselines(images: np.ndarray) -> Embeddings:
    """Features by name of images `(N, H, W)` in [0, 1] that no network has seen."""
    return {
        "grey-value statistics": intensity_statistics(images),
        "local binary patterns": local_binary_patterns(images),
    }


def score(
    patches: LabelledImages,
    embeddings_of: Callable[[np.ndarray], Embeddings],
    repeats: int,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """A row a task, kind of features and probe.

    Args:
        patches: The patches.
        embeddings_of: Gives features `(N, F)` by name of images `(N, H, W)` in [0, 1].
        repeats: How often all is folded anew.
        seed: Seed of folds, probes and intervals.
    """
    names = np.array(patches.class_names)[patches.labels]
    specimens = np.array([group.rsplit("_", 1)[0] for group in patches.groups])
    every, pair = np.full(len(names), True), np.isin(names, PAIR)
    tasks = {
        SEVEN: (every, patches.groups),
        FILLER: (pair, patches.groups),
        SPECIMENS: (pair, specimens),
    }
    rows = []
    for title, features in embeddings_of(patches.images).items():
        for task, (kept, groups) in tasks.items():
            for probe in PROBES:
                found = probe_scores(
                    features[kept], names[kept], groups[kept],
                    probe=probe, folds=FOLDS[task], repeats=repeats, seed=seed,
                )  # fmt: skip
                about = {"task": task, "features": title, "dimensions": features.shape[1]}
                shares = {name: share.mean for name, share in found.by_class.items()}
                row = {
                    **about,
                    "probe": probe,
                    **_bounds("accuracy", found.accuracy),
                    **_bounds("balanced", found.balanced_accuracy),
                    "by_class": " ".join(f"{name}={share:.4f}" for name, share in shares.items()),
                }
                rows.append(row)
                print(task, title, probe, _cell(row, "balanced"), file=sys.stderr, flush=True)
    return rows


def _bounds(name: str, share: Interval) -> dict[str, float]:
    return {name: share.mean, f"{name}_low": share.low, f"{name}_high": share.high}


def report(rows: Sequence[dict[str, Any]]) -> str:
    """Markdown: all scores, and what the forest finds of each class."""
    lines = [
        "| task | features | probe | accuracy | balanced accuracy |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        features = f"{row['features']} ({row['dimensions']})"
        cells = [row["task"], features, row["probe"].replace("_", " ")]
        cells += [_cell(row, name) for name in ("accuracy", "balanced")]
        lines.append(f"| {' | '.join(cells)} |")
    chosen = [row for row in rows if row["task"] == SEVEN and row["probe"] == BY_CLASS]
    found = [dict(part.split("=") for part in row["by_class"].split()) for row in chosen]
    lines += [
        "",
        "Share of each class that the random forest names right, seven classes.",
        "",
        f"| class | {' | '.join(row['features'] for row in chosen)} |",
        "| --- " * (len(chosen) + 1) + "|",
    ]
    for name in found[0]:
        shares = " | ".join(f"{float(one[name]):.3f}" for one in found)
        lines.append(f"| {name.replace('_', ' ')} | {shares} |")
    return "\n".join(lines) + "\n"


def _cell(row: Mapping[str, Any], name: str) -> str:
    return f"{row[name]:.3f} [{row[f'{name}_low']:.3f}, {row[f'{name}_high']:.3f}]"


def embeddings(checkpoint: str, images: np.ndarray) -> Embeddings:
    """What an autoencoder makes of images, and its mean and sigma together where it has both."""
    embedder = Embedder(checkpoint)
    found = embedder.embed(embedder.prepare(images, cropped=0.0)).vectors()
    if "sigma" in found:
        found["mean and sigma"] = np.concatenate([found["mean"], found["sigma"]], axis=1)
    return {f"{embedder.checkpoint.name}, {name}": vector for name, vector in found.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Score checkpoints and baselines; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_data(parser)
    parser.add_argument("--out", type=Path, default=Path("out/textures"))
    parser.add_argument("--checkpoints", type=words, default=[], metavar="A,B", help="and these")
    parser.add_argument("--repeats", type=int, default=10, help="how often all is folded anew")
    options = parser.parse_args(arguments)

    def embed(images: np.ndarray) -> Embeddings:
        found = {}
        for checkpoint in options.checkpoints:
            found |= embeddings(checkpoint, images)
        return {**found, **baselines(images)}

    def work() -> str:
        patches = read_labelled_images(data_folder(options) / "sem-texture-patches")
        rows = score(patches, embed, options.repeats)
        write_table(options.out / "scores.csv", COLUMNS, rows)
        return report(rows)

    return write_report(options.out, work)


if __name__ == "__main__":
    sys.exit(main())
