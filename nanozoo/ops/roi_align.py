"""RoIAlign: features of a box, interpolated on a regular grid, from one or several levels."""

from __future__ import annotations

from keras import ops

from nanozoo.ops.boxes import box_area
from nanozoo.ops.interpolate import interpolate_by_cell, interpolate_by_matrix

# Maps of at most so many cells a bin of the result's side are read by matrix products: they take
# half the time of gathers, or less where gradients flow. On larger maps they would take more.
CELLS_PER_BIN = 1200


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
    heights = [ops.shape(item)[1] for item in features]
    widths = [ops.shape(item)[2] for item in features]
    height = ops.take(ops.convert_to_tensor(heights, "int32"), levels)
    width = ops.take(ops.convert_to_tensor(widths, "int32"), levels)
    scales = ops.convert_to_tensor(scales, "float32")
    along_y = ops.take(scales[:, 0], levels)
    along_x = ops.take(scales[:, 1], levels)
    grid = size, sampling_ratio, aligned
    rows = _places(boxes[..., 1] * along_y, boxes[..., 3] * along_y, height, *grid)
    columns = _places(boxes[..., 0] * along_x, boxes[..., 2] * along_x, width, *grid)
    sides = [side for item in features for side in item.shape[1:3]]
    known = None not in sides
    if known and sum(h * w for h, w in zip(heights, widths)) <= CELLS_PER_BIN * size:
        return interpolate_by_matrix(features, levels, rows, columns)
    return interpolate_by_cell(features, levels, rows, columns)


def _places(start, end, limit, size: int, sampling_ratio: int, aligned: bool):
    """Where the samples lie along one axis.

    Args:
        start: `(B, N)` first edge of the boxes, cells.
        end: `(B, N)` last edge, cells.
        limit: `(B, N)` int32 cells of the map along the axis.
        size: Bins, S.
        sampling_ratio: Samples a bin, R.
        aligned: As in `multilevel_roi_align`.

    Returns:
        `(B, N, S, R)` float32 in [0, limit - 1], cells, and as many bool, which samples count.
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
    return ops.clip(place, 0.0, last - 1.0), inside
