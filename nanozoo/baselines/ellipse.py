"""Overlapping particles: outlines split at concave points, pieces joined by ellipses."""

from __future__ import annotations

import cv2
import numpy as np
from scipy import ndimage

from nanozoo.baselines.binarise import to_grey_levels
from nanozoo.baselines.concavity import check_concavity, concave_points, outlines
from nanozoo.baselines.ellipses import group_arcs
from nanozoo.baselines.labelling import label_particles
from nanozoo.baselines.otsu import otsu_mask
from nanozoo.baselines.preparation import prepare
from nanozoo.core.checks import check_fraction, check_positive
from nanozoo.core.instances import Instance, Instances, instance_of
from nanozoo.core.registry import BASELINES

REACH = 3.0
"""How far a point of the silhouette's outline may move to an edge, px."""
TRIM = 3
"""Points at each end of an arc that are left out, because smoothing rounds concave corners."""


@BASELINES.register(
    "ellipse",
    tags=("ellipse", "overlap"),
    reference="S. Zafari et al. 2019, doi:10.48550/arXiv.1906.01049",
    known_failures="Overlapping particles that are no ellipses; heaps that hide most outlines; "
    "one particle within another. Heaps of many particles take minutes an image.",
    too_slow_on=("sage-soot-tem",),
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
        max_outside: Largest share of an ellipse outside of the silhouette, and largest number
            of outline points within it over those on it, in [0, 1].

    Returns:
        The particles, which may overlap, by falling area: smaller ones lie on top.

    Raises:
        UserError: If the image has pixels that are not finite or an argument is out of range.

    Example:
        >>> import numpy as np
        >>> rows, columns = np.indices((64, 64))
        >>> overlapping = [np.hypot(rows - 32, columns - x) < 14 for x in (22, 42)]
        >>> len(ellipse(np.any(overlapping, axis=0)))
        2

    References:
        S. Zafari et al., Resolving overlapping convex objects in silhouette images by concavity
        analysis and Gaussian process, 2019, doi:10.48550/arXiv.1906.01049
        J. Canny, IEEE Trans. Pattern Anal. Mach. Intell. 8 (1986) 679,
        doi:10.1109/TPAMI.1986.4767851
    """
    check_concavity(tolerance, min_turn)
    check_positive("max_distance", max_distance)
    check_fraction("max_outside", max_outside)
    signal = prepare(image, polarity, smooth)
    pieces = label_particles(otsu_mask(signal), min_area, keep_gaps=True)
    nearest = nearest_edge(signal, pieces > 0)
    items: list[Instance] = []
    for number, window in enumerate(ndimage.find_objects(pieces), 1):
        silhouette = pieces == number
        whole = instance_of(silhouette[window], top=window[0].start, left=window[1].start)
        rings = split(whole, nearest, tolerance, min_turn)
        ellipses = group_arcs(rings, silhouette, max_distance, max_outside) if rings else []
        rasters = [found.raster(pieces.shape) for found in ellipses]
        found = [
            instance_of(inside, top=place[0].start, left=place[1].start)
            for place, inside in rasters
            if np.count_nonzero(inside) >= min_area
        ]
        items += found or [whole]
    return Instances(pieces.shape, sorted(items, key=lambda item: -item.area))


def split(
    whole: Instance, nearest: np.ndarray, tolerance: float, min_turn: float
) -> list[list[np.ndarray]]:
    """Cut the outlines of a silhouette at their concave points.

    Args:
        whole: The silhouette.
        nearest: `(2, H, W)` row and column of the edge that belongs to each pixel, px.
        tolerance: As in `ellipse`, px.
        min_turn: As in `ellipse`, degrees.

    Returns:
        For each outline its arcs in order, `(N, 2)` float x and y, px, without the points on
        the image's border; nothing where fewer than two points are concave.
    """
    height, width = nearest.shape[1:]
    rings, concave = [], 0
    for contour in outlines(whole.mask):
        corners = concave_points(contour, tolerance, min_turn)
        concave += len(corners)
        starts = corners if len(corners) else np.zeros(1, int)
        ring = []
        for start, stop in zip(starts, [*starts[1:], starts[0] + len(contour)]):
            trim = min(TRIM, (stop - start) // 4) if len(corners) else 0
            places = np.arange(start + trim, stop - trim + 1) % len(contour)
            x, y = contour[places].T + [[whole.left], [whole.top]]
            free = (x > 0) & (y > 0) & (x < width - 1) & (y < height - 1)
            rows, columns = nearest[:, y[free], x[free]]
            ring.append(np.stack([columns, rows], axis=1).astype(float))
        rings.append(ring)
    return rings if concave >= 2 else []


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
