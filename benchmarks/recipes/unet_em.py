"""Train unet-efficientnet_lite0-em-v1 (kernel 3), or a unet7 (kernel 7) on the same crops.

    python benchmarks/recipes/unet_em.py --kernel-size 3 --data $NANOZOO_DATA --out runs/unet
    python benchmarks/recipes/unet_em.py --kernel-size 7 --data $NANOZOO_DATA --out runs/unet7

Both see the same crops in the same order. Hardware, time and scores stand in the
checkpoint's card. An interrupted run goes on from its saved state.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from nanozoo.data.examples import ExampleSource, load_labelled
from nanozoo.data.geometry import Geometry
from nanozoo.data.samples import find_samples
from nanozoo.data.splits import select
from nanozoo.engines.predictor import Predictor
from nanozoo.models.checkpoint import save_checkpoint
from nanozoo.models.unet import build_unet
from nanozoo.training.fit import Schedule, fit

SPLITS = Path(__file__).parents[1] / "splits"
SHARES = {"emps": 0.65, "nanoshapes-tem": 0.15, "nanocomposite-sem": 0.20}


def samples(data: Path, part: str) -> list:
    """Samples of one part of every dataset that is trained on."""
    return [
        sample
        for dataset in SHARES
        for sample in select(find_samples(data / dataset), SPLITS / f"{dataset}.csv", part)
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


def main() -> None:
    """Train, validate after every round, and write the checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kernel-size", type=int, choices=(3, 5, 7, 9), default=3)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=3200)
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--crop", type=int, default=256)
    parser.add_argument("--round-steps", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--validate", type=int, default=15, help="images after every round")
    options = parser.parse_args()

    keras.utils.set_random_seed(options.seed)
    arguments = {
        "num_classes": 2,
        "backbone": "efficientnet_lite0",
        "kernel_size": options.kernel_size,
        "boundary": True,
    }
    model = build_unet((None, None, 1), **arguments, weights_backbone="imagenet")
    source = ExampleSource(
        [load_labelled(sample) for sample in samples(options.data, "train")],
        crop=options.crop,
        seed=options.seed,
        shares=SHARES,
        geometry=Geometry(scale=(0.35, 1.2)),
        boundary=True,
    )
    chosen = samples(options.data, "val")
    rng = np.random.default_rng(options.seed)
    some = [chosen[i] for i in rng.permutation(len(chosen))[: options.validate]]
    word = "unet" if options.kernel_size == 3 else f"unet{options.kernel_size}"

    def save(notes: dict) -> None:
        save_checkpoint(
            model,
            options.out,
            name=f"{word}-efficientnet_lite0-em-v1",
            builder="unet",
            arguments=arguments,
            notes={"steps": options.steps, "seed": options.seed, **notes},
        )

    save({})
    predictor = Predictor(options.out, model=model)
    schedule = Schedule(
        steps=options.steps, batch_size=options.batch_size, round_steps=options.round_steps
    )
    fit(model, source, schedule, out=options.out, validate=lambda _: mean_jsc(predictor, some))
    scores = mean_jsc(predictor, chosen)
    print(scores)
    save({"validation": scores})


if __name__ == "__main__":
    main()
