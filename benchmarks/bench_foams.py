"""What tells simulated foams apart: sizes of pores, mean grey, plain textures; a Markdown report.

python benchmarks/bench_foams.py --out out/foams

Asked for: an overlap coefficient of the pore sizes of at least 0.6 between neighbouring families,
and at most 0.6 right by the mean grey value alone. Everything is the test part of
splits/foams_simulated.csv; classifiers are scored in folds that no micrograph is divided by.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from skimage.feature import local_binary_pattern
from sklearn.base import ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from nanozoo.core.errors import UserError
from nanozoo.core.files import write_text
from nanozoo.evaluate.bootstrap import bootstrap_mean
from nanozoo.measure.pores import PoreMeasures, measure_pores
from nanozoo.measure.size_overlap import overlap_coefficient
from nanozoo.synth.foam_families import FAMILIES, PATCHES
from nanozoo.synth.foam_parts import FoamPart, foam_part
from nanozoo.synth.porous_config import PORE_APPEARANCES

DRAWS = 500
FOLDS = 5
RINGS = (1, 3, 5, 7, 9, 12, 16, 22, 30, 45)
SECTORS = 4
CLASSIFIERS: dict[str, ClassifierMixin] = {
    "logistic regression": LogisticRegression(max_iter=1000),
    "15 nearest neighbours": KNeighborsClassifier(15),
    "random forest": RandomForestClassifier(200, min_samples_leaf=3, random_state=0),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Score the test part; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--appearance", default="confocal", choices=PORE_APPEARANCES)
    parser.add_argument("--limit", type=int, help="only so many micrographs of a family")
    parser.add_argument("--out", type=Path, default=Path("out/foams"))
    options = parser.parse_args(arguments)
    try:
        part = foam_part(f"{options.appearance}_test")
        text = report(part, min(options.limit or part.micrographs, part.micrographs))
        write_text(options.out / "report.md", text)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    print(text)
    return 0


def report(part: FoamPart, micrographs: int) -> str:
    """Markdown of one part.

    Args:
        part: The part.
        micrographs: How many of each family, at least `FOLDS`.
    """
    source = part.source()
    blocks = range(0, micrographs * len(FAMILIES) * PATCHES, len(FAMILIES) * PATCHES)
    images, labels, groups = [], [], []
    measured: list[list[PoreMeasures]] = [[] for _ in FAMILIES]
    for block in blocks:
        for label, found in enumerate(measured):
            found.append(measure_pores(source.micrograph(block + label).pores))
        for index in range(block, block + len(FAMILIES) * PATCHES):
            image, label = source.example(index)
            images.append(image[..., 0])
            labels.append(label)
            groups.append(source.group(index))
        print(f"{block // blocks.step + 1} of {micrographs}", file=sys.stderr, flush=True)
    head = (
        f"Part `{part.name}` of `splits/foams_simulated.csv`: {micrographs} micrographs and "
        f"{len(images) // len(FAMILIES)} patches of each family. [95% intervals: whole "
        "micrographs are drawn.]"
    )
    tables = (family_table(measured), overlap_table(measured), grey_table(images, labels, groups))
    return "\n\n".join((head, *tables)) + "\n"


def sample(found: Sequence[PoreMeasures]) -> tuple[np.ndarray, np.ndarray]:
    """Diameters of all pores of some micrographs, px, and their weights."""
    return tuple(
        np.concatenate([one.pores[name] for one in found])
        for name in ("diameter_px", "edge_weight")
    )


def family_table(measured: Sequence[Sequence[PoreMeasures]]) -> str:
    """What is measured on the true pores of each family: mean ± standard deviation."""
    lines = [
        "| family | whole pores | diameter, px | porosity | mean chord, px | anisotropy |",
        "| --- " * 6 + "|",
    ]
    for family, found in zip(FAMILIES, measured):
        sizes, weights = sample(found)
        mean = np.average(sizes, weights=weights)
        spread = np.sqrt(np.average((sizes - mean) ** 2, weights=weights))
        cells = [_spread([getattr(one, name) for one in found], digits) for name, digits in (
            ("porosity", 3), ("mean_chord_px", 1), ("anisotropy", 2)
        )]  # fmt: skip
        whole = np.count_nonzero(weights)
        lines.append(f"| {family} | {whole} | {mean:.1f} ± {spread:.1f} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _spread(values: Sequence[float], digits: int) -> str:
    return f"{np.mean(values):.{digits}f} ± {np.std(values):.{digits}f}"


def overlap_table(measured: Sequence[Sequence[PoreMeasures]]) -> str:
    """Overlap coefficients of the pore diameters of each pair of families."""
    lines = ["| pair | overlap coefficient of pore diameters |", "| --- | --- |"]
    for first, second in ((0, 1), (1, 2), (0, 2)):
        own, other = measured[first], measured[second]
        rng = np.random.default_rng(0)
        draws = [
            _overlap([own[i] for i in one], [other[i] for i in two])
            for one, two in zip(
                rng.integers(len(own), size=(DRAWS, len(own))),
                rng.integers(len(other), size=(DRAWS, len(other))),
            )
        ]
        low, high = np.quantile(draws, (0.025, 0.975))
        value = _overlap(own, other)
        pair = f"{FAMILIES[first]}, {FAMILIES[second]}"
        lines.append(f"| {pair} | {value:.3f} [{low:.3f}, {high:.3f}] |")
    return "\n".join(lines)


def _overlap(first: Sequence[PoreMeasures], second: Sequence[PoreMeasures]) -> float:
    sizes, weights = sample(first)
    others, other_weights = sample(second)
    return overlap_coefficient(sizes, others, weights, other_weights)


def grey_table(images: Sequence[np.ndarray], labels: Sequence[int], groups: Sequence[str]) -> str:
    """Share of patches that classifiers get right from mean grey and from plain textures."""
    features = {
        "mean grey": np.array([[image.mean()] for image in images]),
        "mean and standard deviation of grey": np.array(
            [[image.mean(), image.std()] for image in images]
        ),
        "power spectrum and local binary patterns": np.array([texture(one) for one in images]),
    }
    lines = [f"| features | {' | '.join(CLASSIFIERS)} |", "| --- " * (len(CLASSIFIERS) + 1) + "|"]
    for name, values in features.items():
        cells = []
        for classifier in CLASSIFIERS.values():
            answers = cross_val_predict(
                make_pipeline(StandardScaler(), classifier), values, labels,
                groups=groups, cv=GroupKFold(FOLDS),
            )  # fmt: skip
            right = bootstrap_mean(answers == np.array(labels), groups)
            cells.append(f"{right.mean:.3f} [{right.low:.3f}, {right.high:.3f}]")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def texture(image: np.ndarray) -> np.ndarray:
    """Plain features of a texture that know nothing of its mean grey.

    Args:
        image: `(H, W)` float32 in [0, 1].

    Returns:
        Logarithm of the share of the power spectrum in rings and sectors, and histograms of
        uniform local binary patterns of 8 points at 1 and 3 px, after a blur of 1 px.
    """
    window = np.outer(np.hanning(image.shape[0]), np.hanning(image.shape[1]))
    power = np.abs(np.fft.fftshift(np.fft.fft2((image - image.mean()) * window))) ** 2
    rows, columns = (np.arange(side) - side // 2 for side in image.shape)
    ring = np.digitize(np.hypot(rows[:, None], columns[None, :]), RINGS)
    angle = np.arctan2(rows[:, None], columns[None, :]) / np.pi * SECTORS
    bins = ring * SECTORS + np.rint(angle).astype(int) % SECTORS
    shares = np.bincount(bins.ravel(), power.ravel())[SECTORS : len(RINGS) * SECTORS]
    smooth = np.rint(255 * cv2.GaussianBlur(image, (0, 0), 1.0)).astype(np.uint8)
    patterns = [
        np.bincount(
            local_binary_pattern(smooth, 8, radius, "uniform").astype(int).ravel(), minlength=10
        )
        / image.size
        for radius in (1, 3)
    ]
    return np.concatenate([np.log(shares / shares.sum() + 1e-9), *patterns])


if __name__ == "__main__":
    sys.exit(main())
