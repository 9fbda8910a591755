"""Gathering rows of batched tensors."""

from __future__ import annotations

from keras import ops


def take_rows(values, indices):
    """Take rows along axis 1, other ones for each image of the batch.

    One gather on the flattened batch, which is quick on TensorFlow and on JAX, compiled or not.

    Args:
        values: `(B, N, ...)`.
        indices: `(B, ...)` integers in [0, N).

    Returns:
        `(B, ..., ...)`: the shape of `indices`, then that of a row.
    """
    shape = ops.shape(values)
    batch, count = shape[0], shape[1]
    flat = ops.reshape(values, (-1, *values.shape[2:]))
    offsets = ops.arange(batch, dtype="int32") * count
    offsets = ops.reshape(offsets, (-1, *[1] * (len(indices.shape) - 1)))
    return ops.take(flat, ops.cast(indices, "int32") + offsets, axis=0)


def pad_rows(values, count: int):
    """Append rows of zeros to `(B, N, ...)` until there are at least `count`."""
    missing = count - values.shape[1]
    if missing <= 0:
        return values
    return ops.pad(values, [[0, 0], [0, missing], *[[0, 0]] * (len(values.shape) - 2)])
