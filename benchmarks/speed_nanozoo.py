"""Our Mask R-CNN as a process that `bench_speed.py` talks to, on the KERAS_BACKEND."""

from __future__ import annotations

import os
import sys

import numpy as np
from speed_case import LEARNING_RATE, LIMITS, MOMENTUM, NUM_CLASSES, Case, limit_threads, serve


def main() -> None:
    """Build the model and answer; arguments: side, side in training, instances, threads, jit."""
    side, train_side, instances, threads, jit = map(int, sys.argv[1:])
    limit_threads(threads)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    case = Case(side, train_side, instances)

    import keras
    from make_maskrcnn_reference import ANCHOR_SIZES

    from nanozoo.core.instances import Instances
    from nanozoo.core.weights import load_torch_state_dict
    from nanozoo.data.truth import encode_truth, stack_truth
    from nanozoo.models.maskrcnn import build_maskrcnn

    keras.utils.set_random_seed(0)
    state = case.state()

    def build(pixels: int) -> keras.Model:
        shape = (pixels, pixels, 3)
        model = build_maskrcnn(shape, NUM_CLASSES, anchor_sizes=ANCHOR_SIZES, **LIMITS)
        load_torch_state_dict(model, state)
        optimizer = keras.optimizers.SGD(LEARNING_RATE, MOMENTUM)
        model.compile(optimizer, jit_compile=bool(jit))
        return model

    detector, trained = build(side), build(train_side)
    image, images = case.image(), case.batch()
    truth = stack_truth(
        encode_truth(
            Instances.from_stack(item["masks"] > 0, item["labels"]), instances, NUM_CLASSES
        )
        for item in case.truth()
    )

    def predict() -> dict[str, np.ndarray]:
        found = detector.predict_on_batch(image)
        return {name: value[0][found["valid"][0]] for name, value in found.items()}

    def train() -> float:
        return float(trained.train_on_batch(images, truth, return_dict=True)["loss"])

    backend = keras.backend.backend()
    version = __import__(backend).__version__
    print(f"nanozoo, Keras {keras.__version__}, {backend} {version}", flush=True)
    serve(predict, train)


if __name__ == "__main__":
    main()
