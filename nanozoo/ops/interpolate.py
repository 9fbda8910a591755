"""Bilinear samples on grids in a pyramid, averaged by bin: two ways with the same result.

Both take maps `(B, H_l, W_l, C)` from fine to coarse, the map of each box `(B, N)` int32, and its
samples along y and along x: places `(B, N, S, R)` float32 in cells of the map, and which of them
count, bool. Both return `(B, N, S, S, C)`, means of R x R samples, of the type of the maps.
"""

from __future__ import annotations

from keras import ops


def interpolate_by_cell(features, levels, rows, columns):
    """Gather the four cells around each sample: work grows with the number of samples."""
    channels, dtype = features[0].shape[-1], features[0].dtype
    sizes = [ops.shape(item)[1:3] for item in features]
    starts = [0]
    for height, width in sizes:
        starts.append(starts[-1] + height * width)
    cells = ops.concatenate(
        [ops.reshape(item, (-1, h * w, channels)) for item, (h, w) in zip(features, sizes)], axis=1
    )
    count, size, samples = rows[0].shape[1:]
    batch = ops.arange(ops.shape(levels)[0], dtype="int32")[:, None] * starts[-1]
    first = batch + ops.take(ops.convert_to_tensor(starts[:-1], "int32"), levels)
    height, width = (
        ops.take(ops.convert_to_tensor([size[axis] for size in sizes], "int32"), levels)
        for axis in (0, 1)
    )
    rows, columns = _corners(*rows, height), _corners(*columns, width)
    total = 0.0
    for i in range(samples):
        for j in range(samples):
            y_index, y_weight = (part[:, :, :, None, i, :, None] for part in rows)
            x_index, x_weight = (part[:, :, None, :, j, None, :] for part in columns)
            index = first[:, :, None, None, None, None] + x_index
            index = index + y_index * width[:, :, None, None, None, None]
            weight = ops.cast(y_weight * x_weight, dtype)
            index = ops.reshape(index, (-1, count, size, size, 4))
            weight = ops.reshape(weight, (-1, count, size, size, 1, 4))
            corners = ops.take(ops.reshape(cells, (-1, channels)), index, axis=0)
            total = total + ops.matmul(weight, corners)
    return total[..., 0, :] / samples**2


def _corners(place, counts, limit):
    """Cells `(B, N, S, R, 2)` int32 on both sides of samples along an axis, and their weights."""
    last = ops.cast(limit, "float32")[..., None, None] - 1.0
    low = ops.floor(place)
    cells = ops.stack([low, ops.minimum(low + 1.0, last)], axis=-1)
    weights = ops.stack([1.0 - (place - low), place - low], axis=-1)
    return ops.cast(cells, "int32"), ops.where(counts[..., None], weights, 0.0)


def interpolate_by_matrix(features, levels, rows, columns):
    """Multiply whole maps by a matrix along y and one along x: work grows with their size.

    The maps lie on one canvas, the finest above the others, so that two products are enough.
    """
    dtype, channels = features[0].dtype, features[0].shape[-1]
    canvas, tops, lefts = _canvas(features)
    height, width = canvas.shape[1:3]
    count, size = rows[0].shape[1:3]
    rows = _matrix(*rows, ops.take(tops, levels), height, dtype)
    columns = _matrix(*columns, ops.take(lefts, levels), width, dtype)
    rows = ops.reshape(rows, (-1, count * size, height))
    lines = ops.matmul(rows, ops.reshape(canvas, (-1, height, width * channels)))
    lines = ops.reshape(lines, (-1, count, size, width, channels))
    return ops.matmul(columns[:, :, None], lines)


def _canvas(features):
    """Maps on one canvas `(B, H, W, C)`, and their upper and left edges on it, float32."""
    first, others = features[0], features[1:]
    sides = [item.shape[1:3] for item in others]
    lefts = [sum(side[1] for side in sides[:n]) for n in range(len(sides))]
    tops = [first.shape[1]] * len(sides)
    if others:
        tall = max(side[0] for side in sides)
        below = ops.concatenate([_pad(item, tall, item.shape[2]) for item in others], axis=2)
        wide = max(first.shape[2], below.shape[2])
        pair = [_pad(first, first.shape[1], wide), _pad(below, tall, wide)]
        first = ops.concatenate(pair, axis=1)
    tops, lefts = (ops.convert_to_tensor([0, *edges], "float32") for edges in (tops, lefts))
    return first, tops, lefts


def _pad(values, height: int, width: int):
    """Add zeros below and to the right of `(B, H, W, C)`."""
    rows, columns = height - values.shape[1], width - values.shape[2]
    if not rows and not columns:
        return values
    return ops.pad(values, [[0, 0], [0, rows], [0, columns], [0, 0]])


def _matrix(place, counts, edge, side: int, dtype):
    """`(B, N, S, side)` weights of the canvas's cells for the means of samples along an axis."""
    place = place + edge[..., None, None]
    distance = ops.abs(place[..., None] - ops.arange(side, dtype="float32"))
    weights = ops.maximum(1.0 - distance, 0.0)
    return ops.cast(ops.mean(ops.where(counts[..., None], weights, 0.0), axis=3), dtype)
