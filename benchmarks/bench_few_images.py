"""What a user with few annotated images of a new material should start from; print Markdown.

taskset -c 1 python benchmarks/bench_few_images.py --data DIR --out DIR

DIR holds dsb2018-nuclei (CC0): touching cell nuclei under a light microscope, which no checkpoint
has seen and which look like no micrograph that one has. UNets are trained on 1 to 50 images of its
part "train", drawn by the seed, all for as many steps at the same learning rate: from random
weights, with the encoder of ImageNet, and from the whole checkpoint of particles in electron
micrographs, which is scored as it is, too. Scored are the images of the part "test", unmagnified
and with the thresholds of that checkpoint. An interrupted run goes on with the next network.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import os
import sys
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from bench_cli import add_data, data_folder, write_report
from bench_detection import f1_50, part_of

from nanozoo.core.errors import UserError
from nanozoo.data.examples import ExampleSource, LabelledImage, load_labelled
from nanozoo.engines.predictor import Predictor
from nanozoo.evaluate.bootstrap import Interval, bootstrap_mean, paired_difference
from nanozoo.evaluate.pixels import pixel_scores
from nanozoo.models.checkpoint import load_weights, open_checkpoint
from nanozoo.models.unet import build_unet
from nanozoo.training.fit import Schedule, fit
from nanozoo.workflows.benchmark_store import Row, write_table
from nanozoo.workflows.shape_report import interval_text, markdown_table

DATASET = "dsb2018-nuclei"
CHECKPOINT = "unet-efficientnet_lite0-em-v2"
STARTS = ("scratch", "imagenet", "em")
COUNTS = (0, 1, 2, 5, 10, 50)
SETTINGS = ("steps", "crop", "learning_rate")
COLUMNS = ("seed", "start", "count", *SETTINGS, "image", "jsc", "f1")
SUMMARY = ("score", "images", "start", "mean", "low", "high")
PAIRS = (("em", 10, "scratch", 50), ("em", 10, "imagenet", 10), ("imagenet", 10, "scratch", 50))
"""Start and number of images against another start and number."""


def trained(
    start: str, images: Sequence[LabelledImage], seed: int, options: argparse.Namespace
) -> keras.Model:
    """A UNet that was trained on these images; on none it is as it started."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    arguments = open_checkpoint(CHECKPOINT).arguments
    encoder = "imagenet" if start == "imagenet" else None
    model = build_unet((None, None, 1), **arguments, weights_backbone=encoder)
    if start == "em":
        load_weights(model, CHECKPOINT)
    if images:
        source = ExampleSource(images, crop=options.crop, seed=seed, boundary=True)
        schedule = Schedule(
            steps=options.steps, learning_rate=options.learning_rate, warmup=options.steps // 10
        )
        fit(model, source, schedule, verbose=0)
    return model


def scores(model: keras.Model, images: Sequence[LabelledImage]) -> list[tuple[float, float]]:
    """Jaccard coefficient of the foreground and F1 of particles of each image."""
    predictor = Predictor(CHECKPOINT, model=model, scales=(1.0,))
    found = ((one, predictor.segment(one.image)) for one in images)
    return [
        (
            pixel_scores(one.semantic > 0, seen.foreground).jsc,
            f1_50(one.particles, seen.instances),
        )
        for one, seen in found
    ]


def kept(path: Path, settings: Row) -> list[Row]:
    """Rows of an interrupted run.

    Raises:
        UserError: If they are of trainings with other settings.
    """
    if not path.exists():
        return []
    with open(path, encoding="utf-8", newline="") as stream:
        rows = [
            {name: kind(row[name]) for name, kind in KINDS.items()}
            for row in csv.DictReader(stream)
        ]
    if any(row[name] != value for row in rows for name, value in settings.items()):
        stated = ", ".join(f"{name}={value}" for name, value in settings.items())
        raise UserError(
            f"{path} is of trainings with other settings: give another folder for --out. "
            f"Received: {stated}"
        )
    return rows


KINDS = dict(zip(COLUMNS, (int, str, int, int, int, float, str, float, float)))


def values(
    rows: Sequence[Row], start: str, count: int, score: str
) -> tuple[np.ndarray, list[str]]:
    """A score of every image and seed, and the images' names."""
    own = [row for row in rows if (row["start"], row["count"]) == (start, count)]
    own.sort(key=lambda row: (row["seed"], row["image"]))
    return np.array([row[score] for row in own]), [row["image"] for row in own]


def means(rows: Sequence[Row]) -> dict[tuple[str, int, str], Interval]:
    """Mean over images and seeds by score, number of training images and start."""
    found = {}
    for score, count, start in itertools.product(("jsc", "f1"), COUNTS, STARTS):
        own, images = values(rows, start, count, score)
        if len(own):
            found[score, count, start] = bootstrap_mean(own, images)
    return found


def report(rows: Sequence[Row]) -> str:
    """Markdown: means over images and seeds, and paired differences."""
    seeds = sorted({row["seed"] for row in rows})
    cells = {key: interval_text(mean, 3) for key, mean in means(rows).items()}
    parts = []
    for score in ("jsc", "f1"):
        table = [
            (str(count), *(cells.get((score, count, start), "") for start in STARTS))
            for count in COUNTS
        ]
        parts.append(markdown_table((f"images, {score}", *STARTS), table))
    table = []
    known = {(row["start"], row["count"]) for row in rows}
    for start, count, other, more in PAIRS:
        if not {(start, count), (other, more)} <= known:
            continue
        cells = []
        for score in ("jsc", "f1"):
            first, images = values(rows, start, count, score)
            second, _ = values(rows, other, more, score)
            one = paired_difference(first, second, images)
            cells.append(f"{one.mean:+.3f} [{one.low:+.3f}, {one.high:+.3f}]")
        table.append((f"{start} with {count} - {other} with {more}", *cells))
    parts.append(markdown_table(("paired difference", "jsc", "f1"), table))
    return f"Seeds {', '.join(map(str, seeds))}.\n\n" + "\n".join(parts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and score all networks; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_data(parser)
    add = parser.add_argument
    add("--out", type=Path, default=Path("out/few_images"))
    add("--seeds", type=int, nargs="+", default=[0, 1])
    add("--starts", nargs="+", choices=STARTS, default=STARTS, help="only these")
    add("--counts", type=int, nargs="+", choices=COUNTS, default=COUNTS, help="only these")
    add("--steps", type=int, default=300, help="of 4 crops")
    add("--crop", type=int, default=128, help="side of the crops, px")
    add("--learning-rate", type=float, default=5e-4)
    options = parser.parse_args(arguments)

    def work() -> str:
        parts = {
            part: [load_labelled(one) for one in part_of(data_folder(options), DATASET, part)]
            for part in ("train", "test")
        }
        path = options.out / "scores.csv"
        settings = {name: getattr(options, name) for name in SETTINGS}
        rows = kept(path, settings)
        done = {(row["seed"], row["start"], row["count"]) for row in rows}
        for seed, count, start in itertools.product(options.seeds, options.counts, options.starts):
            if (seed, start, count) in done or (count == 0 and start != "em"):
                continue
            order = np.random.default_rng(seed).permutation(len(parts["train"]))
            images = [parts["train"][place] for place in order[:count]]
            model = trained(start, images, seed, options)
            head = {"seed": seed, "start": start, "count": count, **settings}
            for one, (jsc, f1) in zip(parts["test"], scores(model, parts["test"])):
                rows.append({**head, "image": one.name, "jsc": jsc, "f1": f1})
            write_table(path, COLUMNS, rows)
            mean = np.mean([row["jsc"] for row in rows[-len(parts["test"]) :]])
            print(seed, start, count, f"{mean:.3f}", file=sys.stderr, flush=True)
        asked = [row for row in rows if row["seed"] in options.seeds]
        summary = (
            dict(zip(SUMMARY, (*key, mean.mean, mean.low, mean.high)))
            for key, mean in means(asked).items()
        )
        write_table(options.out / "summary.csv", SUMMARY, summary)
        return report(asked)

    return write_report(options.out, work)


if __name__ == "__main__":
    sys.exit(main())
