"""Fine-tune a shape CNN on the cubes, octahedra and spheres of nanoshapes-tem, and score it.

    RUN="python benchmarks/recipes/shape_nanoshapes.py --data $NANOZOO_DATA"
    START=runs/shapecnn_morphology OUT=runs/shapecnn_nanoshapes
    $RUN --start $START --out $OUT
    $RUN --start $START --out $OUT --steps 120 --leave-one-series-out

Particles are cut out by their masks: 22 of the 24 images hold one shape only, so that the
background would give it away. The images are divided as in splits/nanoshapes-tem.csv. All
octahedra belong to one series, which trains, so the test part, cubes and spheres, says
nothing about them: `--leave-one-series-out` does. It trains once a series, on all others of
all parts, for `--steps`, and scores the series that was left out. To know octahedra without
theirs, a share of the examples is simulated. An interrupted run goes on from its saved state;
series that are done are not trained again. Asked for on the test images: a macro accuracy of
0.95.
"""

from __future__ import annotations

import argparse
import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from shape_cnn import calibration

from nanozoo.core.files import write_text
from nanozoo.core.weights import load_arrays, read_arrays
from nanozoo.data.instance_examples import load_instances
from nanozoo.data.particle_crops import ParticleCrops
from nanozoo.data.samples import Sample, find_samples
from nanozoo.data.shape_crops import ShapeCrops
from nanozoo.engines.shapes import ShapeClassifier
from nanozoo.evaluate.macro import macro_accuracy
from nanozoo.io.coco import read_annotations
from nanozoo.io.micrograph import grey_of
from nanozoo.measure.crops import extract_particles
from nanozoo.measure.edge_correction import touches_border
from nanozoo.models.checkpoint import open_checkpoint, save_checkpoint, set_inference
from nanozoo.models.shape_cnn import build_shape_cnn
from nanozoo.synth.shape_source import KINDS, ShapeSource
from nanozoo.training.fit import Schedule, fit
from nanozoo.workflows.shape_report import (
    Answers,
    accuracy_table,
    interval_text,
    macro_table,
    markdown_table,
)

DATASET = "nanoshapes-tem"
SPLIT = Path(__file__).parents[1] / "splits" / f"{DATASET}.csv"
SIMULATED = {
    "cube": ("morphology", "fcc_cube"),
    "octahedron": ("morphology", "octahedron"),
    "sphere": ("outline", "circle"),
}
SIMULATED_SEED = 7_000_000


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, calibrate and score the test part; or do it once a series."""
    options = _options(arguments)
    folder = options.data / DATASET
    rows = {row["name"]: row for row in csv.DictReader(SPLIT.read_text("utf-8").splitlines())}
    found = _some(find_samples(folder), rows, options.limit)
    classes = read_annotations(folder / "instances.json").classes
    if options.leave_one_series_out:
        text = leave_one_out(found, rows, classes, options)
        path = options.out / "left_out.md"
    else:
        part = {
            name: [sample for sample in found if rows[sample.name]["split"] == name]
            for name in ("train", "val", "test")
        }
        if options.steps:
            train(part["train"], classes, options, options.out)
        classifier = ShapeClassifier(options.out)
        held = particles(part["val"], classifier.options.size)
        set_inference(options.out, calibration(classifier.logits(held.crops), held.labels))
        classifier = ShapeClassifier(options.out)
        asked = particles(part["test"], classifier.options.size)
        text = report(answers(classifier, asked), asked.whole, classifier.classes)
        path = options.out / "shapes.md"
    write_text(path, text)
    print(text)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--data", type=Path, required=True, help=f"folder that holds {DATASET}")
    add("--out", type=Path, required=True)
    add("--start", help="shape CNN to start from, all but its last layer; or see the next three")
    add("--backbone", default="efficientnet_lite0")
    add("--weights-backbone", default="imagenet", help="what the encoder starts from, or none")
    add("--level", default="C4", help="level whose features are averaged")
    add("--steps", type=int, default=400, help="optimizer steps; 0 only scores")
    add("--batch-size", type=int, default=32)
    add("--learning-rate", type=float, default=3e-4)
    add("--round-steps", type=int, default=100)
    add("--simulated", type=float, default=0.5, help="share of the examples (default: 0.5)")
    add(
        "--swaps",
        type=float,
        default=0.5,
        help="share of the real ones that have the texture of another one (default: 0.5)",
    )
    add("--leave-one-series-out", action="store_true", help="train once a series without it")
    add("--limit", type=int, help="only so many images of each series")
    add("--seed", type=int, default=0)
    return parser.parse_args(arguments)


def _some(found: list[Sample], rows: dict[str, dict], limit: int | None) -> list[Sample]:
    """The first images of each series."""
    series: dict[str, list[Sample]] = {}
    for sample in found:
        series.setdefault(rows[sample.name]["group"], []).append(sample)
    return [sample for members in series.values() for sample in members[:limit]]


@dataclass(frozen=True)
class WithSimulated:
    """Real particles, a share of which is replaced by simulated ones of the same classes.

    Args:
        real: The real particles.
        classes: Names of the labels.
        share: Share of simulated examples, in [0, 1].
    """

    real: ParticleCrops
    classes: tuple[str, ...]
    share: float

    @property
    def signature(self):
        """Type and shape of what `example` returns."""
        return self.real.signature

    def pack(self, crop, label):
        """Crop and class as a classifier takes them."""
        return self.real.pack(crop, label)

    def example(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Crop `(size, size, channels)` and class of example number `index`."""
        crops, number, label = self._drawn(int(index))
        return crops.example(number)[0], np.int32(label)

    def names(self, index: int) -> str:
        """Image that example number `index` is cut from."""
        crops, number, _ = self._drawn(int(index))
        return crops.names(number)

    def _drawn(self, index: int):
        rng = np.random.default_rng((self.real.seed, index, 3))
        if rng.random() >= self.share:
            return self.real, index, self.real.example(index)[1]
        label = int(rng.integers(len(self.classes)))
        kind, shape = SIMULATED[self.classes[label]]
        source = ShapeSource(kind, SIMULATED_SEED + self.real.seed)
        number = index * len(KINDS[kind]) + KINDS[kind].index(shape)
        return ShapeCrops(source, size=self.real.size, channels=self.real.channels), number, label


def train(
    chosen: list[Sample], classes: tuple[str, ...], options: argparse.Namespace, out: Path
) -> None:
    """Train on the particles of some images, and write the checkpoint."""
    keras.utils.set_random_seed(options.seed)
    arguments = {"backbone": options.backbone, "level": options.level}
    start, size = None, 96
    if options.start:
        start = open_checkpoint(options.start)
        arguments, size = dict(start.arguments), start.inference.get("size", size)
    arguments["num_classes"] = len(classes)
    channels = arguments.get("channels", 1)
    built = {name: value for name, value in arguments.items() if name != "channels"}
    if start is None and options.weights_backbone != "none":
        built["weights_backbone"] = options.weights_backbone
    model = build_shape_cnn((size, size, channels), **built)
    if start is not None:
        load_arrays(model, read_arrays(start.folder, start.weights), skip=("classes_logits/*",))
    images = [load_instances(sample, binary=False) for sample in chosen]
    real = ParticleCrops(
        images, len(classes), size, options.seed, swaps=options.swaps, channels=channels
    )
    schedule = Schedule(
        steps=options.steps,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        warmup=min(20, options.steps // 4),
        round_steps=min(options.round_steps, options.steps),
    )
    about = {
        "from": Path(options.start).name if options.start else options.weights_backbone,
        "seed": options.seed,
        "steps": options.steps,
        "batch_size": options.batch_size,
        "simulated": options.simulated,
        "swaps": options.swaps,
    }
    run = {**arguments, **about, "limit": options.limit}
    fit(model, WithSimulated(real, classes, options.simulated), schedule, out=out, run=run)
    save_checkpoint(
        model,
        out,
        name=out.name,
        builder="shape_cnn",
        arguments=arguments,
        classes=classes,
        inference={"size": size},
        notes=about,
    )


@dataclass(frozen=True)
class Particles:
    """The particles of some images, cut out by their true masks.

    Args:
        crops: `(N, size, size, 1)`.
        labels: `(N,)` true classes, from 0.
        images: Name of the image of each.
        whole: `(N,)` bool, whether the border of the image leaves each alone.
    """

    crops: np.ndarray
    labels: np.ndarray
    images: list[str]
    whole: np.ndarray


def particles(chosen: list[Sample], size: int) -> Particles:
    """Cut out every particle of some images, in crops of so many px."""
    crops, labels, images, whole = [], [], [], []
    for sample in chosen:
        instances = sample.truth().instances
        crops.append(extract_particles(grey_of(sample.micrograph().pixels), instances, size))
        labels += [item.class_id - 1 for item in instances]
        images += [sample.name] * len(instances)
        whole.append(~touches_border(instances))
    return Particles(np.concatenate(crops), np.array(labels), images, np.concatenate(whole))


def answers(classifier: ShapeClassifier, asked: Particles) -> Answers:
    """What a calibrated classifier makes of some particles."""
    found = classifier.answer(asked.crops).probabilities
    return Answers("all", asked.labels, found, classifier.options.sure, asked.images)


def report(found: Answers, whole: np.ndarray, names: Sequence[str]) -> str:
    """Markdown: macro accuracy, accuracy of each class, and how often each is called what."""
    tested = [found, found.part("whole", whole), found.part("sure", found.certain)]
    return "\n".join(
        [
            macro_table([one for one in tested if len(one.labels)]),
            "Only classes of which there are particles count.\n",
            accuracy_table(found.labels, found.guesses, names),
        ]
    )


def leave_one_out(
    found: list[Sample],
    rows: dict[str, dict],
    classes: tuple[str, ...],
    options: argparse.Namespace,
) -> str:
    """Train once a series on all others, and score it: Markdown, a row a series."""
    told = {}
    for series in sorted({rows[sample.name]["group"] for sample in found}):
        out = options.out / "left_out" / series
        others = [sample for sample in found if rows[sample.name]["group"] != series]
        own = [sample for sample in found if rows[sample.name]["group"] == series]
        if options.steps:
            train(others, classes, options, out)
        classifier = ShapeClassifier(out)
        told[series] = answers(classifier, particles(own, classifier.options.size))
        print(series, f"{told[series].right.mean():.4f}", flush=True)
    rows = []
    for series, one in told.items():
        shares = []
        for label in range(len(classes)):
            own = one.labels == label
            shares.append(f"{one.right[own].mean():.4f} of {own.sum()}" if own.any() else "")
        rows.append((series, str(len(set(one.images))), *shares))
    labels = np.concatenate([one.labels for one in told.values()])
    guesses = np.concatenate([one.guesses for one in told.values()])
    left_out = [series for series, one in told.items() for _ in one.labels]
    value = interval_text(macro_accuracy(guesses == labels, labels, left_out))
    return "\n".join(
        [
            markdown_table(("series left out", "images", *classes), rows),
            f"Macro accuracy {value}, interval over the series.\n",
            accuracy_table(labels, guesses, classes),
        ]
    )


if __name__ == "__main__":
    main()
