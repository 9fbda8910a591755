"""Compare two strategies for morphologies: one network, or the outline first and one for each.

    python benchmarks/recipes/shape_two_steps.py --out runs/two_steps

Training pictures of `shape_cnn.py --kind morphology` are sorted by the outline that the network
for outlines sees in them; for every outline that is common enough the network for all
morphologies (`--start`) is trained further on its pictures alone, and calibrated on the validation
pictures with this outline. Both strategies then answer the test pictures. What is trained can be
used as `nanozoo measure --shapes shapecnn_outline --morphology hexagon=runs/two_steps/hexagon`.
An interrupted run goes on from its saved states. Writes two_steps.md.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from shape_cnn import calibration, parts, pictures

from nanozoo.core.errors import UserError
from nanozoo.core.files import write_text
from nanozoo.data.shape_crops import ShapeCrops
from nanozoo.engines.shapes import ShapeClassifier, Shapes
from nanozoo.engines.two_steps import TwoStepShapeClassifier
from nanozoo.evaluate.bootstrap import bootstrap_mean
from nanozoo.models.checkpoint import save_checkpoint, set_inference
from nanozoo.synth.view_library import LookAlikeSource
from nanozoo.training.fit import Schedule, fit
from nanozoo.workflows.shape_report import markdown_table

BATCH = 500
"""Pictures that are drawn at once, to be sorted."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Sort, train, calibrate and compare."""
    options = _options(arguments)
    keras.utils.set_random_seed(options.seed)
    single, outlines = ShapeClassifier(options.start), ShapeClassifier(options.outlines)
    (part,) = parts("morphology", "train")
    drawn = LookAlikeSource("morphology", part.seed, appearances=part.appearances, share=0.2)
    crops = ShapeCrops(drawn, coarse=0.5)
    train = sorted_numbers(crops, outlines, options.sorted)
    held = pictures(parts("morphology", "val"), crops.size, options.limit, coarse=0.5)
    seen = outlines.answer(held[0]).probabilities.argmax(axis=1)
    chosen = {}
    for number, outline in enumerate(outlines.classes):
        own = seen == number
        if len(train[number]) < options.least * options.sorted or not own.any():
            continue
        chosen[outline] = out = options.out / outline
        train_further(single, Chosen(crops, train[number]), options, out)
        logits = ShapeClassifier(out).logits(held[0][own])
        set_inference(out, calibration(logits, held[1][own]))
    if not chosen:
        raise UserError(
            "Expected an outline with enough pictures: sort more or lower --least. "
            f"Received: sorted={options.sorted}, least={options.least}"
        )
    text = compare(single, TwoStepShapeClassifier(options.outlines, chosen), options.limit)
    counts = [(name, str(len(rows))) for name, rows in zip(outlines.classes, train)]
    text += "\n" + markdown_table(("outline", "training pictures"), counts)
    write_text(options.out / "two_steps.md", text)
    print(text)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--out", type=Path, required=True)
    add("--start", default="shapecnn_morphology", help="network for all morphologies")
    add("--outlines", default="shapecnn_outline", help="network for outlines")
    add("--sorted", type=int, default=8000, help="training pictures that are sorted by outline")
    add("--least", type=float, default=0.02, help="share of them that makes an outline common")
    add("--steps", type=int, default=200, help="optimizer steps for each outline")
    add("--batch-size", type=int, default=32)
    add("--learning-rate", type=float, default=2e-4)
    add("--limit", type=int, help="only so many pictures of each validation and test part")
    add("--seed", type=int, default=0)
    return parser.parse_args(arguments)


@dataclass(frozen=True)
class Chosen:
    """Some of the examples of `ShapeCrops`, over and over.

    Args:
        crops: All examples.
        numbers: Which of them, not empty.
    """

    crops: ShapeCrops
    numbers: np.ndarray

    @property
    def signature(self):
        """Type and shape of what `example` returns."""
        return self.crops.signature

    def pack(self, crop, label):
        """Crop and class as a classifier takes them."""
        return self.crops.pack(crop, label)

    def example(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Crop `(size, size, channels)` and class of example number `index`."""
        return self.crops.example(self._number(index))

    def names(self, index: int) -> str:
        """Picture that example number `index` is cut from."""
        return self.crops.names(self._number(index))

    def _number(self, index: int) -> int:
        turn, place = divmod(int(index), len(self.numbers))
        return int(np.random.default_rng(turn).permutation(self.numbers)[place])


def sorted_numbers(crops: ShapeCrops, outlines: ShapeClassifier, count: int) -> list[np.ndarray]:
    """Numbers of the first `count` examples by the outline that is seen in them."""
    seen = []
    for first in range(0, count, BATCH):
        numbers = range(first, min(first + BATCH, count))
        shown = np.stack([crops.example(number)[0] for number in numbers])
        seen.append(outlines.answer(shown).probabilities.argmax(axis=1))
    seen = np.concatenate(seen)
    return [np.flatnonzero(seen == number) for number in range(len(outlines.classes))]


def train_further(
    single: ShapeClassifier, source: Chosen, options: argparse.Namespace, out: Path
) -> None:
    """Train the network for all morphologies further on some pictures; write the checkpoint."""
    start = single.checkpoint
    model = start.build(single.model.input_shape[1:])
    schedule = Schedule(
        steps=options.steps,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        warmup=min(20, options.steps // 4),
        round_steps=options.steps,
    )
    about = {"from": start.name, "seed": options.seed, "steps": options.steps}
    fit(model, source, schedule, out=out, run={**about, "sorted": options.sorted})
    save_checkpoint(
        model,
        out,
        name=out.name,
        builder="shape_cnn",
        arguments=start.arguments,
        classes=start.classes,
        inference={"size": single.options.size},
        notes=about,
    )


def compare(single: ShapeClassifier, two: TwoStepShapeClassifier, limit: int | None) -> str:
    """Markdown: share of right answers of both strategies, and the difference, by appearance."""
    head = (
        "pictures",
        "number",
        "one network",
        "outline first",
        "difference",
        "sure, one",
        "sure, first",
    )
    rows = []
    for part in parts("morphology", "test"):
        for title, coarse in (("", {}), (", 8 to 60 px", {"coarse": 1.0})):
            crops, labels = pictures([part], single.options.size, limit, **coarse)
            true = np.array(single.classes)[labels]
            first, second = (_right(one.answer(crops), true) for one in (single, two))
            gain = bootstrap_mean(second[0].astype(float) - first[0])
            rows.append(
                (
                    part.appearances[0] + title,
                    str(len(labels)),
                    *(f"{right.mean():.4f}" for right, _ in (first, second)),
                    f"{gain.mean:+.4f} [{gain.low:+.4f}, {gain.high:+.4f}]",
                    *(f"{sure.mean():.3f}" for _, sure in (first, second)),
                )
            )
    return markdown_table(head, rows)


def _right(found: Shapes, true: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whether the likeliest shape is the true one, and whether it is sure, `(N,)` bool each."""
    return np.array(found.classes)[found.probabilities.argmax(axis=1)] == true, found.sure


if __name__ == "__main__":
    main()
