"""Isolated particles: what stands alone is measured, the rest is counted as excluded area."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import ndimage

from nanozoo.baselines.concavity import check_concavity, concave_points, outlines
from nanozoo.baselines.hybrid import hybrid
from nanozoo.core.registry import BASELINES


@dataclass(frozen=True)
class IsolatedParticles:
    """Particles that stand alone, and what was left out.

    Args:
        labels: `(H, W)` int32, 0 is background, particles that stand alone are 1..N.
        excluded: `(H, W)` bool, foreground that belongs to none of them.
    """

    labels: np.ndarray
    excluded: np.ndarray

    @property
    def excluded_share(self) -> float:
        """Excluded area over the area of all foreground, in [0, 1]; 0 without foreground."""
        area = np.count_nonzero(self.excluded)
        whole = area + np.count_nonzero(self.labels)
        return area / whole if whole else 0.0


@BASELINES.register(
    "isolated",
    tags=("threshold", "local", "global", "isolated"),
    reference="D. Groom, Capstone 3: A successful deep learning story, figures 3, 9 and 10",
    known_failures="Finds few particles where most touch; rough or concave ones are left out.",
)
def isolated(
    image: np.ndarray,
    *,
    polarity: str = "auto",
    smooth: float = 1.0,
    min_area: int = 20,
    window: int = 51,
    v: float = 0.1,
    k: float = 0.0,
    tolerance: float = 1.5,
    min_turn: float = 30.0,
) -> np.ndarray:
    """Label only the particles that stand alone, by hybrid thresholding.

    A connected piece is left out if it touches the image's border or its outline has a concave
    point, the mark of particles that touch or overlap. `pick_isolated` also returns the
    area that was left out.

    Args:
        image: `(H, W)` grey image of any real dtype.
        polarity: "bright" or "dark" particles; "auto" decides from the image.
        smooth: Standard deviation of the Gaussian filter, px, 0 or above.
        min_area: Smallest particle kept, px.
        window: Side of the window, px, odd, 3 or above.
        v: Standard deviation that divides the two regimes of `hybrid`, as a share of the
            grey range, 0 or above.
        k: Distance of the local threshold from the local mean towards the particles'
            grey, in local standard deviations.
        tolerance: Largest distance of an outline from the polygon whose corners are looked
            at, px, above 0.
        min_turn: Smallest turn of a concave corner, degrees, 0 to 180.

    Returns:
        `(H, W)` int32, 0 is background, particles that stand alone are 1..N.

    Raises:
        UserError: If the image has pixels that are not finite or an argument is out of range.

    Example:
        >>> import numpy as np
        >>> image = np.full((64, 64), 200, np.uint8)
        >>> image[10:20, 10:20] = image[40:50, 30:40] = image[45:55, 40:50] = 50
        >>> int(isolated(image, window=21).max())
        1

    References:
        D. J. Groom et al., Automatic segmentation of inorganic nanoparticles in BF TEM
        micrographs, Ultramicroscopy 194 (2018) 25-34
    """
    check_concavity(tolerance, min_turn)
    pieces = hybrid(
        image, polarity=polarity, smooth=smooth, min_area=min_area, window=window, v=v, k=k
    )
    return pick_isolated(pieces, tolerance=tolerance, min_turn=min_turn).labels


def pick_isolated(
    foreground: np.ndarray, *, tolerance: float = 1.5, min_turn: float = 30.0
) -> IsolatedParticles:
    """Divide a foreground into particles that stand alone and excluded area.

    Args:
        foreground: `(H, W)` mask or label image of any method, 0 is background.
        tolerance: As in `isolated`, px, above 0.
        min_turn: As in `isolated`, degrees, 0 to 180.

    Returns:
        The particles and the excluded area; together they are the foreground.

    Raises:
        UserError: If an argument is out of range.

    Example:
        >>> import numpy as np
        >>> mask = np.zeros((64, 64), bool)
        >>> mask[10:20, 10:20] = mask[40:50, 30:40] = mask[45:55, 40:50] = True
        >>> picked = pick_isolated(mask)
        >>> int(picked.labels.max()), int(picked.excluded.sum())
        (1, 200)
    """
    check_concavity(tolerance, min_turn)
    count, pieces = cv2.connectedComponents((foreground > 0).astype(np.uint8), connectivity=8)
    alone = np.zeros(count, bool)
    for number, window in enumerate(ndimage.find_objects(pieces), 1):
        contour = outlines(pieces[window] == number)[0]
        alone[number] = len(concave_points(contour, tolerance, min_turn)) == 0
    for side in (pieces[0], pieces[-1], pieces[:, 0], pieces[:, -1]):
        alone[side] = False
    numbers = np.where(alone, np.cumsum(alone), 0).astype(np.int32)
    return IsolatedParticles(numbers[pieces], (pieces > 0) & ~alone[pieces])
