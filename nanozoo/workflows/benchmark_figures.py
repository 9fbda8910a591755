"""The figures of a benchmark, from its tables."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nanozoo.data.samples import Sample
from nanozoo.evaluate.bins import CONTRAST_BINS, SIZE_BINS
from nanozoo.evaluate.particles import ks_distance
from nanozoo.evaluate.summary import score_bins
from nanozoo.viz.agreement import Example, draw_agreement
from nanozoo.viz.comparison import draw_comparison
from nanozoo.viz.dependence import draw_dependence
from nanozoo.viz.distributions import draw_distributions
from nanozoo.viz.sizes import draw_sizes
from nanozoo.workflows.benchmark_store import BenchmarkStore

Row = dict[str, Any]

MARKED_SIZE = "45-90"
"""The size bin before which figures 7 and 8 draw a line: 45 px, where the capstone
paper's networks fell off."""

MAX_EXAMPLES = 4
"""Rows of figure 2."""


def draw_figures(
    store: BenchmarkStore,
    samples: Sequence[Sample],
    modalities: dict[tuple[str, str], str],
    methods: Sequence[str],
    tables: dict[str, list[Row]],
    seed: int,
) -> list[Path]:
    """Draw figures 2 and 4 to 8 of the capstone paper for this benchmark.

    Figures that need particles are left out where no dataset has any, and the
    comparison of the two best methods where there is only one.

    Args:
        store: Masks of the predictions; the figures go into its folder.
        samples: The images that were scored.
        modalities: Modality by dataset and image.
        methods: Methods in order.
        tables: Rows of `scores`, `particles`, `found` and `bins`.
        seed: Seed of the bootstrap.

    Returns:
        Paths of the figures that were written.
    """
    scores, particles, bins = tables["scores"], tables["particles"], tables["bins"]
    pooled = bins[-1]["dataset"] if bins else ""
    by_bin = {
        name: [row for row in bins if row["dataset"] == pooled and row["quantity"] == name]
        for name in (CONTRAST_BINS.quantity, SIZE_BINS.quantity)
    }
    drawn: dict[str, Callable[[Path], None]] = {
        "figure_2_overlays.png": lambda path: draw_agreement(
            path, _examples(store, samples, scores, methods), methods
        ),
        "figure_5_jsc_distributions.png": lambda path: draw_distributions(
            path, _by_dataset(scores, methods), methods
        ),
        "figure_6_contrast.png": lambda path: draw_dependence(
            path,
            by_bin[CONTRAST_BINS.quantity],
            score_bins(scores, "contrast", CONTRAST_BINS, seed),
            CONTRAST_BINS.names,
            methods,
            ("contrast of the particle", "median contrast of the image's particles"),
        ),
    }
    if particles:
        drawn["figure_4_size_distributions.png"] = lambda path: _draw_sizes(
            path, particles, tables["found"], modalities, methods
        )
        drawn["figure_7_size.png"] = lambda path: draw_dependence(
            path,
            by_bin[SIZE_BINS.quantity],
            score_bins(scores, "mean_aed_px", SIZE_BINS, seed),
            SIZE_BINS.names,
            methods,
            ("diameter of the particle, px", "mean diameter of the image's particles, px"),
            MARKED_SIZE,
        )
    if len(methods) > 1:
        drawn["figure_8_two_best.png"] = lambda path: draw_comparison(
            path,
            _two_best(scores, methods),
            by_bin[CONTRAST_BINS.quantity],
            by_bin[SIZE_BINS.quantity],
            (CONTRAST_BINS.names, SIZE_BINS.names),
            MARKED_SIZE,
            methods,
        )
    for name, draw in drawn.items():
        draw(store.folder / name)
    return [store.folder / name for name in sorted(drawn)]


def read_modalities(folder: Path, samples: Sequence[Sample]) -> dict[tuple[str, str], str]:
    """Modality of each sample of a folder.

    Args:
        folder: The dataset; its `images.csv` may have the columns `stem` (or `file`)
            and `modality`.
        samples: Its samples.

    Returns:
        Modality by dataset and image name; the dataset's name where none is stated.
    """
    stated: dict[str, str] = {}
    table = folder / "images.csv"
    if table.is_file():
        with open(table, encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                name = row.get("stem") or Path(row.get("file") or "").stem
                stated[name] = row.get("modality") or ""
    return {(s.dataset, s.name): stated.get(s.name) or s.dataset for s in samples}


def _examples(
    store: BenchmarkStore, samples: Sequence[Sample], scores: Sequence[Row], methods: Sequence[str]
) -> list[Example]:
    """Of each dataset the image whose JSC, averaged over the methods, is the median."""
    jsc = {(row["dataset"], row["image"], row["method"]): row["jsc"] for row in scores}
    examples = []
    for dataset in list(dict.fromkeys(row["dataset"] for row in scores))[:MAX_EXAMPLES]:
        own = [s for s in samples if s.dataset == dataset]
        own = [s for s in own if any((dataset, s.name, method) in jsc for method in methods)]
        ranked = sorted(own, key=lambda s: _mean_jsc(jsc, s, methods))
        typical = ranked[len(ranked) // 2]
        keys = {method: (dataset, typical.name, method) for method in methods}
        keys = {method: key for method, key in keys.items() if key in jsc}
        examples.append(
            Example(
                title=dataset,
                image=typical.micrograph().pixels,
                truth=typical.truth().semantic > 0,
                predicted={method: store.mask(key) for method, key in keys.items()},
                jsc={method: jsc[key] for method, key in keys.items()},
            )
        )
    return examples


def _mean_jsc(jsc: dict, sample: Sample, methods: Sequence[str]) -> float:
    keys = [(sample.dataset, sample.name, method) for method in methods]
    return float(np.mean([jsc[key] for key in keys if key in jsc]))


def _draw_sizes(
    path: Path,
    particles: Sequence[Row],
    found: Sequence[Row],
    modalities: dict[tuple[str, str], str],
    methods: Sequence[str],
) -> None:
    """Pool diameters over the images of a modality that have true particles."""
    first: dict[tuple[str, str], str] = {}
    known = {(row["dataset"], row["image"]) for row in particles}
    kinds = list(dict.fromkeys(modalities[image] for image in modalities if image in known))
    truth: dict[str, list[float]] = {kind: [] for kind in kinds}
    predicted: dict[tuple[str, str], list[float]] = {(k, m): [] for k in kinds for m in methods}
    for row in particles:
        image = (row["dataset"], row["image"])
        if row["method"] == first.setdefault(image, row["method"]):
            truth[modalities[image]].append(row["diameter_px"])
    for row in found:
        image = (row["dataset"], row["image"])
        if image in known:
            predicted[modalities[image], row["method"]].append(row["diameter_px"])
    true_sizes = {kind: np.array(sizes) for kind, sizes in truth.items()}
    sizes = {key: np.array(values) for key, values in predicted.items()}
    distance = {key: ks_distance(true_sizes[key[0]], values) for key, values in sizes.items()}
    draw_sizes(path, true_sizes, sizes, methods, distance)


def _by_dataset(scores: Sequence[Row], methods: Sequence[str]) -> dict[str, dict[str, np.ndarray]]:
    return {
        dataset: {
            method: np.array(
                [r["jsc"] for r in scores if r["dataset"] == dataset and r["method"] == method]
            )
            for method in methods
        }
        for dataset in dict.fromkeys(row["dataset"] for row in scores)
    }


def _two_best(scores: Sequence[Row], methods: Sequence[str]) -> dict[str, np.ndarray]:
    """JSC of the two methods with the highest mean, on the images that both have."""
    jsc: dict[str, dict[tuple, float]] = {method: {} for method in methods}
    for row in scores:
        jsc[row["method"]][row["dataset"], row["image"]] = row["jsc"]
    ranked = sorted(methods, key=lambda m: -np.mean(list(jsc[m].values()) or [0.0]))[:2]
    both = [image for image in jsc[ranked[0]] if image in jsc[ranked[1]]]
    return {method: np.array([jsc[method][image] for image in both]) for method in ranked}
