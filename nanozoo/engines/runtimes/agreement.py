"""How far two answers to the same image are apart."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np


def largest_difference(wanted: Mapping[str, np.ndarray], found: Mapping[str, np.ndarray]) -> float:
    """Compare what two engines answer to one image.

    Args:
        wanted: What an `Engine` returns for a batch of one, of pixels or of detections.
        found: The same from another engine.

    Returns:
        The largest difference of a probability, 0 or more. Detections are compared with the
        nearest of the same class, whatever their order, their boxes as fractions of the largest
        coordinate; infinite where their number differs.
    """
    if "boxes" not in wanted:
        return max(float(np.abs(found[name] - value).max()) for name, value in wanted.items())
    one, other = ({name: v[0][each["valid"][0]] for name, v in each.items()}
                  for each in (wanted, found))  # fmt: skip
    if len(one["boxes"]) != len(other["boxes"]):
        return float("inf")
    if not len(one["boxes"]):
        return 0.0
    apart = np.abs(one["boxes"][:, None] - other["boxes"][None]).max(axis=2)
    apart = apart / max(float(np.abs(one["boxes"]).max()), 1.0)
    apart[one["labels"][:, None] != other["labels"][None]] = np.inf
    nearest = apart.argmin(axis=1)
    differences = [apart.min(axis=1)]
    for name in ("scores", "masks"):
        differences.append(np.abs(one[name] - other[name][nearest]))
    return max(float(each.max()) for each in differences)
