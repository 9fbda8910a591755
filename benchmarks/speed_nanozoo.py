"""A network of ours on one engine as a process that `bench_speed.py` talks to."""

from __future__ import annotations

from functools import cache

import numpy as np
from speed_protocol import read_arguments, serve
from speed_training import CLASSES, LEARNING_RATE, batch


def main() -> None:
    """Open the engine; predict, find particles or train when asked to."""
    arguments = read_arguments()
    from nanozoo.checkpoints.config import open_checkpoint
    from nanozoo.engines.runtimes.base import open_engine

    engine_name, precision = arguments["engine"], arguments["precision"]
    image = np.load(arguments["image"])
    name = f"nanozoo, {engine_name} {precision}"
    if arguments.get("particles"):
        from nanozoo.engines.predictor import Predictor

        predictor = Predictor(arguments["checkpoint"], engine=engine_name, precision=precision)

        def particles() -> int:
            return len(predictor.segment(image[0, ..., 0]).instances)

        serve(name, {"predict": particles})
        return
    engine = open_engine(engine_name, open_checkpoint(arguments["checkpoint"]), precision)

    def predict() -> dict[str, np.ndarray]:
        return engine.run(image)

    tasks = {"predict": predict}
    if arguments.get("new") and engine_name == "keras":
        policy = {"float32": "float32", "bfloat16": "mixed_bfloat16"}[precision]
        tasks["train"] = lambda: training(arguments["new"], policy)()
    serve(name, tasks)


@cache
def training(model_name: str, policy: str):
    """Function that makes a training step and returns the loss."""
    import keras

    import nanozoo.models  # noqa: F401  (fills the registry)
    from nanozoo.core.registry import MODELS
    from nanozoo.engines.runtimes.keras_engine import dtype_policy
    from nanozoo.training.fused import fuse_normalisation

    images, labels = batch()
    keras.utils.set_random_seed(0)
    with dtype_policy(policy):
        model = MODELS.get(model_name)(images.shape[1:], CLASSES, activation=None)
        fuse_normalisation(model)
        model.compile(
            keras.optimizers.AdamW(LEARNING_RATE),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            jit_compile=False,
        )
    return lambda: float(model.train_on_batch(images, labels))


if __name__ == "__main__":
    main()
