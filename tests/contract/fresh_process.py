"""Run in a process of its own: reload what a test saved, run it, cut it, train it.

`python fresh_process.py FOLDER...` reads `model.keras` and `image.npy` of every folder, and
`truth.npz` of a detector, and writes `<backend>.npz`: outputs, every level cut out, and the
loss before and after compiled training. The backend is the one in KERAS_BACKEND.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import keras
import numpy as np

import nanozoo.models  # noqa: F401  (registers the layers)


def run(folder: Path) -> None:
    """Do everything for one saved model."""
    model = keras.saving.load_model(folder / "model.keras", compile=False)
    image = np.load(folder / "image.npy")
    results = {f"output/{k}": v for k, v in _named(_predict(model, image)).items()}

    levels = [
        layer.name for layer in model.layers if layer.name[0] in "CP" and layer.name[1:].isdigit()
    ]
    for pair in itertools.combinations(levels, 2):
        cut = keras.Model(model.input, {name: model.get_layer(name).output for name in pair})
    for name, value in _named(_predict(cut, image)).items():
        results[f"cut/{name}"] = value
    results["levels"] = np.array(levels)

    if keras.backend.backend() == "jax":
        truth = folder / "truth.npz"
        trained = _train_detector(model, truth) if truth.exists() else _train(model, image)
        results["losses"] = trained
    np.savez(folder / f"{keras.backend.backend()}.npz", **results)


def _named(result) -> dict[str, np.ndarray]:
    named = result if isinstance(result, dict) else {"output": result}
    return {name: np.asarray(value) for name, value in named.items()}


def _predict(model: keras.Model, image: np.ndarray):
    """Compiled on JAX; as it was called before saving on TensorFlow, to be bit-equal."""
    if keras.backend.backend() != "jax":
        return model(image, training=False)
    model.compile(jit_compile=True)
    return model.predict_on_batch(image)


def _train(model: keras.Model, image: np.ndarray) -> np.ndarray:
    """Loss before and after a compiled step, too short to overshoot.

    It goes towards 1 in the first channel and 0 in the others, by the logits where there are any:
    probabilities that are 0 and 1 have no gradient. Seeds and spectral norms are as before in the
    second step, so that the losses can be compared.
    """
    logits = [layer.output for layer in model.layers if layer.name.endswith("logits")]
    output = logits[0] if logits else model.outputs[-1]
    maps = len(output.shape) == 4
    pooled = keras.layers.GlobalAveragePooling2D(name="pool")(output) if maps else output
    trained = keras.Model(model.input, pooled)
    trained.compile(keras.optimizers.SGD(1e-2, global_clipnorm=0.1), "mse", jit_compile=True)
    target = np.zeros((len(image), output.shape[-1]), np.float32)
    target[:, 0] = 1
    state = [(variable, np.array(variable)) for variable in trained.non_trainable_variables]
    losses = []
    for _ in range(2):
        for variable, value in state:
            variable.assign(value)
        losses.append(float(trained.train_on_batch(image, target)))
    return np.array(losses)


def _train_detector(model: keras.Model, path: Path) -> np.ndarray:
    """Loss before, and mean loss after ten compiled steps, because samples differ by step."""
    with np.load(path) as stored:
        truth = {name: stored[name] for name in stored.files}
    images = truth.pop("images")
    model.compile(keras.optimizers.SGD(5e-3, global_clipnorm=1.0), jit_compile=True)
    losses = [model.train_on_batch(images, truth, return_dict=True)["loss"] for _ in range(13)]
    return np.array([float(losses[0]), float(np.mean(losses[10:]))])


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        run(Path(argument))
