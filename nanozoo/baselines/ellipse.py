"""Overlapping particles: outlines split at concave points, pieces joined by ellipses."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from scipy import ndimage

from nanozoo.baselines.binarise import to_grey_levels
from nanozoo.baselines.concavity import check_concavity, concave_points, outline
from nanozoo.baselines.ellipses import group_arcs
from nanozoo.baselines.labelling import label_particles
from nanozoo.baselines.otsu import otsu_mask
from nanozoo.baselines.preparation import prepare
from nanozoo.core.checks import check_fraction, check_positive
from nanozoo.core.instances import Instance, Instances, instance_of
from nanozoo.core.registry import BASELINES

REACH = 3.0
"""How far a point of the silhouette's outline may move to an edge, px."""


@BASELINES.register(
    "ellipse",
    tags=("ellipse", "overlap"),
    reference="S. Zafari et al., J. Vis. Commun. Image Represent. 2020, arXiv:1906.01049",
    known_failures="Overlapping particles that are no ellipses; one particle within another.",
)
def ellipse(
    image: np.ndarray,
    *,
    polarity: str = "auto",
    smooth: float = 1.0,
    min_area: int = 20,
    tolerance: float = 1.5,
    min_turn: float = 30.0,
    max_distance: float = 0.08,
    max_outside: float = 0.1,
) -> Instances:
    """Find particles that overlap by ellipses through the pieces of their common outline.

    The image is thresholded by Otsu's criterion. The outline of each silhouette, moved to the
    edges that Canny's detector finds near it, is split at its concave points, and the
    pieces that one ellipse explains are joined. Each ellipse is a particle, with the part of it
    that lies under others; a silhouette without concave points is a particle as it is.

    Args:
        image: `(H, W)` grey image of any real dtype.
        polarity: "bright" or "dark" particles; "auto" decides from the image.
        smooth: Standard deviation of the Gaussian filter, px, 0 or above.
        min_area: Smallest particle kept, px.
        tolerance: Largest distance of an outline from the polygon whose corners are looked
            at, px, above 0.
        min_turn: Smallest turn of a concave corner, degrees, 0 to 180.
        max_distance: Largest root mean square distance of an outline from its ellipse, in
            mean radii of the ellipse, above 0; 1 px is always allowed.
        max_outside: Largest share of an ellipse outside of the silhouette, in [0, 1].

    Returns:
        The particles, which may overlap, by falling area: smaller ones lie on top.

    Raises:
        UserError: If the image has pixels that are not finite or an argument is out of range.

    Example:
        >>> import numpy as np
        >>> rows, columns = np.indices((64, 64))
        >>> overlapping = [np.hypot(rows - 32, columns - x) < 14 for x in (22, 42)]
        >>> [round(item.diameter) for item in ellipse(np.any(overlapping, axis=0))]
        [28, 28]

    References:
        S. Zafari et al., Resolving overlapping convex objects in silhouette images by concavity
        analysis and Gaussian process, J. Vis. Commun. Image Represent. 73 (2020) 102962,
        doi:10.1016/j.jvcir.2020.102962
        J. Canny, IEEE Trans. Pattern Anal. Mach. Intell. 8 (1986) 679,
        doi:10.1109/TPAMI.1986.4767851
    """
    check_concavity(tolerance, min_turn)
    check_positive("max_distance", max_distance)
    check_fraction("max_outside", max_outside)
    signal = prepare(image, polarity, smooth)
    pieces = label_particles(otsu_mask(signal), min_area)
    nearest = nearest_edge(signal, pieces > 0)
    items: list[Instance] = []
    for number, window in enumerate(ndimage.find_objects(pieces), 1):
        silhouette = pieces == number
        whole = instance_of(silhouette[window], top=window[0].start, left=window[1].start)
        arcs = list(split(whole, nearest, tolerance, min_turn))
        groups = group_arcs(arcs, silhouette, max_distance, max_outside) if arcs else []
        rasters = [group.ellipse.raster(pieces.shape) for group in groups if group.ellipse]
        found = [
            instance_of(inside, top=place[0].start, left=place[1].start)
            for place, inside in rasters
            if np.count_nonzero(inside) >= min_area
        ]
        items += found or [whole]
    return Instances(pieces.shape, sorted(items, key=lambda item: -item.area))


def split(
    whole: Instance, nearest: np.ndarray, tolerance: float, min_turn: float
) -> Iterator[np.ndarray]:
    """Cut the outline of a silhouette at its concave points.

    Args:
        whole: The silhouette.
        nearest: `(2, H, W)` row and column of the edge that belongs to each pixel, px.
        tolerance: As in `ellipse`, px.
        min_turn: As in `ellipse`, degrees.

    Yields:
        `(N, 2)` float x and y of a piece, px, without the points on the image's border;
        nothing where fewer than two points are concave.
    """
    contour = outline(whole.mask)
    corners = concave_points(contour, tolerance, min_turn)
    if len(corners) < 2:
        return
    height, width = nearest.shape[1:]
    for start, stop in zip(corners, [*corners[1:], corners[0] + len(contour)]):
        x, y = contour[np.arange(start, stop + 1) % len(contour)].T + [[whole.left], [whole.top]]
        free = (x > 0) & (y > 0) & (x < width - 1) & (y < height - 1)
        rows, columns = nearest[:, y[free], x[free]]
        yield np.stack([columns, rows], axis=1).astype(float)


def nearest_edge(signal: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Find the edge pixel of Canny's detector that is nearest to each pixel.

    The detector's thresholds are a quarter and half of the median gradient on the mask's
    outline.

    Args:
        signal: `(H, W)` float32, high on particles.
        mask: `(H, W)` bool, the particles.

    Returns:
        `(2, H, W)` row and column, px; a pixel's own where no edge lies within `REACH`.
    """
    own = np.indices(mask.shape)
    grey = to_grey_levels(signal)
    across, down = (cv2.Sobel(grey, cv2.CV_16S, *order) for order in ((1, 0), (0, 1)))
    border = mask & (cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0)
    if not border.any():
        return own
    steepness = float(np.median(np.hypot(across[border], down[border])))
    edges = cv2.Canny(across, down, steepness / 4, steepness / 2, L2gradient=True) > 0
    if not edges.any():
        return own
    distance, nearest = ndimage.distance_transform_edt(~edges, return_indices=True)
    return np.where(distance <= REACH, nearest, own)
