"""Compare measured with known particle sizes on simulated scenes; print a Markdown table.

python benchmarks/bench_sizes.py --methods masks,maskrcnn,unet --out out/sizes

Asked for: a mean diameter within 2%, D50 within 3%, and a count within 3% where particles lie
apart and 8% where up to 30% of them overlap. The method "masks" measures the true masks.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from bench_cli import write_report

from nanozoo.core.instances import Instances
from nanozoo.evaluate.bootstrap import bootstrap_mean
from nanozoo.io.micrograph import Micrograph
from nanozoo.measure.distribution import size_distribution
from nanozoo.measure.edge_correction import edge_weights
from nanozoo.measure.selection import select_particles
from nanozoo.measure.text_reader import TextReader
from nanozoo.synth.config import SceneConfig
from nanozoo.synth.layout import place_particles
from nanozoo.synth.scene import Scene, simulate
from nanozoo.workflows.benchmark_methods import find_method
from nanozoo.workflows.benchmark_store import write_table
from nanozoo.workflows.calibrate import calibrate_micrograph

SEEDS: dict[str, tuple[int, ...]] = {
    "apart": tuple(range(9_100_000, 9_100_010)),
    "overlapping": tuple(9_200_000 + n for n in (0, 6, 7, 9, 13, 15, 16, 20, 21, 29)),
}
"""Test scenes; of "overlapping" those up to 9200029 where 15 to 29% of the particles overlap."""

LEAST, MOST = 40, 120
SHAPE = (576, 576)
MODALITIES = {
    "apart": ("bf-tem", "bf-stem", "haadf-stem", "laadf-stem", "sem"),
    "overlapping": ("bf-tem", "bf-stem", "haadf-stem"),
}
COLUMNS = (
    "scenes", "seed", "modality", "sizes", "method", "count", "true_count", "mean_px",
    "mean_error", "d50_error", "count_error", "mean_error_known", "d50_error_known",
)  # fmt: skip


def scene_config(scenes: str, seed: int) -> SceneConfig:
    """Settings of a test scene.

    Args:
        scenes: "apart" or "overlapping".
        seed: Its seed.
    """
    rng = np.random.default_rng(seed)
    return SceneConfig(
        shape=SHAPE,
        modality=str(rng.choice(MODALITIES[scenes])),
        shapes=("sphere", "sphere", "ellipsoid", "polyhedron"),
        size_distribution=str(rng.choice(("mono", "poly", "bimodal"))),
        mean_diameter=float(rng.uniform(18, 28)),
        size_ratio=float(rng.uniform(1.8, 2.4)),
        number=int(rng.integers(LEAST, MOST + 1)),
        overlap="none" if scenes == "apart" else "free",
        cluster_size=1.0,
        contrast=float(rng.uniform(0.35, 0.7)),
        dose=float(rng.uniform(80, 300)),
        defocus=float(rng.uniform(0.5, 1.2)),
    )


def known_diameters(config: SceneConfig, seed: int) -> np.ndarray:
    """Area-equivalent diameters of the whole particles, also of those that the border cuts, px."""
    placed = place_particles(config, np.random.default_rng(seed).spawn(4)[0])
    return np.array([2 * np.sqrt(one.patch.mask.sum() / np.pi) for one in placed])


def overlapping_share(instances: Instances) -> float:
    """Share of the particles of which a pixel belongs to another particle too."""
    layers = np.zeros(instances.shape, np.int32)
    for item in instances:
        layers[item.window] += item.mask
    return float(np.mean([(layers[item.window][item.mask] > 1).any() for item in instances]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure every scene with every method; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--methods", default="masks,maskrcnn,unet", help="comma-separated")
    parser.add_argument("--out", type=Path, default=Path("out/sizes"))
    parser.add_argument("--limit", type=int, help="only so many scenes of a kind")
    options = parser.parse_args(arguments)

    def work() -> str:
        rows = score(options.methods.split(","), options.limit)
        write_table(options.out / "scenes.csv", COLUMNS, rows)
        return report(rows)

    return write_report(options.out, work)


def score(methods: Sequence[str], limit: int | None = None) -> list[dict[str, Any]]:
    """A row a scene and method."""
    finders = {name: finder(name) for name in methods}
    rows = []
    for scenes, seeds in SEEDS.items():
        for seed in seeds[:limit]:
            config = scene_config(scenes, seed)
            scene, known = simulate(config, seed), known_diameters(config, seed)
            for name, find in finders.items():
                about = {"scenes": scenes, "seed": seed, "method": name}
                rows.append(about | compare(scene, known, find(scene)))
                print(_line(rows[-1]), file=sys.stderr, flush=True)
    return rows


def _line(row: dict[str, Any]) -> str:
    cells = (f"{value:.4g}" if isinstance(value, float) else str(value) for value in row.values())
    return " ".join(cells)


def finder(method: str) -> Callable[[Scene], Instances]:
    """A method by its name; "masks" gives the truth.

    What a method finds is selected as `nanozoo measure` does: without letters, scale bars, and
    parts of particles.
    """
    if method == "masks":
        return lambda scene: scene.instances
    found, reader = find_method(method), TextReader()

    def find(scene: Scene) -> Instances:
        micrograph = Micrograph(scene.pixels[..., None], scene.pixel_size_nm)
        instances = found.segment(micrograph, "sizes_simulated").instances
        scale = calibrate_micrograph(micrograph, reader)
        return select_particles(instances, micrograph.grey(), scale).particles

    return find


def compare(scene: Scene, known: np.ndarray, found: Instances) -> dict[str, Any]:
    """Errors of one scene, relative; "known" ones are against the sizes of whole particles."""
    mean, d50 = measured(found)
    true_mean, true_d50 = measured(scene.instances)
    count, true_count = len(found), len(scene.instances)
    return {
        "modality": scene.config.modality,
        "sizes": scene.config.size_distribution,
        "count": count,
        "true_count": true_count,
        "mean_px": mean,
        "mean_error": mean / true_mean - 1,
        "d50_error": d50 / true_d50 - 1,
        "count_error": count / true_count - 1,
        "mean_error_known": mean / known.mean() - 1,
        "d50_error_known": d50 / float(np.quantile(known, 0.5, method="hazen")) - 1,
    }


def measured(instances: Instances) -> tuple[float, float]:
    """Mean and median diameter as `nanozoo measure` gives them, px."""
    distribution = size_distribution(
        instances.diameters(), edge_weights(instances), resamples=1, most_families=1
    )
    found = distribution.statistics
    return found["mean"].value, found["d50_number"].value


def report(rows: Sequence[dict[str, Any]]) -> str:
    """Markdown: mean size of the errors and mean signed error, by kind of scene and method."""
    names = {
        "mean_error": "mean diameter", "d50_error": "D50", "count_error": "count",
        "mean_error_known": "mean, known sizes", "d50_error_known": "D50, known sizes",
    }  # fmt: skip
    lines = [
        f"| scenes | method | {' | '.join(names.values())} |",
        "| --- " * (len(names) + 2) + "|",
    ]
    for scenes in SEEDS:
        for method in dict.fromkeys(row["method"] for row in rows):
            own = [r for r in rows if r["scenes"] == scenes and r["method"] == method]
            cells = [_cell(np.array([row[name] for row in own])) for name in names]
            lines.append(f"| {scenes} ({len(own)}) | {method} | {' | '.join(cells)} |")
    return (
        "Mean over scenes of the relative error without its sign, % [95% interval]; in brackets "
        "with its sign. The first two against the measured true masks of the same image, the last "
        "two against the sizes of all whole particles.\n\n" + "\n".join(lines) + "\n"
    )


def _cell(errors: np.ndarray) -> str:
    size = bootstrap_mean(100 * np.abs(errors))
    return f"{size.mean:.1f} [{size.low:.1f}, {size.high:.1f}] ({100 * np.nanmean(errors):+.1f})"


if __name__ == "__main__":
    sys.exit(main())
