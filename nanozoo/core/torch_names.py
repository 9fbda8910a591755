"""From torchvision's names and layouts of tensors to ours."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

# Names of torchvision's modules, in its present and in its earlier releases, and of our layers.
# `{0}` is the number in the name plus the offset; what no line matches keeps its words, joined
# by underscores ("layer1.0.conv1" is "layer1_0_conv1").
MODULES = (
    (r"backbone\.body\.(.+)", "{0}", None),
    (r"backbone\.fpn\.inner_blocks\.(\d)(?:\.0)?", "fpn_inner{0}", 2),
    (r"backbone\.fpn\.layer_blocks\.(\d)(?:\.0)?", "fpn_layer{0}", 2),
    (r"rpn\.head\.(conv)(?:\.0\.0)?", "rpn_head/{0}", None),
    (r"rpn\.head\.(cls_logits|bbox_pred)", "rpn_head/{0}", None),
    (r"roi_heads\.box_head\.(fc6|fc7)", "box_head/{0}", None),
    (r"roi_heads\.box_predictor\.(cls_score|bbox_pred)", "box_head/{0}", None),
    (r"roi_heads\.mask_head\.(\d)\.0", "masks/mask_head/mask_fcn{0}", 1),
    (r"roi_heads\.mask_head\.mask_fcn(\d)", "masks/mask_head/mask_fcn{0}", 0),
    (r"roi_heads\.mask_predictor\.(conv5_mask|mask_fcn_logits)", "masks/mask_head/{0}", None),
)
NORMALISATION = {
    "weight": "gamma",
    "bias": "beta",
    "running_mean": "moving_mean",
    "running_var": "moving_variance",
}
# Dense layers on flattened maps, and the side of those maps.
FLATTENED = {"box_head/fc6": 7}


def layer_name(module: str) -> str:
    """Name of our layer for a module of torchvision, such as "rpn.head.conv"."""
    for pattern, name, offset in MODULES:
        match = re.fullmatch(pattern, module)
        if match:
            word = match[1] if offset is None else str(int(match[1]) + offset)
            return name.format(word.replace(".", "_"))
    return module.replace(".", "_")


def keras_arrays(state_dict: Mapping[str, object]) -> dict[str, np.ndarray]:
    """Rename and transpose a state dict of torchvision.

    Convolutions, also transposed ones, go from `(O, I, h, w)` to `(h, w, I, O)`, dense layers
    from `(O, I)` to `(I, O)`; one on a flattened map is also brought from channels first to
    channels last.

    Args:
        state_dict: Arrays or CPU tensors by torchvision's names.

    Returns:
        Arrays by our names, `<layer>/kernel` and the like.
    """
    arrays = {}
    for key, tensor in state_dict.items():
        module, part = key.rsplit(".", 1)
        layer, value = layer_name(module), np.asarray(tensor)
        if f"{module}.running_mean" in state_dict:
            arrays[f"{layer}/{NORMALISATION.get(part, part)}"] = value
        elif value.ndim == 4:
            arrays[f"{layer}/kernel"] = value.transpose(2, 3, 1, 0)
        elif value.ndim == 2:
            arrays[f"{layer}/kernel"] = _dense(value, FLATTENED.get(layer, 1))
        else:
            arrays[f"{layer}/{part}"] = value
    return arrays


def _dense(kernel: np.ndarray, side: int) -> np.ndarray:
    """`(O, C * side * side)` to `(side * side * C, O)`."""
    units = len(kernel)
    return kernel.reshape(units, -1, side, side).transpose(2, 3, 1, 0).reshape(-1, units)
