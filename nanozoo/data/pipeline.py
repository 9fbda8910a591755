"""The `tf.data` pipeline, and the same examples as a `keras.utils.PyDataset`."""

from __future__ import annotations

import importlib.util
from typing import Any, Protocol

import keras
import numpy as np


class Source(Protocol):
    """What training examples are drawn from; example number `i` is always the same."""

    signature: tuple[tuple[str, tuple[int, ...]], ...]

    def example(self, index: int) -> tuple[np.ndarray, ...]:
        """Arrays of one example, of the types and shapes in `signature`."""

    def pack(self, *arrays) -> tuple[Any, Any]:
        """Image and target as a model takes them, of one example or of a batch."""

    def names(self, index: int) -> str:
        """Image that example `index` is cut from."""


def batch_of(source: Source, number: int, size: int) -> tuple[Any, Any]:
    """Batch `number` of `size` examples: images and targets as a model takes them."""
    examples = [source.example(number * size + offset) for offset in range(size)]
    return source.pack(*(np.stack(part) for part in zip(*examples)))


def tf_pipeline(source: Source, batch_size: int, steps: int, *, start: int = 0):
    """Make a `tf.data.Dataset` of `steps` batches with static shapes.

    Images were decoded and cached when `source` was made; crops are drawn in
    parallel, in a fixed order, and prefetched.

    Args:
        source: The examples.
        batch_size: Examples a batch.
        steps: Number of batches.
        start: Number of the first batch, to go on where a run stopped.

    Returns:
        Dataset of `(images, targets)`, shapes as in the source's `signature`.
    """
    import tensorflow as tf

    types = [getattr(tf, dtype) for dtype, _ in source.signature]

    def load(index):
        parts = tf.numpy_function(source.example, [index], types, stateful=False)
        shapes = (shape for _, shape in source.signature)
        return source.pack(*(tf.ensure_shape(part, shape) for part, shape in zip(parts, shapes)))

    indices = tf.data.Dataset.range(start * batch_size, (start + steps) * batch_size)
    examples = indices.map(load, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    return examples.batch(batch_size, drop_remainder=True).prefetch(tf.data.AUTOTUNE)


class ExampleDataset(keras.utils.PyDataset):
    """The examples of `tf_pipeline` for machines without tensorflow.

    Args:
        source: The examples.
        batch_size: Examples a batch.
        steps: Number of batches.
        start: Number of the first batch.
        workers: Threads that prepare batches.
    """

    def __init__(
        self,
        source: Source,
        batch_size: int,
        steps: int,
        *,
        start: int = 0,
        workers: int = 1,
    ):
        super().__init__(workers=workers)
        self.source = source
        self.batch_size = batch_size
        self.steps = steps
        self.start = start

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, index: int):
        return batch_of(self.source, self.start + index, self.batch_size)


def input_pipeline(source: Source, batch_size: int, steps: int, *, start: int = 0):
    """Choose the pipeline for this machine: `tf.data` if tensorflow is there, else PyDataset."""
    pipeline = tf_pipeline if importlib.util.find_spec("tensorflow") else ExampleDataset
    return pipeline(source, batch_size, steps, start=start)
