"""RoIAlign: features of a box, interpolated on a regular grid, from one or several levels."""

from __future__ import annotations

from keras import ops

from nanozoo.ops.boxes import box_area


def assign_levels(
    boxes,
    coarsest: int = 5,
    finest: int = 2,
    *,
    canonical_level: int = 4,
    canonical_side: float = 224.0,
):
    """Level of the pyramid that a box is read from, by its size.

    Args:
        boxes: `(..., 4)` float32 `xyxy`, px.
        coarsest: Largest level.
        finest: Smallest level.
        canonical_level: Level of a square box with sides of `canonical_side` px.
        canonical_side: See there.

    Returns:
        `(...)` int32 in [finest, coarsest].

    References:
        Lin et al. 2017, https://doi.org/10.1109/CVPR.2017.106
    """
    side = ops.maximum(ops.sqrt(ops.maximum(box_area(boxes), 0.0)), 1e-6)
    level = ops.floor(canonical_level + ops.log2(side / canonical_side) + 1e-6)
    return ops.cast(ops.clip(level, finest, coarsest), "int32")


def roi_align(features, boxes, size: int, *, scale=1.0, sampling_ratio=2, aligned=False):
    """Read boxes from one feature map; arguments as in `multilevel_roi_align`.

    Args:
        features: `(B, H, W, C)`.
        boxes: `(B, N, 4)` float32 `xyxy`, px of the image.
        size: Side S of the result.
        scale: Cells of the map per px of the image.
        sampling_ratio: Samples a bin along each axis.
        aligned: Whether cell centres lie at half coordinates.

    Returns:
        `(B, N, S, S, C)`, of the type of `features`.
    """
    levels = ops.zeros_like(boxes[..., 0], dtype="int32")
    return multilevel_roi_align(
        [features],
        [(scale, scale)],
        boxes,
        levels,
        size,
        sampling_ratio=sampling_ratio,
        aligned=aligned,
    )


def multilevel_roi_align(
    features, scales, boxes, levels, size: int, *, sampling_ratio: int = 2, aligned: bool = False
):
    """Read each box from its level of a pyramid.

    Bins are averages of `sampling_ratio`² bilinear samples. A sample more than a cell outside
    the map is 0, one less outside is moved to the border. Without `aligned` a box is at least a
    cell wide and high and lies half a cell too far to the lower right, as in the first release.

    Args:
        features: Maps `(B, H_l, W_l, C)`, from fine to coarse.
        scales: Of each map, cells per px along y and along x.
        boxes: `(B, N, 4)` float32 `xyxy`, px of the image.
        levels: `(B, N)` int32, index into `features`.
        size: Side S of the result.
        sampling_ratio: Samples a bin along each axis.
        aligned: Whether cell centres lie at half coordinates.

    Returns:
        `(B, N, S, S, C)`, of the type of `features`.

    References:
        He et al. 2017, https://doi.org/10.1109/ICCV.2017.322
    """
    channels, dtype = features[0].shape[-1], features[0].dtype
    heights = [ops.shape(item)[1] for item in features]
    widths = [ops.shape(item)[2] for item in features]
    starts = [0]
    for height, width in zip(heights, widths):
        starts.append(starts[-1] + height * width)
    cells = ops.concatenate(
        [
            ops.reshape(item, (-1, h * w, channels))
            for item, h, w in zip(features, heights, widths)
        ],
        axis=1,
    )
    batch = ops.arange(ops.shape(boxes)[0], dtype="int32")[:, None] * starts[-1]
    first = batch + ops.take(ops.convert_to_tensor(starts[:-1], "int32"), levels)
    height = ops.take(ops.convert_to_tensor(heights, "int32"), levels)
    width = ops.take(ops.convert_to_tensor(widths, "int32"), levels)
    scales = ops.convert_to_tensor(scales, "float32")
    along_y = ops.take(scales[:, 0], levels)
    along_x = ops.take(scales[:, 1], levels)

    grid = size, sampling_ratio, aligned
    rows = _samples(boxes[..., 1] * along_y, boxes[..., 3] * along_y, height, *grid)
    columns = _samples(boxes[..., 0] * along_x, boxes[..., 2] * along_x, width, *grid)
    cells = ops.reshape(cells, (-1, channels))
    total = 0.0
    for i in range(sampling_ratio):
        for j in range(sampling_ratio):
            y_index, y_weight = (part[:, :, :, None, i, :, None] for part in rows)
            x_index, x_weight = (part[:, :, None, :, j, None, :] for part in columns)
            index = first[:, :, None, None, None, None] + x_index
            index = index + y_index * width[:, :, None, None, None, None]
            weight = ops.cast(y_weight * x_weight, dtype)
            index = ops.reshape(index, (-1, ops.shape(boxes)[1], size, size, 4))
            weight = ops.reshape(weight, (-1, ops.shape(boxes)[1], size, size, 1, 4))
            total = total + ops.matmul(weight, ops.take(cells, index, axis=0))
    return total[..., 0, :] / sampling_ratio**2


def _samples(start, end, limit, size: int, sampling_ratio: int, aligned: bool):
    """Cells and weights of the samples along one axis.

    Args:
        start: `(B, N)` first edge of the boxes, cells.
        end: `(B, N)` last edge, cells.
        limit: `(B, N)` int32 cells of the map along the axis.
        size: Bins, S.
        sampling_ratio: Samples a bin, R.
        aligned: As in `multilevel_roi_align`.

    Returns:
        `(B, N, S, R, 2)` int32 cells, and as many float32 weights.
    """
    if aligned:
        start, end = start - 0.5, end - 0.5
        extent = end - start
    else:
        extent = ops.maximum(end - start, 1.0)
    steps = ops.arange(size, dtype="float32")[:, None]
    steps = steps + (ops.arange(sampling_ratio, dtype="float32") + 0.5) / sampling_ratio
    place = start[..., None, None] + steps * (extent / size)[..., None, None]
    last = ops.cast(limit, "float32")[..., None, None]
    inside = ops.logical_and(place >= -1.0, place <= last)
    place = ops.clip(place, 0.0, last - 1.0)
    low = ops.floor(place)
    high = ops.minimum(low + 1.0, last - 1.0)
    fraction = place - low
    cells = ops.cast(ops.stack([low, high], axis=-1), "int32")
    weights = ops.stack([1.0 - fraction, fraction], axis=-1)
    return cells, ops.where(inside[..., None], weights, 0.0)
