"""Train a shape CNN on simulated particles, calibrate it, and score what it answers.

    python benchmarks/recipes/shape_cnn.py --kind outline --out runs/shapecnn_outline
    python benchmarks/recipes/shape_cnn.py --kind morphology --out runs/shapecnn_morphology

The pictures stand in splits/shapes_simulated.csv. In the training a share of them (`--coarse`)
is brought to fewer pixels first, the particle 8 to 60 px across. Temperature and the probability
from which on an answer counts as sure are chosen on the validation pictures, half of them coarse:
the lowest with which 98% of the sure answers are right. `--steps 0` trains nothing. An
interrupted run goes on from its saved state. Asked for on test pictures: outlines 99% right, and
of hexagons at most 1% called rhombus; morphologies 93% right over all orientations, silhouettes
aside, which are reported by themselves.

Writes shapes.md with the scores, confusion.png, features.png with maps of the features and
learning_curves.png. For morphologies the scores say how often the answer is `unsure` where a
view looks like one of another morphology (bench_views.py), and where it does not.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from scipy.special import softmax

from nanozoo.core.files import write_text
from nanozoo.data.shape_crops import ShapeCrops
from nanozoo.embed.projections import project_features
from nanozoo.engines.shape_features import shape_features
from nanozoo.engines.shapes import ShapeClassifier
from nanozoo.evaluate.calibration import fit_temperature
from nanozoo.evaluate.classification import confusion_counts, sure_answers
from nanozoo.models.checkpoint import open_checkpoint, save_checkpoint, set_inference
from nanozoo.models.shape_cnn import build_shape_cnn
from nanozoo.synth.looks import APPEARANCES
from nanozoo.synth.shape_parts import ShapePart, shape_parts
from nanozoo.synth.shape_source import KINDS
from nanozoo.synth.view_library import LookAlikeSource
from nanozoo.training.fit import Schedule, fit
from nanozoo.viz.confusion import draw_confusion
from nanozoo.viz.feature_maps import draw_feature_maps
from nanozoo.workflows.curves import curves
from nanozoo.workflows.look_alike_report import SILHOUETTE, look_alike_report
from nanozoo.workflows.shape_report import (
    Answers,
    class_table,
    confusion_table,
    score_table,
)
from nanozoo.workflows.validation import class_scores

RIGHT_WHEN_SURE = 0.98
THRESHOLDS = tuple(round(0.02 * n, 2) for n in range(30, 50))
WATCHED = 400
"""Validation pictures that are scored after every round of the training."""

LENGTHS = ((8, 16), (16, 30), (30, 60))
"""Ranges of the longer side of a small particle's box, px."""

MAPPED = 200
"""Test pictures of each appearance in the maps of the features."""

ALONG = 40
"""Pictures along each axis whose silhouette is that of another morphology."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Train what is left of the steps, calibrate, and score the test pictures."""
    options = _options(arguments)
    keras.utils.set_random_seed(options.seed)
    if options.steps:
        _train(options)
    classifier = ShapeClassifier(options.out)
    size = classifier.options.size
    held = pictures(parts(options.kind, "val"), size, options.limit, coarse=0.5)
    set_inference(options.out, calibration(classifier.logits(held[0]), held[1]))
    classifier = ShapeClassifier(options.out)
    shown = parts(options.kind, "test")
    tested = [answers(classifier, part.appearances[0], [part], options.limit) for part in shown]
    with_greys = [part for part in shown if part.appearances != (SILHOUETTE,)]
    small = [
        answers(
            classifier,
            f"{low} to {high} px",
            with_greys,
            options.limit,
            coarse=1.0,
            lengths=(low, high),
        )
        for low, high in LENGTHS
    ]

    def ask(crops: np.ndarray) -> np.ndarray:
        return sure_answers(classifier.answer(crops).probabilities, classifier.options.sure)

    text = report(classifier.checkpoint.classes, tested, small)
    if options.kind == "morphology":
        sources = [part.source() for part in shown]
        count = min(ALONG, options.limit or ALONG)
        text += "\n" + look_alike_report(
            tested, sources, ask, classifier.options.size, along=count
        )
    write_text(options.out / "shapes.md", text)
    print(text)
    draw(options, classifier, tested)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--kind", choices=tuple(KINDS), required=True)
    add("--out", type=Path, required=True)
    add("--backbone", default="efficientnet_lite0")
    add("--start", help="shape CNN of the same kind to start from; or see the next three")
    add("--weights-backbone", default="imagenet", help="what the encoder starts from, or none")
    add("--level", default="C4", help="level whose features are averaged")
    add("--steps", type=int, default=3300, help="optimizer steps; 0 only scores")
    add("--batch-size", type=int, default=32)
    add("--learning-rate", type=float, default=1e-3)
    add("--round-steps", type=int, default=250)
    add(
        "--look-alikes",
        type=float,
        default=0.15,
        help="share of a morphology drawn along each axis where it looks like another one",
    )
    add("--coarse", type=float, default=0.5, help="share of pictures of few pixels (default: 0.5)")
    add("--limit", type=int, help="only so many pictures of each part")
    add("--seed", type=int, default=0)
    return parser.parse_args(arguments)


def parts(kind: str, split: str) -> list[ShapePart]:
    """The parts of a kind of picture in a split, one an appearance but for "train"."""
    return [part for part in shape_parts() if part.kind == kind and part.split == split]


def pictures(
    chosen: Sequence[ShapePart], size: int, limit: int | None = None, **coarse
) -> tuple[np.ndarray, np.ndarray]:
    """Particles `(N, size, size, 1)`, cut by their true masks, and classes `(N,)`.

    Args:
        chosen: The parts they are of.
        size: Side of the crops, px.
        limit: Only so many of each part.
        **coarse: `coarse` and `lengths` of `ShapeCrops`; without them all are fine.
    """
    found = [
        ShapeCrops(part.source(), size=size, looseness=0.0, **coarse).first_examples(
            min(part.count, limit or part.count)
        )
        for part in chosen
    ]
    crops, labels = map(np.concatenate, zip(*found))
    return crops, labels


def _train(options: argparse.Namespace) -> None:
    (part,) = parts(options.kind, "train")
    drawn = part.source()
    if options.kind == "morphology":
        drawn = LookAlikeSource(
            drawn.kind, drawn.seed, drawn.side, drawn.appearances, share=options.look_alikes
        )
    source = ShapeCrops(drawn, coarse=options.coarse)
    shape = (source.size, source.size, 1)
    if options.start:
        start = open_checkpoint(options.start)
        model, built = start.build(shape), dict(start.arguments)
    else:
        encoder = None if options.weights_backbone == "none" else options.weights_backbone
        built = {"num_classes": len(KINDS[options.kind]), "backbone": options.backbone}
        built["level"] = options.level
        model = build_shape_cnn(shape, **built, weights_backbone=encoder)
    schedule = Schedule(
        steps=options.steps,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        round_steps=min(options.round_steps, options.steps),
    )
    each = WATCHED // len(APPEARANCES)
    limit = min(each, options.limit or each)
    watched = pictures(parts(options.kind, "val"), source.size, limit, coarse=options.coarse)
    about = {
        "from": Path(options.start).name if options.start else options.weights_backbone,
        "seed": options.seed,
        "steps": options.steps,
        "batch_size": options.batch_size,
        "coarse": options.coarse,
    }
    run = {**built, **about, "kind": options.kind, "look_alikes": options.look_alikes}
    fit(
        model,
        source,
        schedule,
        out=options.out,
        run=run,
        validate=lambda model: class_scores(model, *watched),
    )
    save_checkpoint(
        model,
        options.out,
        name=options.out.name,
        builder="shape_cnn",
        arguments=built,
        classes=KINDS[options.kind],
        inference={"size": source.size},
        notes=about,
    )


def calibration(logits: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Temperature, and the lowest threshold with which sure answers are right as often as asked.

    The highest threshold if none does. Never below 1 and 0.6: pictures that are all told right
    would make the network as sure as one likes, and two shapes that look alike have 0.5 each.
    """
    temperature = max(fit_temperature(logits, labels), 1.0)
    probabilities = softmax(logits / temperature, axis=1)
    right, confidence = probabilities.argmax(axis=1) == labels, probabilities.max(axis=1)
    for sure in THRESHOLDS:
        taken = confidence >= sure
        if taken.any() and right[taken].mean() >= RIGHT_WHEN_SURE:
            break
    return {"temperature": round(temperature, 4), "sure": sure}


def answers(
    classifier: ShapeClassifier,
    title: str,
    chosen: Sequence[ShapePart],
    limit: int | None,
    **coarse,
) -> Answers:
    """What a calibrated classifier makes of the pictures of some parts, see `pictures`."""
    crops, labels = pictures(chosen, classifier.options.size, limit, **coarse)
    found = classifier.answer(crops).probabilities
    return Answers(title, labels, found, classifier.options.sure)


def report(names: Sequence[str], tested: Sequence[Answers], small: Sequence[Answers]) -> str:
    """Markdown: scores by appearance, size and class, and how often each class is called what."""
    labels, guesses = lit(tested)
    return "\n".join(
        [
            score_table(tested),
            "The same test pictures but silhouettes, the particle brought to so many pixels:\n",
            score_table(small),
            f"Silhouettes aside, {np.mean(labels == guesses):.4f} are right. By class:\n",
            class_table(labels, guesses, names),
            "Row: true class; column: answer.\n",
            confusion_table(labels, guesses, names),
        ]
    )


def lit(tested: Sequence[Answers]) -> tuple[np.ndarray, np.ndarray]:
    """True classes and guesses of all pictures that show more than a silhouette."""
    seen = [(one.labels, one.guesses) for one in tested if one.title != SILHOUETTE]
    labels, guesses = map(np.concatenate, zip(*seen))
    return labels, guesses


def draw(options: argparse.Namespace, classifier: ShapeClassifier, tested: list[Answers]) -> None:
    """Draw the confusion of the test pictures, maps of their features, and learning curves."""
    names, size = classifier.checkpoint.classes, classifier.options.size
    counts = confusion_counts(*lit(tested), len(names))
    draw_confusion(options.out / "confusion.png", counts[:, :-1], names)
    known, labels = pictures(parts(options.kind, "val"), size, options.limit)
    limit = min(MAPPED, options.limit or MAPPED)
    shown, true = pictures(parts(options.kind, "test"), size, limit)
    found = project_features(
        shape_features(classifier, known), labels, shape_features(classifier, shown)
    )
    maps = {one.title: one.points for one in found}
    draw_feature_maps(options.out / "features.png", maps, true, names)
    if (options.out / "history.csv").is_file():
        curves([options.out], options.out / "learning_curves.png")


if __name__ == "__main__":
    main()
