"""Groups of particles that could be matched with each other, so that matching stays quick."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def matching_groups(iou: np.ndarray, threshold: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """Split true and predicted particles into groups that share no possible pair.

    Args:
        iou: `(N, M)` in [0, 1].
        threshold: Smallest IoU of a pair, above 0 and up to 1.

    Returns:
        Rows and columns of each group, ascending; every row and every column is in
        exactly one group, alone if it has no partner.
    """
    rows, columns = np.nonzero(iou >= threshold)
    count = sum(iou.shape)
    links = coo_array((np.ones(len(rows)), (rows, columns + len(iou))), (count, count))
    number, group = connected_components(links, directed=False)
    order = np.argsort(group, kind="stable")
    members = np.split(order, np.searchsorted(group[order], np.arange(1, number)))
    return [(m[m < len(iou)], m[m >= len(iou)] - len(iou)) for m in members if len(m)]
