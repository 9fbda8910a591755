"""From rows of images and particles to means with intervals, by dataset, bin and pair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from nanozoo.evaluate.bins import CONTRAST_BINS, MIN_PARTICLES, SIZE_BINS, Bins
from nanozoo.evaluate.bootstrap import Interval, bootstrap_mean, paired_difference

Row = dict[str, Any]

SCORES = (
    "jsc",
    "dice",
    "sensitivity",
    "specificity",
    "boundary_f1",
    "f1_50",
    "ap",
    "count_error",
    "aed_error_px",
    "ks",
    "seconds",
)
"""Columns of `scores.csv` that are averaged."""

POOLED = "all"
"""Name of the rows over all datasets together."""


def summarise(scores: Sequence[Row], seed: int = 0) -> list[Row]:
    """Mean and 95% interval of every score of every method, over the images of a dataset.

    Args:
        scores: Rows of `scores.csv`; NaN is left out of a mean.
        seed: Seed of the bootstrap.

    Returns:
        Rows with `dataset, method, score, images, mean, low, high`; the dataset `all`
        pools the images of all datasets where there are several.
    """
    rows = []
    for dataset, members in _by_dataset(scores).items():
        for method in _order(members, "method"):
            own = [row for row in members if row["method"] == method]
            for score in SCORES:
                interval = bootstrap_mean(np.array([row[score] for row in own]), seed=seed)
                rows.append(
                    {"dataset": dataset, "method": method, "score": score}
                    | {"images": interval.count}
                    | _numbers(interval)
                )
    return rows


def summarise_bins(particles: Sequence[Row], seed: int = 0) -> list[Row]:
    """Mean best IoU of the true particles of each bin of contrast and of size.

    Args:
        particles: Rows of `particles.csv`.
        seed: Seed of the bootstrap, which draws whole images.

    Returns:
        Rows with `dataset, method, quantity, bin, particles, images, counts, mean,
        low, high`, where `quantity` is `all`, `contrast` or `diameter_px` and
        `counts` is 1 for bins with enough particles.
    """
    rows = []
    for dataset, members in _by_dataset(particles).items():
        for method in _order(members, "method"):
            own = [row for row in members if row["method"] == method]
            for quantity, name, chosen in _binned(own):
                values = np.array([row["best_iou"] for row in chosen])
                interval = bootstrap_mean(values, [_image(row) for row in chosen], seed)
                rows.append(
                    {"dataset": dataset, "method": method}
                    | _bin_columns(quantity, name, interval)
                    | _numbers(interval)
                )
    return rows


def paired_bins(
    particles: Sequence[Row], pairs: Sequence[tuple[str, str]], seed: int = 0
) -> list[Row]:
    """Difference in best IoU of pairs of methods on the same particles, bin by bin.

    Args:
        particles: Rows of `particles.csv`.
        pairs: Two methods each; the second is subtracted from the first.
        seed: Seed of the bootstrap, which draws whole images.

    Returns:
        Rows with `dataset, first, second, quantity, bin, particles, images, counts,
        mean, low, high`; `mean` is first minus second.
    """
    rows = []
    for dataset, members in _by_dataset(particles).items():
        best: dict[str, dict[tuple, float]] = defaultdict(dict)
        for row in members:
            best[row["method"]][_particle(row)] = row["best_iou"]
        for first, second in pairs:
            both = best[first].keys() & best[second].keys()
            own = [r for r in members if r["method"] == first and _particle(r) in both]
            for quantity, name, chosen in _binned(own):
                keys = [_particle(row) for row in chosen]
                interval = paired_difference(
                    np.array([best[first][key] for key in keys]),
                    np.array([best[second][key] for key in keys]),
                    [_image(row) for row in chosen],
                    seed,
                )
                rows.append(
                    {"dataset": dataset, "first": first, "second": second}
                    | _bin_columns(quantity, name, interval)
                    | _numbers(interval)
                )
    return rows


def paired_scores(
    scores: Sequence[Row], pairs: Sequence[tuple[str, str]], seed: int = 0
) -> list[Row]:
    """Difference of every score of pairs of methods on the same images.

    Args:
        scores: Rows of `scores.csv`.
        pairs: Two methods each; the second is subtracted from the first.
        seed: Seed of the bootstrap.

    Returns:
        Rows with `dataset, first, second, score, images, mean, low, high`.
    """
    rows = []
    for dataset, members in _by_dataset(scores).items():
        own = {(row["method"], _image(row)): row for row in members}
        images = list(dict.fromkeys(_image(row) for row in members))
        for first, second in pairs:
            both = [i for i in images if (first, i) in own and (second, i) in own]
            for score in SCORES:
                interval = paired_difference(
                    np.array([own[first, image][score] for image in both]),
                    np.array([own[second, image][score] for image in both]),
                    seed=seed,
                )
                rows.append(
                    {"dataset": dataset, "first": first, "second": second, "score": score}
                    | {"images": interval.count}
                    | _numbers(interval)
                )
    return rows


def score_bins(scores: Sequence[Row], column: str, bins: Bins, seed: int = 0) -> list[Row]:
    """Mean JSC of images by bins of an image's own contrast or mean size.

    Args:
        scores: Rows of `scores.csv`.
        column: `contrast` or `mean_aed_px`.
        bins: Bins of this column.
        seed: Seed of the bootstrap.

    Returns:
        Rows with `method, bin, images, mean, low, high` for bins that have an image.
    """
    rows = []
    for method in _order(scores, "method"):
        own = [row for row in scores if row["method"] == method]
        numbers = bins.assign(np.array([row[column] for row in own]))
        for number, name in enumerate(bins.names):
            values = np.array([row["jsc"] for row, which in zip(own, numbers) if which == number])
            if len(values):
                interval = bootstrap_mean(values, seed=seed)
                rows.append(
                    {"method": method, "bin": name, "images": interval.count} | _numbers(interval)
                )
    return rows


def _binned(rows: Sequence[Row]) -> Iterable[tuple[str, str, list[Row]]]:
    """Quantity, bin and rows: first all rows, then every bin that has a particle."""
    if rows:
        yield POOLED, POOLED, list(rows)
    for bins in (CONTRAST_BINS, SIZE_BINS):
        numbers = bins.assign(np.array([row[bins.quantity] for row in rows]))
        for number, name in enumerate(bins.names):
            chosen = [row for row, which in zip(rows, numbers) if which == number]
            if chosen:
                yield bins.quantity, name, chosen


def _by_dataset(rows: Sequence[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["dataset"]].append(row)
    if len(groups) > 1:
        groups[POOLED] = list(rows)
    return groups


def _order(rows: Sequence[Row], column: str) -> list[str]:
    return list(dict.fromkeys(row[column] for row in rows))


def _image(row: Row) -> tuple[str, str]:
    return row["dataset"], row["image"]


def _particle(row: Row) -> tuple[str, str, int]:
    return row["dataset"], row["image"], row["particle"]


def _bin_columns(quantity: str, name: str, interval: Interval) -> Row:
    return {
        "quantity": quantity,
        "bin": name,
        "particles": interval.count,
        "images": interval.clusters,
        "counts": int(interval.count >= MIN_PARTICLES),
    }


def _numbers(interval: Interval) -> Row:
    return {"mean": interval.mean, "low": interval.low, "high": interval.high}
