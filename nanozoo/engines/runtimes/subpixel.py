"""Enlarge and convolve in one step: a transposed convolution with a kernel of 4/9 of the work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import openvino


def fold_upsampling(model: openvino.Model) -> None:
    """Replace convolutions of maps that are doubled in size by transposed ones of small maps.

    A pixel that is repeated meets several weights of the kernel, whose sum does the same. Where
    the doubled maps are joined with others, as in a UNet, those are convolved apart and added.
    The answers are the same but for rounding.

    Args:
        model: Network of a fixed input size; it is changed.

    References:
        Odena, Dumoulin, Olah 2016, https://doi.org/10.23915/distill.00003; Shi et al. 2016,
        https://doi.org/10.48550/arXiv.1609.07009
    """
    from openvino import opset8 as ops

    for node in model.get_ordered_ops():
        if not _foldable(node):
            continue
        kernel = _constant(node.input_value(1))
        joined = node.input_value(0)
        parts = [joined]
        if joined.get_node().get_type_name() == "Concat":
            parts = joined.get_node().input_values()
        small = _small(parts[0])
        if kernel is None or small is None or len(parts) > 2:
            continue
        scale, last = _scale_after(node)
        kernel = kernel * scale
        channels = parts[0].shape[1]
        both, weights = [1, 1], transposed_kernel(kernel[:, :channels])
        pads = [side // 2 for side in kernel.shape[2:]]
        found = ops.convolution_backprop_data(
            small, ops.constant(weights), [2, 2], pads_begin=pads, pads_end=pads, dilations=both
        )
        if len(parts) == 2:
            rest = ops.constant(np.ascontiguousarray(kernel[:, channels:]))
            found = ops.add(ops.convolution(parts[1], rest, both, pads, pads, both), found)
        for target in last.output(0).get_target_inputs():
            target.replace_source_output(found.output(0))


def transposed_kernel(kernel: np.ndarray) -> np.ndarray:
    """Kernel that does to small maps what another does to maps of twice their size.

    Args:
        kernel: `(F, C, K, K)` of a convolution of stride 1, with K odd.

    Returns:
        `(C, F, K + 1, K + 1)` of a transposed convolution of stride 2.
    """
    flipped = kernel[:, :, ::-1, ::-1].transpose(1, 0, 2, 3)
    height, width = flipped.shape[2:]
    found = np.zeros((*flipped.shape[:2], height + 1, width + 1), kernel.dtype)
    for row in (0, 1):
        for column in (0, 1):
            found[:, :, row : row + height, column : column + width] += flipped
    return found


def _foldable(node: openvino.Node) -> bool:
    """Whether it is a convolution of odd kernel that keeps the size of its maps."""
    if node.get_type_name() != "Convolution":
        return False
    known, sides = node.get_attributes(), list(node.input_value(1).shape)[2:]
    steps = (known["strides"], known["dilations"])
    same = node.input_value(0).shape[2:] == node.output(0).shape[2:]
    half = [side // 2 for side in sides]
    padded = list(known["pads_begin"]) == half
    return all(list(step) == [1, 1] for step in steps) and same and padded and half != [0, 0]


def _small(output: openvino.Output) -> openvino.Output | None:
    """What is doubled in size by repeating, or None."""
    node = output.get_node()
    if node.get_type_name() != "Interpolate":
        return None
    known, small = node.get_attributes(), node.input_value(0)
    repeats = (
        known["mode"] == "nearest"
        and known["coordinate_transformation_mode"] == "asymmetric"
        and known["nearest_mode"] == "floor"
    )
    wanted = [*list(small.shape)[:2], *(2 * side for side in list(small.shape)[2:])]
    return small if repeats and list(output.shape) == wanted else None


def _scale_after(node: openvino.Node) -> tuple[np.ndarray | float, openvino.Node]:
    """Factor of each filter that a normalisation multiplies with, and the last node folded."""
    (target, *others) = node.output(0).get_target_inputs()
    after = target.get_node()
    if others or after.get_type_name() != "Multiply":
        return 1.0, node
    factor = _constant(after.input_value(1 - target.get_index()))
    filters = node.output(0).shape[1]
    if factor is None or factor.shape != (1, filters, 1, 1):
        return 1.0, node
    return factor.reshape(filters, 1, 1, 1), after


def _constant(output: openvino.Output) -> np.ndarray | None:
    """Value of a constant, or None."""
    node = output.get_node()
    return node.data if node.get_type_name() == "Constant" else None
