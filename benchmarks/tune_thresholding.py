"""Search the parameters of the classical methods on validation images.

    python benchmarks/tune_thresholding.py --data DATA --out nanozoo/baselines/tuned.json \\
        --datasets emps nanoshapes-tem nanocomposite-sem sage-soot-tem dsb2018-nuclei \\
        --default-from emps nanoshapes-tem nanocomposite-sem

Settings are drawn from the grid of each method, and those of the file given by --out, if
it is there, join them; from the one with the highest mean score, each parameter in turn is then
set to its best value. The score of otsu, local and hybrid is the Jaccard similarity of the
foreground; that of the methods that divide or pick particles is the F1 of particles at an IoU of
0.5 where the images name particles. "default" is searched in the same way for the mean
over the datasets named by --default-from. Methods that --methods does not name (otsu, local and
hybrid without it) keep what the file holds. Test images are never read. Those three take about
ten minutes on one core; a watershed takes half a second a setting and image, so give it fewer
--trials and a --limit.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

from nanozoo.baselines.find import find_particles
from nanozoo.baselines.hybrid import hybrid_mask
from nanozoo.baselines.labelling import label_particles
from nanozoo.baselines.local import local_mask
from nanozoo.baselines.otsu import otsu_mask
from nanozoo.baselines.preparation import prepare
from nanozoo.baselines.tuning import candidates, variations
from nanozoo.cli.words import words
from nanozoo.core.files import write_text
from nanozoo.core.instances import Instances
from nanozoo.data.samples import find_samples
from nanozoo.data.splits import select
from nanozoo.evaluate.particles import particle_scores

MASKS = {"otsu": otsu_mask, "local": local_mask, "hybrid": hybrid_mask}
Known = tuple[np.ndarray, np.ndarray, Instances | None]


def read_validation(folder: Path, split: Path, limit: int | None) -> list[Known]:
    """Grey image and foreground, both `(H, W)`, and particles of validation images with any."""
    known = []
    for sample in select(find_samples(folder), split, "val")[:limit]:
        truth = sample.truth()
        if (truth.semantic > 0).any():
            known.append((sample.micrograph().grey(), truth.semantic > 0, truth.instances))
    return known


def jaccard(found: np.ndarray, truth: np.ndarray) -> float:
    """Intersection over union of two masks `(H, W)` bool."""
    return np.count_nonzero(found & truth) / np.count_nonzero(found | truth)


def scores(method: str, settings: list[dict], known: Known) -> list[float]:
    """Score of each setting of a method on an image."""
    image, foreground, particles = known
    if method in MASKS:
        return jaccards(method, settings, image, foreground)
    found = [find_particles(method, image, **setting) for setting in settings]
    if particles is None:
        return [jaccard(each.foreground(), foreground) for each in found]
    return [particle_scores(particles, each).f1_50 for each in found]


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
