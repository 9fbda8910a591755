"""Variance-hybridised mean local thresholding."""

from __future__ import annotations

import numpy as np
from skimage.filters import threshold_otsu

from nanozoo.baselines.labelling import label_particles
from nanozoo.baselines.preparation import prepare
from nanozoo.baselines.windows import check_window, local_mean, local_std
from nanozoo.core.errors import UserError
from nanozoo.core.registry import BASELINES

REFERENCE = (
    "D. J. Groom et al., Automatic segmentation of inorganic nanoparticles in BF TEM "
    "micrographs, Ultramicroscopy 194 (2018) 25-34"
)


@BASELINES.register(
    "hybrid",
    tags=("threshold", "local", "global"),
    reference=REFERENCE,
    known_failures="Textured supports pass for edges; touching particles merge.",
)
def hybrid(
    image: np.ndarray,
    *,
    polarity: str = "auto",
    smooth: float = 1.0,
    min_area: int = 20,
    window: int = 51,
    v: float = 0.1,
    k: float = 0.0,
) -> np.ndarray:
    """Label particles by a local threshold near edges and a global one elsewhere.

    Where the standard deviation of grey in a window is above `v`, the window
    holds the edge of a particle, and the threshold is the window's mean minus `k`
    standard deviations (dark particles; plus for bright ones). Where it is not,
    the window lies wholly inside or outside a particle, and the threshold of Otsu
    for the whole image decides. Holes are then filled and specks dropped. The
    method "MSH5" of Groom's later comparison with networks is a hybrid of this
    family that its author does not specify further.

    Args:
        image: `(H, W)` grey image of any real dtype.
        polarity: "bright" or "dark" particles; "auto" decides from the image.
        smooth: Standard deviation of the Gaussian filter, px, 0 or above.
        min_area: Smallest particle kept, px.
        window: Side of the window, px, odd, 3 or above.
        v: Standard deviation that divides the two regimes, as a share of the grey
            range, 0 or above.
        k: Distance of the local threshold from the local mean towards the particles'
            grey, in local standard deviations.

    Returns:
        `(H, W)` int32, 0 is background, connected particles are 1..N.

    Raises:
        UserError: If the image has pixels that are not finite or an argument is out of range.

    Example:
        >>> import numpy as np
        >>> image = np.full((64, 64), 200, np.uint8)
        >>> image[20:30, 20:30] = image[40:52, 40:52] = 50
        >>> int(hybrid(image, window=21).max())
        2

    References:
        D. J. Groom et al., Automatic segmentation of inorganic nanoparticles in BF
        TEM micrographs, Ultramicroscopy 194 (2018) 25-34
    """
    signal = prepare(image, polarity, smooth)
    return label_particles(hybrid_mask(signal, window, v, k), min_area)


def hybrid_mask(signal: np.ndarray, window: int, v: float, k: float) -> np.ndarray:
    """Threshold a signal that is high on particles; arguments as in `hybrid_threshold`."""
    return signal > hybrid_threshold(signal, window, v, k)


def hybrid_threshold(signal: np.ndarray, window: int, v: float, k: float) -> np.ndarray:
    """Threshold of each pixel of a signal that is high on particles.

    Args:
        signal: `(H, W)` float32.
        window: Side of the window, px, odd.
        v: Standard deviation above which the local threshold holds.
        k: Local threshold is the mean plus `k` standard deviations.

    Returns:
        `(H, W)` float32.
    """
    check_window(window)
    if not v >= 0:
        raise UserError(f"Expected `v` to be 0 or above. Received: v={v!r}")
    spread = local_std(signal, window)
    near_edge = local_mean(signal, window) + k * spread
    return np.where(spread > v, near_edge, np.float32(threshold_otsu(signal)))
