"""Search the parameters of the thresholding methods on validation images.

    python benchmarks/tune_thresholding.py --data DATA --out nanozoo/baselines/tuned.json \\
        --datasets emps nanoshapes-tem nanocomposite-sem sage-soot-tem dsb2018-nuclei \\
        --default-from emps nanoshapes-tem nanocomposite-sem

Settings are drawn from the grid of each method, and those of the file given by --out, if
it is there, join them; from the one with the highest mean Jaccard similarity of the
foreground, each parameter in turn is then set to its best value. "default" is searched in
the same way for the mean over the datasets named by --default-from. Test
images are never read. One core, about ten minutes.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

from nanozoo.baselines.hybrid import hybrid_mask
from nanozoo.baselines.labelling import label_particles
from nanozoo.baselines.local import local_mask
from nanozoo.baselines.otsu import otsu_mask
from nanozoo.baselines.preparation import prepare
from nanozoo.baselines.tuning import GRIDS, candidates, variations
from nanozoo.core.files import write_text
from nanozoo.data.samples import find_samples
from nanozoo.data.splits import select

MASKS = {"otsu": otsu_mask, "local": local_mask, "hybrid": hybrid_mask}
Pair = tuple[np.ndarray, np.ndarray]


def read_validation(folder: Path, split: Path) -> list[Pair]:
    """Grey image and foreground, both `(H, W)`, of the validation images that have any."""
    pairs = []
    for sample in select(find_samples(folder), split, "val"):
        foreground = sample.truth().semantic > 0
        if foreground.any():
            pairs.append((sample.micrograph().grey(), foreground))
    return pairs


def jaccards(method: str, settings: list[dict], pair: Pair) -> list[float]:
    """Intersection over union of the foreground for each setting of a method."""
    image, truth = pair
    signals, scores = {}, []
    for setting in settings:
        rest = dict(setting)
        smooth, min_area = rest.pop("smooth"), rest.pop("min_area")
        if smooth not in signals:
            signals[smooth] = prepare(image, "auto", smooth)
        found = label_particles(MASKS[method](signals[smooth], **rest), min_area) > 0
        scores.append(np.count_nonzero(found & truth) / np.count_nonzero(found | truth))
    return scores


def mean_jaccards(method: str, settings: list[dict], sets: list[list[Pair]]) -> np.ndarray:
    """`(settings,)` mean over datasets of the mean over images."""
    return np.mean(
        [np.mean([jaccards(method, settings, pair) for pair in pairs], axis=0) for pairs in sets],
        axis=0,
    )


def climb(method: str, setting: dict, sets: list[list[Pair]]) -> tuple[dict, float]:
    """Set each parameter in turn to the value of the grid that scores best."""
    for name in setting:
        settings = variations(method, setting, name)
        values = mean_jaccards(method, settings, sets)
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
    parser.add_argument("--trials", type=int, default=60, help="settings drawn a method")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    cv2.setNumThreads(1)

    pairs = {
        name: read_validation(args.data / name, args.splits / f"{name}.csv")
        for name in args.datasets
    }
    before = json.loads(args.out.read_text("utf-8")) if args.out.is_file() else {}
    table: dict[str, dict[str, dict]] = {name: {} for name in ("default", *args.datasets)}
    for method in sorted(GRIDS):
        settings = candidates(method, args.trials, args.seed)
        settings += [row[method] for row in before.values() if method in row]
        scores = {name: mean_jaccards(method, settings, [pairs[name]]) for name in args.datasets}
        scores["default"] = np.mean([scores[name] for name in args.default_from], axis=0)
        for name, values in scores.items():
            sources = args.default_from if name == "default" else [name]
            start = settings[int(values.argmax())]
            best, value = climb(method, start, [pairs[source] for source in sources])
            table[name][method] = best
            print(f"{method:8} {name:20} {value:.3f} {best}", flush=True)
    write_text(args.out, json.dumps(table, indent=2) + "\n")


if __name__ == "__main__":
    main()
