"""Train maskrcnn-efficientnet_lite0-em-v1: particles that may lie over one another.

    OUT=runs/maskrcnn-efficientnet_lite0-em-v1
    python benchmarks/recipes/maskrcnn_em.py --data $NANOZOO_DATA --out $OUT
    python benchmarks/choose_detection.py --data $NANOZOO_DATA --checkpoint $OUT/3

The encoder starts from unet-efficientnet_lite0-em-v1, which saw the same training images. Over
half of the first stage's crops are of real micrographs, the others simulated: scenes of every
kind, scenes whose particles lie over one another, and the training part of
splits/overlap_simulated.csv, because no real dataset that may be trained on says where one
particle ends under another.
The second stage starts from the weights of the first, sees more of these, and takes only
proposals that agree better with a particle for one (https://doi.org/10.1109/CVPR.2018.00644):
with 0.5 a box around two particles over one another counts as either. The third goes on in the
same way, with new scenes. Hardware, time and scores stand in the checkpoint's card. An
interrupted run goes on from its saved state.
"""

from __future__ import annotations

import argparse
import itertools
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from nanozoo.data.geometry import Geometry
from nanozoo.data.instance_examples import InstanceImage, InstanceSource, load_instances
from nanozoo.data.photometry import Photometry
from nanozoo.data.samples import find_samples
from nanozoo.data.splits import select
from nanozoo.io.micrograph import normalise
from nanozoo.models.checkpoint import load_weights, save_checkpoint
from nanozoo.models.maskrcnn import build_maskrcnn
from nanozoo.synth import SceneConfig, random_config, simulate
from nanozoo.synth.families import FamilyScene, listed_scenes
from nanozoo.synth.presets import preset_modalities
from nanozoo.training.fit import Schedule, fit
from nanozoo.workflows.tasks import SMALL_HEADS

SPLITS = Path(__file__).parents[1] / "splits"
REAL = ("emps", "nanoshapes-tem")
STACKS = "overlap_simulated"
ENCODER = "unet-efficientnet_lite0-em-v1"
ARGUMENTS = {
    "num_classes": 2,
    "backbone": "efficientnet_lite0",
    **SMALL_HEADS,
    "anchor_sizes": (7, 16, 32, 64, 150),
    "anchor_ratios": (0.5, 1.0, 2.0),
    "rpn_pre_nms_top_n": 2000,
    "rpn_post_nms_top_n": 1500,
    "rpn_nms_thresh": 0.8,
    "box_nms_thresh": 0.7,
    "box_detections_per_img": 700,
    "box_batch_size_per_image": 128,
    "box_positive_fraction": 0.33,
}
# Crops hold fewer particles than images: the weights do not depend on these numbers.
IN_TRAINING = {"rpn_pre_nms_top_n": 500, "rpn_post_nms_top_n": 400}
# Seeds of simulated scenes; no validation or test part has seeds from here on.
FIRST_SEED, SEEDS_A_STAGE = 7_000_000, 100_000


@dataclass(frozen=True)
class Stage:
    """A part of the training.

    Args:
        steps: Optimizer steps.
        learning_rate: Highest learning rate; it falls to 0 along a cosine.
        box_iou: Overlap with a particle from which on a proposal is trained as one.
        shares: Share of the crops of each kind of image.
        new_stacks: Scenes of stacks beyond those of the committed training part.
    """

    steps: int
    learning_rate: float
    box_iou: float
    shares: dict[str, float]
    new_stacks: int = 0


STAGES = {
    1: Stage(
        6000,
        5e-4,
        0.5,
        {
            "emps": 0.45,
            "nanoshapes-tem": 0.15,
            "simulated": 0.1,
            "overlapping": 0.15,
            STACKS: 0.15,
        },
    ),
    2: Stage(
        4000,
        4e-4,
        0.6,
        {
            "emps": 0.35,
            "nanoshapes-tem": 0.1,
            "simulated": 0.05,
            "overlapping": 0.2,
            STACKS: 0.3,
        },
    ),
    3: Stage(
        2500,
        4e-4,
        0.6,
        {
            "emps": 0.4,
            "nanoshapes-tem": 0.1,
            "simulated": 0.05,
            "overlapping": 0.15,
            STACKS: 0.3,
        },
        new_stacks=1200,
    ),
}


def overlapping_config(seed: int, shape: tuple[int, int]) -> SceneConfig:
    """Transmission micrographs of particles that lie over one another, up to three deep."""
    rng = np.random.default_rng(seed)
    modality = str(rng.choice(("bf-tem", "bf-tem", "bf-stem", "haadf-stem", "laadf-stem")))
    diameter = float(np.exp(rng.uniform(np.log(10.0), np.log(110.0))))
    drawn = random_config(rng, shape=shape, modality=modality)
    least = 3 * 0.7854 * diameter**2 / (shape[0] * shape[1])
    return replace(
        drawn,
        overlap="free",
        mean_diameter=diameter,
        cluster_size=float(np.exp(rng.uniform(np.log(2.0), np.log(40.0)))),
        coverage=float(rng.uniform(least, max(0.6, 1.5 * least))),
        contrast=float(rng.uniform(0.2, 0.8)),
        grain=min(drawn.grain, 0.15),
    )


def simulated(first: int, count: int, shape: tuple[int, int] = (448, 448)) -> list[InstanceImage]:
    """Scenes of every kind from a seed on, and as many of overlapping particles."""
    images = []
    for seed in range(first, first + count):
        for dataset, config in (
            ("simulated", random_config(seed, shape=shape)),
            ("overlapping", overlapping_config(seed + count, shape)),
        ):
            scene = simulate(config, seed)
            image = normalise(scene.pixels)
            images.append(InstanceImage(image, scene.instances, dataset, f"{dataset}-{seed}"))
    return images


def stacks(count: int, first: int, new: int) -> list[InstanceImage]:
    """Pairs and triples over one another.

    `count` scenes of the committed training part (every second, third, ... where it has so many)
    and `new` ones with seeds from `first` on.
    """
    listed = listed_scenes(SPLITS / f"{STACKS}.csv", "train")
    rows = listed[:: max(len(listed) // count, 1)][:count]
    modalities = itertools.cycle(preset_modalities("stacks"))
    rows += [
        FamilyScene(f"stacks-{seed}", "train", "stacks", modality, seed)
        for seed, modality in zip(range(first, first + new), modalities)
    ]
    images = []
    for row in rows:
        scene = row.simulate()
        images.append(InstanceImage(normalise(scene.pixels), scene.instances, STACKS, row.name))
    return images


def real(data: Path) -> list[InstanceImage]:
    """Micrographs of the training part of every dataset that is trained on."""
    return [
        load_instances(sample)
        for dataset in REAL
        for sample in select(find_samples(data / dataset), SPLITS / f"{dataset}.csv", "train")
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Go through the stages, going on from saved states, and write a checkpoint after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--stages", type=int, nargs="+", choices=STAGES, default=list(STAGES))
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--crop", type=int, default=256)
    parser.add_argument("--scenes", type=int, default=400, help="simulated scenes of each kind")
    parser.add_argument("--round-steps", type=int, default=250)
    parser.add_argument("--policy", choices=("float32", "mixed_bfloat16"), default="float32")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)

    keras.config.set_dtype_policy(options.policy)
    for number in options.stages:
        keras.utils.set_random_seed(options.seed)
        run(number, options)


def run(number: int, options: argparse.Namespace) -> None:
    """Train one stage."""
    stage, out = STAGES[number], options.out / str(number)
    arguments = ARGUMENTS | dict.fromkeys(
        ("box_fg_iou_thresh", "box_bg_iou_thresh"), stage.box_iou
    )
    model = build_maskrcnn(
        (options.crop, options.crop, 1),
        **(arguments | IN_TRAINING),
        weights_backbone=ENCODER,
        seed=options.seed,
    )
    if number > 1:
        load_weights(model, options.out / str(number - 1))
    first = FIRST_SEED + SEEDS_A_STAGE * (number - 1)
    source = InstanceSource(
        [
            *real(options.data),
            *simulated(first, options.scenes),
            *stacks(options.scenes, first, stage.new_stacks),
        ],
        crop=options.crop,
        seed=options.seed + number - 1,
        shares=stage.shares,
        geometry=Geometry(scale=(0.35, 1.4)),
        photometry=Photometry(invert=0.2),
        limit=500,
        mask_side=28,
    )

    def save() -> None:
        save_checkpoint(
            model,
            out,
            name=options.out.name,
            builder="maskrcnn",
            arguments=arguments,
            notes={"stage": number, "seed": options.seed, **asdict(stage)},
        )

    def after_round(_: keras.Model) -> dict[str, float]:
        save()
        return {}

    schedule = Schedule(
        steps=stage.steps,
        batch_size=options.batch_size,
        learning_rate=stage.learning_rate,
        warmup=300,
        clip_norm=10.0,
        round_steps=options.round_steps,
    )
    run = {"crop": options.crop, "scenes": options.scenes, "seed": options.seed}
    run |= {"policy": options.policy, **asdict(stage)}
    fit(model, source, schedule, out=out, run=run, validate=after_round)


if __name__ == "__main__":
    main()
