"""The contract: each check is a function of one case and fails with an AssertionError."""

from __future__ import annotations

import doctest
import inspect
import math

import keras
import numpy as np
import pytest
from cases import Case, outputs_of, random_images

from nanozoo.core.errors import UserError
from nanozoo.core.registry import Entry


def _padded(side: int) -> int:
    return 32 * math.ceil(side / 32)


def _expected_size(case: Case, name: str, height: int, width: int) -> tuple[int, int]:
    if case.is_model:
        return height, width
    stride = 2 ** int(name[1:])
    return _padded(height) // stride, _padded(width) // stride


def check_static_shapes(case: Case) -> None:
    """A fixed image size gives outputs of known shape, and the run agrees."""
    shape = (50, 77, 3)
    model = case.build(shape)
    static = model.output if isinstance(model.output, dict) else {"output": model.output}
    actual = outputs_of(model(random_images((2, *shape)), training=False))
    for name, tensor in static.items():
        assert tuple(tensor.shape[1:]) == actual[name].shape[1:], name
        if case.has_maps:
            assert actual[name].shape[1:3] == _expected_size(case, name, *shape[:2]), name
    if not case.is_model:
        assert set(static) >= {"C1", "C2", "C3", "C4", "C5"}


def check_finite(case: Case) -> None:
    """Outputs are finite on random, constant and zero images of 1 and 3 channels."""
    for channels in (1, 3):
        model = case.build((32, 32, channels))
        shape = (32, 32, channels)
        images = np.stack([random_images(shape), np.full(shape, 0.5), np.zeros(shape)])
        for batch, training in ((images, False), (images[1:2], True), (images[2:], True)):
            for name, value in outputs_of(model(batch, training=training)).items():
                assert np.isfinite(value).all(), (name, channels, training)


def check_variable_size(case: Case) -> None:
    """One compiled model takes images of any size and gives what a model of that size gives.

    What draws images of one size says so.
    """
    if case.has_one_size:
        with pytest.raises(UserError, match="input_shape"):
            case.build((None, None, 1))
        return
    flexible = case.build_shaken((None, None, 1))
    fixed = case.build((33, 50, 1))
    fixed.set_weights(flexible.get_weights())
    for size in ((33, 50), (64, 96)):
        image = random_images((1, *size, 1))
        got = outputs_of(flexible.predict_on_batch(image))
        for name, value in got.items() if case.has_maps else ():
            assert value.shape[1:3] == _expected_size(case, name, *size), name
        if size == (33, 50):
            for name, wanted in outputs_of(fixed(image, training=False)).items():
                _assert_close(got[name], wanted, 1e-5, name)


def check_training(case: Case) -> None:
    """A step moves every trainable variable; two images are overfitted but by a GAN.

    Models are compiled by XLA; backbones alone are not, to save the time: they are
    compiled inside the models, and by JAX in `fresh_process.py`. The places that a detector is
    sampled at change with its proposals, and so does the noise of an autoencoder: they take three
    times the steps, at a rate that falls to 0.
    """
    model, images, labels = case.build_trainable()
    before = [variable.numpy() for variable in model.trainable_variables]
    steps, optimizer = 30, keras.optimizers.SGD(0.05, momentum=0.9)
    if case.loss is None or case.wants_adam:
        steps = 90
        careful = case.is_detector or case.wants_adam
        rate = 1e-2 if not careful else 1e-3 if case.is_model else 1e-4
        optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(rate, steps))
    model.compile(optimizer, case.loss, jit_compile=case.is_model)
    first = model.train_on_batch(images, labels, return_dict=True)["loss"]
    for variable, old in zip(model.trainable_variables, before):
        assert not np.array_equal(variable.numpy(), old), f"{variable.path} did not move"
    if case.is_gan:
        return
    for _ in range(steps):
        last = model.train_on_batch(images, labels, return_dict=True)["loss"]
    assert last < 0.25 * first, (first, last)


def check_jit(case: Case) -> None:
    """A prediction compiled by XLA equals the uncompiled one."""
    model = case.build_shaken()
    image = random_images((2, 64, 64, 1))
    wanted = outputs_of(model(image, training=False))
    model.compile(jit_compile=True)
    for name, value in outputs_of(model.predict_on_batch(image)).items():
        _assert_close(value, wanted[name], 1e-4, name)


def check_mixed_precision(case: Case) -> None:
    """Under a mixed policy the variables and the heads stay float32 and the rest does not."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = case.build()
    finally:
        keras.config.set_dtype_policy(before)
    for variable in model.weights:
        assert variable.dtype == "float32", variable.path
    bare = [getattr(layer, "layer", layer) for layer in model.layers]
    convolutions = [layer for layer in bare if isinstance(layer, keras.layers.Conv2D)]
    assert convolutions and all(layer.compute_dtype == "bfloat16" for layer in convolutions)
    if case.is_model:
        counted = {"labels", "valid"} if case.is_detector else set()
        outputs = model.output if isinstance(model.output, dict) else {"output": model.output}
        for name, tensor in outputs.items():
            assert tensor.dtype == "float32" or name in counted, (name, tensor.dtype)
    for value in outputs_of(model(random_images((1, 64, 64, 1)), training=False)).values():
        assert np.isfinite(value).all()


def check_seeded(case: Case) -> None:
    """The same seed gives the same weights after a training step."""
    results = []
    for _ in range(2):
        model, images, labels = case.build_trainable()
        model.compile("sgd", case.loss, run_eagerly=True)
        model.train_on_batch(images, labels)
        results.append(model.get_weights())
    for first, second in zip(*results):
        np.testing.assert_array_equal(first, second)


def check_docstring(entry: Entry) -> None:
    """The docstring has every section and argument, and its example runs."""
    text = inspect.getdoc(entry.obj) or ""
    for section in ("Args:", "Returns:", "Raises:", "Example:", "References:"):
        assert f"\n{section}\n" in text, f"{entry.name} has no section {section}"
    assert text.split("\n")[0].endswith("."), f"{entry.name}: no sentence at the top"
    assert entry.reference, f"{entry.name} has no reference"
    for argument in inspect.signature(entry.obj).parameters:
        assert f"\n    {argument}: " in text, f"{entry.name}: {argument} is not described"
    module = inspect.getmodule(entry.obj)
    examples = doctest.DocTestParser().get_doctest(
        text, dict(vars(module)), entry.name, module.__file__, 0
    )
    assert examples.examples, f"{entry.name} has no example"
    report: list[str] = []
    failures = doctest.DocTestRunner(verbose=False).run(examples, out=report.append).failed
    assert not failures, "\n".join(report)


def _assert_close(value: np.ndarray, wanted: np.ndarray, tolerance: float, name: str) -> None:
    error = np.abs(value - wanted).max() / max(1.0, float(np.abs(wanted).max()))
    assert error <= tolerance, (name, float(error))
