"""Train the segmentation networks of the "em" checkpoints: UNets, an FPN and a LinkNet.

    OUT=runs/unet7-efficientnet_lite0-em-v1
    RUN="python benchmarks/recipes/unet_em.py --data $NANOZOO_DATA --kernel-size 7 --out $OUT"
    $RUN --stages 1
    $RUN --stages 2 --policy mixed_bfloat16
    python benchmarks/choose_inference.py --checkpoint $OUT/2 --data $NANOZOO_DATA
    $RUN --stages 3 --policy mixed_bfloat16

With kernels of 3 px it makes unet-efficientnet_lite0-em-v2. All kernel sizes see the same crops in
the same order. Each stage, see `STAGES`, starts from the weights of the one before and leaves a
checkpoint in a folder with its number; the first one with kernels of 3 px is
unet-efficientnet_lite0-em-v1. The inference is chosen before the validation images are trained on.

    RUN="python benchmarks/recipes/unet_em.py --data $NANOZOO_DATA --model fpn --out $OUT"
    $RUN --start unet-efficientnet_lite0-em-v1 --stages 2

makes an FPN (or a LinkNet) whose encoder starts from that of the first UNet, which has seen the
training images alone. `--simulated 1500` mixes in that many scenes of `realistic_config`, a
quarter of the crops: unet-efficientnet_lite0-em-v3 is

    $RUN --stages 1
    $RUN --stages 2 --simulated 1500 --steps 2800
    python benchmarks/choose_inference.py --checkpoint $OUT/2 --data $NANOZOO_DATA
    $RUN --stages 3 --simulated 1500

Hardware, time and scores stand in the cards. An interrupted run goes on from
its saved state.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from unet_simulated import scenes

import nanozoo.models  # noqa: F401  (fills the registry)
from nanozoo.core.registry import MODELS
from nanozoo.data.examples import ExampleSource, load_labelled
from nanozoo.data.geometry import Geometry
from nanozoo.data.photometry import Photometry
from nanozoo.data.samples import find_samples
from nanozoo.data.splits import select
from nanozoo.engines.predictor import Predictor
from nanozoo.models.checkpoint import load_weights, open_checkpoint, save_checkpoint
from nanozoo.training.fit import Schedule, fit

BUILDERS = ("unet", "fpn", "linknet")
SPLITS = Path(__file__).parents[1] / "splits"
SHARES = {"emps": 0.65, "nanoshapes-tem": 0.15, "nanocomposite-sem": 0.20}
SIMULATED = 1 / 3
"""Crops of simulated scenes, where there are any, to one of a micrograph."""

# Images of which the dataset leaves about half of the objects unlabelled (nanowires, platelets).
INCOMPLETE = (SPLITS / "incomplete.txt").read_text("utf-8").split()


@dataclass(frozen=True)
class Stage:
    """A part of the training.

    Args:
        steps: Optimizer steps.
        learning_rate: Highest learning rate; it falls to 0 along a cosine.
        scale: Smallest and largest magnification of the crops.
        invert: Share of crops whose black and white are exchanged.
        parts: Parts of the splits that are trained on.
    """

    steps: int
    learning_rate: float
    scale: tuple[float, float]
    invert: float
    parts: tuple[str, ...] = ("train",)


STAGES = {
    1: Stage(3200, 1e-3, (0.35, 1.2), 0.35),
    2: Stage(2000, 5e-4, (0.35, 1.5), 0.1),
    3: Stage(500, 2e-4, (0.35, 1.5), 0.1, ("train", "val")),
}


def samples(data: Path, *parts: str) -> list:
    """Samples of these parts of every dataset that is trained on."""
    return [
        sample
        for dataset in SHARES
        for part in parts
        for sample in select(find_samples(data / dataset), SPLITS / f"{dataset}.csv", part)
        if part == "train" or sample.name not in INCOMPLETE
    ]


def mean_jsc(predictor: Predictor, chosen: list) -> dict[str, float]:
    """Mean Jaccard coefficient of the foreground for each dataset."""
    scores: dict[str, list[float]] = {}
    for sample in chosen:
        truth = sample.truth().semantic > 0
        found = predictor.segment(sample.micrograph().pixels).foreground
        union = (truth | found).sum()
        scores.setdefault(sample.dataset, []).append((truth & found).sum() / max(union, 1))
    return {f"jsc_{name}": float(np.mean(values)) for name, values in scores.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    """Go through the stages that are not finished, and write a checkpoint after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=BUILDERS, default="unet")
    parser.add_argument(
        "--start",
        help="what the encoder of the first of --stages starts from, in place of the "
        "stage before, or of imagenet in stage 1",
    )
    parser.add_argument("--simulated", type=int, default=0, help="scenes")
    parser.add_argument("--steps", type=int, help="of one stage, in place of its own")
    parser.add_argument("--kernel-size", type=int, choices=(3, 5, 7, 9), default=3)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--stages", type=int, nargs="+", choices=STAGES, default=list(STAGES))
    parser.add_argument("--policy", choices=("float32", "mixed_bfloat16"), default="float32")
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--crop", type=int, default=256)
    parser.add_argument("--round-steps", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--validate", type=int, default=4, help="images after every round")
    options = parser.parse_args(arguments)

    keras.config.set_dtype_policy(options.policy)
    for number in options.stages:
        keras.utils.set_random_seed(options.seed)
        run(number, options)


def run(number: int, options: argparse.Namespace) -> None:
    """Train one stage, validating some images after every round and all at the end."""
    stage, out = STAGES[number], options.out / str(number)
    if options.steps:
        stage = replace(stage, steps=options.steps)
    arguments = {
        "num_classes": 2,
        "backbone": "efficientnet_lite0",
        "kernel_size": options.kernel_size,
        "boundary": True,
    }
    fresh = number == options.stages[0] and (number == 1 or options.start is not None)
    start = (options.start or "imagenet") if fresh else None
    model = MODELS.get(options.model)((None, None, 1), **arguments, weights_backbone=start)
    inference = {}
    if not fresh:
        load_weights(model, options.out / str(number - 1))
        inference = open_checkpoint(options.out / str(number - 1)).inference
    images = [load_labelled(sample) for sample in samples(options.data, *stage.parts)]
    shares = dict(SHARES)
    if options.simulated:
        images += scenes(options.simulated)
        shares["simulated"] = SIMULATED
    source = ExampleSource(
        images,
        crop=options.crop,
        seed=options.seed + number - 1,
        shares=shares,
        geometry=Geometry(scale=stage.scale),
        photometry=Photometry(invert=stage.invert),
        boundary=True,
    )
    held = samples(options.data, "val")
    rng = np.random.default_rng(options.seed)
    some = [held[i] for i in rng.permutation(len(held))[: options.validate]]

    def save(notes: dict) -> None:
        save_checkpoint(
            model,
            out,
            name=options.out.name,
            builder=options.model,
            arguments=arguments,
            inference=inference,
            notes={
                "stage": number,
                "from": start,
                "seed": options.seed,
                "simulated": options.simulated,
                **asdict(stage),
                **notes,
            },
        )

    save({})
    predictor = Predictor(out, model=model)
    schedule = Schedule(
        steps=stage.steps,
        batch_size=options.batch_size,
        learning_rate=stage.learning_rate,
        round_steps=min(options.round_steps, stage.steps),
    )
    run = {"kernel_size": options.kernel_size, "crop": options.crop, "seed": options.seed}
    run |= {"policy": options.policy, "model": options.model, "start": start}
    run |= {"simulated": options.simulated}
    run |= asdict(stage)
    fit(model, source, schedule, out=out, run=run, validate=lambda _: mean_jsc(predictor, some))
    if "val" in stage.parts:
        save({})
    else:
        scores = mean_jsc(predictor, held)
        print(scores)
        save({"validation": scores})


if __name__ == "__main__":
    main()
