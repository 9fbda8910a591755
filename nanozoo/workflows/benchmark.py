"""Compare methods on micrographs with ground truth: tables, intervals and figures."""

from __future__ import annotations

import itertools
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nanozoo.core.errors import UserError
from nanozoo.core.progress import Counter, Watcher
from nanozoo.data.samples import Sample, scan_samples
from nanozoo.data.splits import read_split, select
from nanozoo.evaluate.image import ImageTruth
from nanozoo.evaluate.summary import paired_bins, paired_scores, summarise, summarise_bins
from nanozoo.workflows.benchmark_coco import COCO_COLUMNS, PredictionFiles, coco_rows
from nanozoo.workflows.benchmark_figures import draw_figures, read_modalities
from nanozoo.workflows.benchmark_methods import Method, find_methods
from nanozoo.workflows.benchmark_store import BenchmarkStore, write_table
from nanozoo.workflows.notes import named_warnings

Row = dict[str, Any]

NUMBERS = ("mean", "low", "high")
BIN = ("quantity", "bin", "particles", "images", "counts", *NUMBERS)
SUMMARIES = {
    "summary.csv": ("dataset", "method", "score", "images", *NUMBERS),
    "bins.csv": ("dataset", "method", *BIN),
    "paired.csv": ("dataset", "first", "second", "score", "images", *NUMBERS),
    "paired_bins.csv": ("dataset", "first", "second", *BIN),
}
"""Tables of means and their columns."""


@dataclass
class BenchmarkResult:
    """What a benchmark wrote.

    Args:
        out: Folder with the tables and figures.
        summary: Rows of `summary.csv`.
        bins: Rows of `bins.csv`.
        paired: Rows of `paired.csv`.
        paired_bins: Rows of `paired_bins.csv`.
        figures: Paths of the figures.
        computed: Number of predictions made in this run.
        reused: Number of predictions of an earlier run that were kept.
        errors: A sentence for each image that was skipped.
    """

    out: Path
    summary: list[Row] = field(default_factory=list)
    bins: list[Row] = field(default_factory=list)
    paired: list[Row] = field(default_factory=list)
    paired_bins: list[Row] = field(default_factory=list)
    figures: list[Path] = field(default_factory=list)
    computed: int = 0
    reused: int = 0
    errors: list[str] = field(default_factory=list)


def benchmark(
    data: Sequence[str | Path],
    methods: Sequence[str],
    out: str | Path,
    *,
    split: str | None = None,
    splits: str | Path | None = None,
    left_out: Sequence[tuple[str, str]] = (),
    seed: int = 0,
    resume: bool = True,
    figures: bool = True,
    progress: Watcher | None = None,
) -> BenchmarkResult:
    """Score methods on datasets.

    Writes `scores.csv` (a row an image and method), `particles.csv` (a row a true
    particle and method), `predicted_particles.csv`, foreground masks and particles (COCO)
    under `predictions/`, `coco.csv` (COCO precision, Dice, sensitivity, specificity, precision
    and recall by class), `summary.csv` (means with bootstrap 95% intervals), `bins.csv`
    (particles by contrast and size), `paired.csv` and `paired_bins.csv` (every
    network minus every thresholding method and every network named before it, on the
    same images and particles), and figures 2 and 4 to 8. An interrupted run goes on where
    it stopped. An image that cannot be read or segmented is skipped and named in `errors`.

    Args:
        data: Folders of datasets; their names must differ.
        methods: Names as in `nanozoo.workflows.benchmark_methods.find_method`.
        out: Folder to write to.
        split: "train", "val" or "test"; None takes all images.
        splits: Folder with `<dataset>.csv` (columns name, split); needed with `split`.
        left_out: Pairs of method and dataset that are not run; what is pooled over datasets
            is of fewer particles for such a method.
        seed: Seed of the bootstrap.
        resume: Keep what `out` holds of the same run; False starts again.
        figures: Draw the figures too.
        progress: Told of every image, before and after it; what it raises ends the work, and
            the same call goes on there.

    Returns:
        What was written.

    Raises:
        UserError: If a method or folder is unknown, `out` holds a run with other
            settings, or no image could be scored.

    Example:
        >>> from nanozoo import benchmark
        >>> from nanozoo.synth.write import write_scenes
        >>> scenes = write_scenes("scenes", 2, config="spheres")
        >>> result = benchmark(["scenes"], ["otsu", "local"], "out", figures=False)
        >>> sorted({row["method"] for row in result.summary}), result.errors
        (['local', 'otsu'], [])
    """
    folders = [Path(folder).resolve() for folder in data]
    found = find_methods(list(methods))
    _check_names(folders)
    result = BenchmarkResult(Path(out))
    samples: list[Sample] = []
    modalities: dict[tuple[str, str], str] = {}
    for folder in folders:
        chosen = _choose(folder, split, splits, result.errors)
        samples += chosen
        modalities |= read_modalities(folder, chosen)
    names = [folder.name for folder in folders]
    settings = {
        "data": [str(folder) for folder in folders],
        "split": split,
        "methods": {method.name: method.settings(names) for method in found},
    }
    store = BenchmarkStore(result.out, settings, resume)
    asked = [
        (sample, [m for m in found if (m.name, sample.dataset) not in left_out])
        for sample in samples
    ]
    _score_all(store, asked, result, progress)
    tables = _write_tables(store, asked, found, seed, result)
    if figures:
        names = [method.name for method in found]
        result.figures = draw_figures(store, samples, modalities, names, tables, seed)
    return result


def _check_names(folders: Sequence[Path]) -> None:
    names = [folder.name for folder in folders]
    if not names or len(set(names)) < len(names):
        raise UserError(
            "Expected at least one data folder, and folders of different names because the "
            f"tables go by them. Received: data={[str(folder) for folder in folders]!r}"
        )


def _choose(
    folder: Path, split: str | None, splits: str | Path | None, errors: list[str]
) -> list[Sample]:
    """Samples of a folder that belong to the split."""
    scan = scan_samples(folder)
    errors += scan.errors
    table = None if splits is None else Path(splits) / f"{folder.name}.csv"
    if split is not None:
        if table is None:
            raise UserError(
                "Expected `splits`, the folder of <dataset>.csv files, beside `split`. "
                f"Received: split={split!r}, splits=None"
            )
        chosen = select(scan.samples, table, split)
        if not chosen:
            raise UserError(f"No image of {folder} is in the {split} split of {table}.")
    else:
        chosen = list(scan.samples)
    if table is not None and table.is_file():
        parts = read_split(table)
        seen = sum(parts.get(sample.name) == "train" for sample in chosen)
        if seen:
            warnings.warn(
                f"{seen} of the {len(chosen)} images of {folder.name} are in its train split, so "
                "scores of networks trained on it are too good there.",
                stacklevel=3,
            )
    return chosen


def _score_all(
    store: BenchmarkStore,
    asked: Sequence[tuple[Sample, Sequence[Method]]],
    result: BenchmarkResult,
    progress: Watcher | None,
) -> None:
    counter = Counter(progress, len(asked))
    for sample, methods in asked:
        counter.start(f"{sample.dataset} {sample.name}")
        errors = _score_image(store, sample, methods, result)
        result.errors += errors
        counter.finish(errors=errors)


def _score_image(
    store: BenchmarkStore, sample: Sample, methods: Sequence[Method], result: BenchmarkResult
) -> list[str]:
    """Score what is still missing of an image; return a sentence for each thing skipped."""
    pending = [m for m in methods if (sample.dataset, sample.name, m.name) not in store.done]
    result.reused += len(methods) - len(pending)
    if not pending:
        return []
    try:
        micrograph, known = sample.micrograph(), sample.truth()
    except UserError as error:
        return [str(error)]
    truth = ImageTruth(micrograph.grey(), known.semantic > 0, known.instances)
    errors = []
    for method in pending:
        start = time.perf_counter()
        try:
            with named_warnings(f"{sample.image_path}, {method.name}"):
                prediction = method.segment(micrograph, sample.dataset)
        except UserError as error:
            errors.append(f"{sample.image_path}, {method.name}: {error}")
            continue
        seconds = time.perf_counter() - start
        row, particles = truth.score(prediction.foreground, prediction.instances)
        sizes = [{"diameter_px": p.diameter, "score": p.score} for p in prediction.instances]
        key = (sample.dataset, sample.name, method.name)
        PredictionFiles(store.folder).write(key, prediction.instances)
        store.add(key, row | {"seconds": seconds}, particles, sizes, prediction.foreground)
        result.computed += 1
    return errors


def _write_tables(
    store: BenchmarkStore,
    asked: Sequence[tuple[Sample, Sequence[Method]]],
    methods: Sequence[Method],
    seed: int,
    result: BenchmarkResult,
) -> dict[str, list[Row]]:
    """Write the tables of means from the rows of all runs, in fixed order; return all rows."""
    samples = [sample for sample, _ in asked]
    keys = [(sample.dataset, sample.name, m.name) for sample, own in asked for m in own]
    order = {key: number for number, key in enumerate(keys)}

    def rows(name: str) -> list[Row]:
        kept = [(order.get((r["dataset"], r["image"], r["method"])), r) for r in store.read(name)]
        chosen = [(place, row) for place, row in kept if place is not None]
        return [row for _, row in sorted(chosen, key=lambda pair: pair[0])]

    scores, particles = rows("scores.csv"), rows("particles.csv")
    if not scores:
        raise UserError(f"No image could be scored. {' '.join(result.errors[:1])}".strip())
    networks = [method.name for method in methods if method.network]
    others = [method.name for method in methods if not method.network]
    pairs = [*itertools.product(networks, others)]
    pairs += [(second, first) for first, second in itertools.combinations(networks, 2)]
    result.summary = summarise(scores, seed)
    result.bins = summarise_bins(particles, seed)
    result.paired = paired_scores(scores, pairs, seed)
    result.paired_bins = paired_bins(particles, pairs, seed)
    tables = (result.summary, result.bins, result.paired, result.paired_bins)
    for (name, columns), table in zip(SUMMARIES.items(), tables):
        write_table(store.folder / name, columns, table)
    by_class = coco_rows(PredictionFiles(store.folder), samples, methods, store.done & set(keys))
    write_table(store.folder / "coco.csv", COCO_COLUMNS, by_class)
    found = rows("predicted_particles.csv")
    return {"scores": scores, "particles": particles, "found": found, "bins": result.bins}
