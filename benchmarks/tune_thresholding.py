"""Search the parameters of the classical methods on validation images.

    python benchmarks/tune_thresholding.py --data DATA --out nanozoo/baselines/tuned.json \\
        --datasets emps nanoshapes-tem nanocomposite-sem sage-soot-tem dsb2018-nuclei \\
        --default-from emps nanoshapes-tem nanocomposite-sem

Otsu, local and hybrid are searched so, in about ten minutes on one core; the watersheds and
isolated, in about five, with

    --datasets emps nanoshapes-tem dsb2018-nuclei --default-from emps nanoshapes-tem \\
        --methods watershed_maxima,watershed_foreground,watershed_component,isolated \\
        --trials 12 --limit 8

ellipse has not been searched: where outlines are rough, a setting takes seconds an image.

Settings are drawn from the grid of each method, and those of the file given by --out, if it is
there, join them; from the one with the highest mean score, each parameter in turn is then set to
its best value. The score of otsu, local and hybrid is the Jaccard similarity of the foreground;
that of the others is the F score of particles at an IoU of 0.5 where the images name particles,
and the Jaccard similarity where they do not. It is F1, but for isolated F0.5, in which precision
weighs more than recall, since isolated leaves particles out on purpose. "default" is searched in
the same way for the mean over the datasets named by --default-from. Methods that --methods does
not name (otsu, local and hybrid without it) keep what the file holds. Test images are never read.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, field, fields
from inspect import signature
from pathlib import Path

import cv2
import numpy as np

from nanozoo.baselines.binarise import Cleaning, denoised
from nanozoo.baselines.find import find_particles
from nanozoo.baselines.hybrid import hybrid_mask
from nanozoo.baselines.labelling import label_particles
from nanozoo.baselines.local import local_mask
from nanozoo.baselines.otsu import otsu_mask
from nanozoo.baselines.preparation import prepare
from nanozoo.baselines.tuning import candidates, variations
from nanozoo.baselines.watershed import (
    divide_at_maxima,
    divide_by_component,
    divide_by_foreground,
)
from nanozoo.cli.words import words
from nanozoo.core.files import write_text
from nanozoo.core.instances import Instances
from nanozoo.core.registry import BASELINES
from nanozoo.data.samples import find_samples
from nanozoo.data.splits import select
from nanozoo.evaluate.particles import iou_matrix, match

MASKS = {"otsu": otsu_mask, "local": local_mask, "hybrid": hybrid_mask}
WATERSHEDS = {
    "watershed_maxima": divide_at_maxima,
    "watershed_foreground": divide_by_foreground,
    "watershed_component": divide_by_component,
}
RECALL_WEIGHT = {"isolated": 0.5}
"""How many times as much as precision recall weighs in the F score; 1 where it is not named."""


@dataclass
class Known:
    """An image whose particles are known.

    Args:
        image: `(H, W)` grey values.
        foreground: `(H, W)` bool.
        particles: Its particles; None where the dataset does not tell them apart.
        greys: What `denoised` gave by `smooth` and `denoise`, the slow part of a watershed.
    """

    image: np.ndarray
    foreground: np.ndarray
    particles: Instances | None
    greys: dict[tuple[float, float], np.ndarray] = field(default_factory=dict)


def read_validation(folder: Path, split: Path, limit: int | None) -> list[Known]:
    """Validation images with any foreground, of the first `limit` ones."""
    known = []
    for sample in select(find_samples(folder), split, "val")[:limit]:
        truth = sample.truth()
        if (truth.semantic > 0).any():
            known.append(Known(sample.micrograph().grey(), truth.semantic > 0, truth.instances))
    return known


def jaccard(found: np.ndarray, truth: np.ndarray) -> float:
    """Intersection over union of two masks `(H, W)` bool."""
    return np.count_nonzero(found & truth) / np.count_nonzero(found | truth)


def f_score(truth: Instances, found: Instances, recall_weight: float) -> float:
    """F score of particles at an IoU of 0.5; at a `recall_weight` of 1 it is F1."""
    square = recall_weight**2
    matched = len(match(iou_matrix(truth, found))[0])
    return (1 + square) * matched / (square * len(truth) + len(found))


def scores(method: str, settings: list[dict], known: Known) -> list[float]:
    """Score of each setting of a method on an image."""
    if method in MASKS:
        return jaccards(method, settings, known.image, known.foreground)
    find = divided if method in WATERSHEDS else picked
    found = [find(method, setting, known) for setting in settings]
    if known.particles is None:
        return [jaccard(each.foreground(), known.foreground) for each in found]
    weight = RECALL_WEIGHT.get(method, 1.0)
    return [f_score(known.particles, each, weight) for each in found]


def picked(method: str, setting: dict, known: Known) -> Instances:
    """Particles of an image by a method."""
    return find_particles(method, known.image, **setting)


def divided(method: str, setting: dict, known: Known) -> Instances:
    """Particles of an image by a watershed, denoised only once for all of them."""
    arguments = signature(BASELINES.get(method)).parameters.values()
    rest = {each.name: each.default for each in arguments if each.default is not each.empty}
    rest |= setting
    key = rest.pop("smooth"), rest["denoise"]
    polarity = rest.pop("polarity")
    if key not in known.greys:
        known.greys[key] = denoised(known.image, polarity, *key)
    cleaning = Cleaning(**{each.name: rest.pop(each.name) for each in fields(Cleaning)})
    return Instances.from_labels(WATERSHEDS[method](known.greys[key], cleaning, **rest))


def jaccards(
    method: str, settings: list[dict], image: np.ndarray, truth: np.ndarray
) -> list[float]:
    """Intersection over union of the foreground for each setting of a thresholding method."""
    signals, values = {}, []
    for setting in settings:
        rest = dict(setting)
        smooth, min_area = rest.pop("smooth"), rest.pop("min_area")
        if smooth not in signals:
            signals[smooth] = prepare(image, "auto", smooth)
        found = label_particles(MASKS[method](signals[smooth], **rest), min_area) > 0
        values.append(jaccard(found, truth))
    return values


def mean_scores(method: str, settings: list[dict], sets: list[list[Known]]) -> np.ndarray:
    """`(settings,)` mean over datasets of the mean over images."""
    return np.mean(
        [
            np.mean([scores(method, settings, known) for known in images], axis=0)
            for images in sets
        ],
        axis=0,
    )


def climb(method: str, setting: dict, sets: list[list[Known]]) -> tuple[dict, float]:
    """Set each parameter in turn to the value of the grid that scores best."""
    for name in setting:
        settings = variations(method, setting, name)
        values = mean_scores(method, settings, sets)
        setting = settings[int(values.argmax())]
    return setting, float(values.max())


def main() -> None:
    """Run the search and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of dataset folders")
    parser.add_argument("--splits", type=Path, default=Path(__file__).parent / "splits")
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    parser.add_argument("--datasets", nargs="+", required=True)
    parser.add_argument("--default-from", nargs="+", required=True)
    parser.add_argument("--methods", type=words, default=sorted(MASKS), metavar="A,B")
    parser.add_argument("--limit", type=int, help="images of each dataset (default: all)")
    parser.add_argument("--trials", type=int, default=60, help="settings drawn a method")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    cv2.setNumThreads(1)

    known = {
        name: read_validation(args.data / name, args.splits / f"{name}.csv", args.limit)
        for name in args.datasets
    }
    before = json.loads(args.out.read_text("utf-8")) if args.out.is_file() else {}
    table = {name: dict(before.get(name, {})) for name in ("default", *before, *known)}
    for method in args.methods:
        settings = candidates(method, args.trials, args.seed)
        settings += [row[method] for row in before.values() if method in row]
        means = {name: mean_scores(method, settings, [known[name]]) for name in args.datasets}
        means["default"] = np.mean([means[name] for name in args.default_from], axis=0)
        for name, values in means.items():
            sources = args.default_from if name == "default" else [name]
            start = settings[int(values.argmax())]
            best, value = climb(method, start, [known[source] for source in sources])
            table[name][method] = best
            print(f"{method:20} {name:20} {value:.3f} {best}", flush=True)
        write_text(args.out, json.dumps(table, indent=2) + "\n")


if __name__ == "__main__":
    main()
