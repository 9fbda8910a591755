"""Our Mask R-CNN as a process that `bench_speed.py` talks to, on the KERAS_BACKEND."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from speed_detection import ANCHOR_SIZES, LEARNING_RATE, LIMITS, MOMENTUM, NUM_CLASSES, Case
from speed_protocol import read_arguments, serve

POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}


def main() -> None:
    """Build the model with torchvision's weights; predict or train when asked to."""
    arguments = read_arguments()
    import keras

    from nanozoo.core.instances import Instances
    from nanozoo.core.weights import load_torch_state_dict
    from nanozoo.data.truth import encode_truth, stack_truth
    from nanozoo.models.maskrcnn import build_maskrcnn
    from nanozoo.training.fused import fuse_normalisation

    case = Case(*(arguments[name] for name in ("side", "train_side", "instances")))
    keras.utils.set_random_seed(0)
    on_keras = arguments["engine"] == "keras"
    keras.config.set_dtype_policy(POLICIES[arguments["precision"] if on_keras else "float32"])

    def build(pixels: int) -> keras.Model:
        shape = (pixels, pixels, 3)
        model = build_maskrcnn(shape, NUM_CLASSES, anchor_sizes=ANCHOR_SIZES, **LIMITS)
        load_torch_state_dict(model, case.state())
        optimizer = keras.optimizers.SGD(LEARNING_RATE, MOMENTUM)
        fuse_normalisation(model)
        model.compile(optimizer, jit_compile=arguments["jit"])
        return model

    detector, image = build(case.side), case.image()
    engine, precision = arguments["engine"], arguments["precision"]

    @cache
    def training():
        limit = case.instances
        truth = stack_truth(
            encode_truth(
                Instances.from_stack(item["masks"] > 0, item["labels"]), limit, NUM_CLASSES
            )
            for item in case.truth()
        )
        return build(case.train_side), case.batch(), truth

    run = (
        detector.predict_on_batch if engine == "keras" else on_engine(detector, engine, precision)
    )

    def predict() -> dict[str, np.ndarray]:
        found = run(image)
        return {name: value[0][found["valid"][0]] for name, value in found.items()}

    def train() -> float:
        model, images, truth = training()
        return float(model.train_on_batch(images, truth, return_dict=True)["loss"])

    if engine != "keras":
        serve(f"nanozoo, {engine} {precision}", {"predict": predict})
        return
    backend = keras.backend.backend()
    version = __import__(backend).__version__
    serve(f"nanozoo, {backend} {version} {precision}", {"predict": predict, "train": train})


def on_engine(model, engine: str, precision: str) -> Callable[[np.ndarray], dict[str, np.ndarray]]:
    """Write a network as a file, and open that."""
    from nanozoo.engines.export.formats import FORMATS

    kind = FORMATS[engine]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / kind.file
        kind.write(model, path, precision, iter(()))
        return kind.open(path, precision)


if __name__ == "__main__":
    main()
