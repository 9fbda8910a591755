"""Score a method on simulated pairs and triples over one another; print Markdown tables.

python benchmarks/bench_overlap.py --checkpoint maskrcnn-... --part test --out out/overlap

Asked for: of pairs whose masks overlap by IoU up to 0.5, at least 90% found as two particles
with IoU of at least 0.7 each, and at most 10% of all detections extra. The scenes stand in
splits/overlap_simulated.csv.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from bench_cli import write_report

from nanozoo.core.instances import Instances
from nanozoo.evaluate.bootstrap import bootstrap_mean
from nanozoo.evaluate.overlap_pairs import PairScores, pair_scores
from nanozoo.io.micrograph import Micrograph
from nanozoo.synth.families import FamilyScene, listed_scenes
from nanozoo.synth.scene import Scene
from nanozoo.viz.overlay import draw_overlay
from nanozoo.viz.panels import Panel, draw_panels
from nanozoo.workflows.benchmark_methods import find_method

SCENES = Path(__file__).parent / "splits" / "overlap_simulated.csv"
EDGES = (0.02, 0.1, 0.2, 0.3, 0.4, 0.5)


def main(arguments: Sequence[str] | None = None) -> int:
    """Score every scene of the part; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--checkpoint", required=True, help="checkpoint, its folder, or a thresholding method"
    )
    parser.add_argument("--part", default="test", choices=("train", "val", "test"))
    parser.add_argument("--out", type=Path, default=Path("out/overlap"))
    parser.add_argument("--scenes", type=Path, default=SCENES, help="list of scenes (CSV)")
    parser.add_argument("--worst", type=int, default=6, help="scenes in the figure; 0 for none")
    parser.add_argument("--limit", type=int, help="only so many scenes, from the first on")
    options = parser.parse_args(arguments)

    def work() -> str:
        method = find_method(options.checkpoint)
        listed = listed_scenes(options.scenes, options.part)[: options.limit]
        results = list(
            score_scenes(
                listed, lambda image: method.segment(image, "overlap_simulated").instances
            )
        )
        if options.worst:
            draw_worst(options.out / "worst.png", results, options.worst)
        return f"### {method.name} on {options.part}\n\n{report(results)}"

    return write_report(options.out, work)


class Scored:
    """One scene, what was found in it, and its scores."""

    def __init__(self, listed: FamilyScene, scene: Scene, found: Instances):
        self.listed, self.scene, self.found = listed, scene, found
        self.scores: PairScores = pair_scores(scene.instances, found)


def score_scenes(
    listed: Sequence[FamilyScene], segment: Callable[[Micrograph], Instances]
) -> Iterator[Scored]:
    """Simulate, segment and score scene by scene."""
    for row in listed:
        scene = row.simulate()
        image = Micrograph(scene.pixels[..., None], scene.pixel_size_nm, Path(row.name))
        yield Scored(row, scene, segment(image))


def report(results: Sequence[Scored]) -> str:
    """Markdown: both found by IoU and depth, by modality, and the share of extra detections."""
    names = [result.listed.name for result in results]
    counts = [len(result.scores.iou) for result in results]
    scenes = np.repeat(names, counts)
    iou = np.concatenate([result.scores.iou for result in results])
    levels = np.concatenate([result.scores.levels for result in results])
    found = np.concatenate([result.scores.found for result in results])
    modality = np.repeat([result.listed.modality for result in results], counts)
    depths = {"all": levels > 0, "2 levels": levels == 2, "3 levels": levels > 2}
    rows = {
        f"IoU {low:g}-{high:g}": (iou >= low) & ((iou < high) | (high == EDGES[-1]))
        for low, high in zip(EDGES, EDGES[1:])
    }
    rows |= {name: modality == name for name in np.unique(modality)}
    rows["all pairs"] = np.ones(len(iou), bool)
    lines = [f"| pairs | {' | '.join(depths)} |", "| --- " * (len(depths) + 1) + "|"]
    for name, row in rows.items():
        cells = [_share(found[row & deep], scenes[row & deep]) for deep in depths.values()]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    found_in = np.repeat(names, [len(result.scores.extra) for result in results])
    extra = np.concatenate([result.scores.extra for result in results])
    loose = np.concatenate([result.scores.loose for result in results])
    return "\n".join(
        [
            f"{len(results)} scenes; both particles found with IoU of at least 0.7 each, "
            "share [95% interval] (pairs):",
            "",
            *lines,
            "",
            f"Extra detections (no particle at IoU 0.5): {_share(extra, found_in)}; "
            f"at IoU 0.7: {_share(loose, found_in)}.",
            "",
        ]
    )


def _share(flags: np.ndarray, scenes: np.ndarray) -> str:
    interval = bootstrap_mean(flags.astype(np.float64), list(scenes))
    if not interval.count:
        return ""
    return f"{interval.mean:.3f} [{interval.low:.3f}, {interval.high:.3f}] ({interval.count})"


def draw_worst(path: Path, results: Sequence[Scored], count: int) -> None:
    """Draw truth and detections of the scenes with the most lost pairs and extra detections."""

    def harm(result: Scored) -> int:
        return int((~result.scores.found).sum() + result.scores.extra.sum())

    rows = []
    for result in sorted(results, key=harm, reverse=True)[:count]:
        lost, pairs = (~result.scores.found).sum(), len(result.scores.found)
        about = f"{lost} of {pairs} pairs lost, {result.scores.extra.sum()} extra"
        pixels = result.scene.pixels
        rows.append(
            [
                Panel(result.listed.name, pixels),
                Panel("truth", draw_overlay(pixels, result.scene.instances)),
                Panel(about, draw_overlay(pixels, result.found)),
            ]
        )
    draw_panels(path, rows, width=3.4)


if __name__ == "__main__":
    sys.exit(main())
