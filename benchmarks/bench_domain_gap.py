"""How far simulated scenes are from real micrographs; write Markdown.

python benchmarks/bench_domain_gap.py --data DIR --out DIR

Patches of random scenes, as `random_config` and `realistic_config` draw them, beside patches of
the micrographs of emps and nanoshapes-tem (bright field alone for these). What can be told from
the training parts may be used to better the simulator; the validation parts are for the report.
Test images are never read. Of each part the real images of the other part are compared too: how
far real micrographs are from other real ones.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from bench_cli import add_data, data_folder, write_report

from nanozoo.data.samples import find_samples
from nanozoo.data.splits import select
from nanozoo.engines.image_features import LEVELS, ImageFeatures
from nanozoo.evaluate.domain_gap import DomainGap, domain_gap
from nanozoo.io.micrograph import normalise
from nanozoo.synth import SceneConfig, random_config, realistic_config, simulate
from nanozoo.workflows.shape_report import interval_text, markdown_table

SPLITS = Path(__file__).parent / "splits"
MODALITY = {"emps": None, "nanoshapes-tem": "bf-tem"}
DRAWN: dict[str, Callable[..., SceneConfig]] = {
    "random_config": random_config,
    "realistic_config": realistic_config,
}
PARTS = ("train", "val")
FIRST_SEED = 6_000_000
MOST_FOLDS = 5


@dataclass(frozen=True)
class Patches:
    """Features of patches, and the micrograph or scene of each.

    Args:
        features: `(N, F)`.
        groups: Name of the micrograph or scene, N.
    """

    features: np.ndarray
    groups: list[str]


def cut(image: np.ndarray, side: int, count: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Square patches from random places of an image `(H, W)` in [0, 1]."""
    tops, lefts = (rng.integers(0, size - side + 1, count) for size in image.shape)
    return [image[top : top + side, left : left + side] for top, left in zip(tops, lefts)]


def patches(
    images: Sequence[tuple[str, np.ndarray]], network: ImageFeatures, count: int, seed: int
) -> Patches:
    """Features of `count` patches of each image, a pair of the name of its group and pixels."""
    rng = np.random.default_rng(seed)
    side = network.size[0]
    cuts = [cut(normalise(pixels), side, count, rng) for _, pixels in images]
    features = network.of(np.stack([one for few in cuts for one in few]))
    return Patches(features, [group for group, _ in images for _ in range(count)])


def micrographs(data: Path, dataset: str, part: str) -> list[tuple[str, np.ndarray]]:
    """Micrographs of one part, each a group of its own."""
    chosen = select(find_samples(data / dataset), SPLITS / f"{dataset}.csv", part)
    return [(sample.name, sample.micrograph().pixels) for sample in chosen]


def scenes(drawn: str, modality: str | None, count: int) -> list[tuple[str, np.ndarray]]:
    """Scenes of seeds that no split and no training uses."""
    seeds = range(FIRST_SEED, FIRST_SEED + count)
    draw = DRAWN[drawn]
    return [(str(seed), simulate(draw(seed, modality=modality), seed).pixels) for seed in seeds]


def compare(first: Patches, real: Patches, seed: int) -> DomainGap:
    """Gap between two sets, in as many folds as there are micrographs, at most five."""
    folds = min(MOST_FOLDS, len(set(first.groups)), len(set(real.groups)))
    return domain_gap(
        first.features, real.features, first.groups, real.groups, folds=folds, seed=seed
    )


def row(dataset: str, part: str, title: str, gap: DomainGap) -> tuple[str, ...]:
    """Cells of the table."""
    return (
        dataset,
        part,
        title,
        interval_text(gap.test.accuracy, 3),
        interval_text(gap.test.auc, 3),
        f"{gap.distance.mean:.2f} ± {gap.distance.deviation:.2f}",
    )


def report(options: argparse.Namespace) -> str:
    """Measure all gaps and put them into a table."""
    network = ImageFeatures(options.features, (options.patch, options.patch))
    rows = []
    for dataset, modality in MODALITY.items():
        real = {
            part: patches(
                micrographs(data_folder(options), dataset, part), network, options.per_image, 1
            )
            for part in PARTS
        }
        made = {
            title: patches(scenes(title, modality, options.scenes), network, options.per_image, 2)
            for title in DRAWN
        }
        for part, other in (PARTS, PARTS[::-1]):
            for title, simulated in made.items():
                gap = compare(simulated, real[part], options.seed)
                rows.append(row(dataset, part, title, gap))
            gap = compare(real[other], real[part], options.seed)
            rows.append(row(dataset, part, f"real, {other}", gap))
    head = ("real micrographs", "part", "beside", "accuracy", "area under the curve", "distance")
    return (
        "# Simulated scenes beside real micrographs\n\n"
        f"`python benchmarks/bench_domain_gap.py`: {options.per_image} patches of "
        f"{options.patch} px of each micrograph and of each of {options.scenes} scenes, features "
        f"of `{options.features}` ({' and '.join(LEVELS)}, averaged), whose network has "
        "seen the real images.\n\n"
        "Accuracy and area under the curve: logistic regression that tells the two sets apart on "
        "micrographs and scenes held out [95% interval over these]; 0.5 is chance. Distance: "
        "kernel inception distance of scaled features, mean and standard deviation over subsets; "
        "0 is the same.\n\n" + markdown_table(head, rows)
    )


def main() -> int:
    """Compare and write `report.md`."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_data(parser)
    parser.add_argument("--out", type=Path, required=True, help="folder of report.md")
    parser.add_argument("--features", default="unet", help="checkpoint that sees the patches")
    parser.add_argument("--patch", type=int, default=192, help="side of a patch, px")
    parser.add_argument("--per-image", type=int, default=3, help="patches of an image")
    parser.add_argument("--scenes", type=int, default=200, help="simulated scenes of each kind")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    return write_report(options.out, lambda: report(options))


if __name__ == "__main__":
    raise SystemExit(main())
