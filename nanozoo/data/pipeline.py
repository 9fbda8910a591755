"""The `tf.data` pipeline, and the same examples as a `keras.utils.PyDataset`."""

from __future__ import annotations

import keras

from nanozoo.data.examples import ExampleSource


def tf_pipeline(source: ExampleSource, batch_size: int, steps: int, *, start: int = 0):
    """Make a `tf.data.Dataset` of `steps` batches with static shapes.

    Images were decoded and cached when `source` was made; crops are drawn in
    parallel, in a fixed order, and prefetched.

    Args:
        source: The examples.
        batch_size: Examples a batch.
        steps: Number of batches.
        start: Number of the first batch, to go on where a run stopped.

    Returns:
        Dataset of `(images, targets)`, shapes as in `ExampleSource.example`.
    """
    import tensorflow as tf

    side = source.crop

    def load(index):
        image, classes, edges = tf.numpy_function(
            source.example, [index], (tf.float32, tf.int32, tf.float32), stateful=False
        )
        image = tf.ensure_shape(image, (side, side, source.channels))
        classes = tf.ensure_shape(classes, (side, side))
        edges = tf.ensure_shape(edges, (side, side, 1))
        return image, source.targets(classes, edges)

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
        source: ExampleSource,
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
        return self.source.batch(self.start + index, self.batch_size)


def input_pipeline(source: ExampleSource, batch_size: int, steps: int, *, start: int = 0):
    """Choose the pipeline for this machine: `tf.data` if tensorflow is there, else PyDataset."""
    import importlib.util

    pipeline = tf_pipeline if importlib.util.find_spec("tensorflow") else ExampleDataset
    return pipeline(source, batch_size, steps, start=start)
