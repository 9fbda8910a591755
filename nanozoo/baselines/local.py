"""Local thresholding: adaptive mean and Sauvola."""

from __future__ import annotations

import numpy as np
from skimage.filters import threshold_sauvola

from nanozoo.baselines.labelling import label_particles
from nanozoo.baselines.preparation import prepare
from nanozoo.baselines.windows import check_window, local_mean
from nanozoo.core.checks import check_choice
from nanozoo.core.registry import BASELINES

KINDS = ("mean", "sauvola")


@BASELINES.register(
    "local",
    tags=("threshold", "local"),
    reference="J. Sauvola, M. Pietikainen, Pattern Recognition 33 (2000) 225, "
    "doi:10.1016/S0031-3203(99)00055-2",
    known_failures="Particles wider than the window break up; noise in empty regions is labelled.",
)
def local(
    image: np.ndarray,
    *,
    polarity: str = "auto",
    smooth: float = 1.0,
    min_area: int = 20,
    kind: str = "sauvola",
    window: int = 101,
    k: float = 0.2,
) -> np.ndarray:
    """Label particles by a threshold that follows the grey of the neighbourhood.

    With the image scaled to [0, 1] and turned so that particles are dark, a
    pixel is a particle's where it is below `mean - k` (kind "mean") or below
    `mean * (1 + k * (std / 0.5 - 1))` (kind "sauvola"), mean and standard
    deviation being those of a window about the pixel.

    Args:
        image: `(H, W)` grey image of any real dtype.
        polarity: "bright" or "dark" particles; "auto" decides from the image.
        smooth: Standard deviation of the Gaussian filter, px, 0 or above.
        min_area: Smallest particle kept, px.
        kind: "mean" or "sauvola".
        window: Side of the window, px, odd, 3 or above.
        k: Margin, as a share of the grey range ("mean") or Sauvola's factor.

    Returns:
        `(H, W)` int32, 0 is background, connected particles are 1..N.

    Raises:
        UserError: If the image has pixels that are not finite or an argument is out of range.

    Example:
        >>> import numpy as np
        >>> image = np.full((64, 64), 200, np.uint8)
        >>> image[20:30, 20:30] = image[40:52, 40:52] = 50
        >>> int(local(image, kind="mean", window=31).max())
        2

    References:
        J. Sauvola, M. Pietikainen, Pattern Recognition 33 (2000) 225,
        doi:10.1016/S0031-3203(99)00055-2
    """
    signal = prepare(image, polarity, smooth)
    return label_particles(local_mask(signal, kind, window, k), min_area)


def local_mask(signal: np.ndarray, kind: str, window: int, k: float) -> np.ndarray:
    """Threshold a signal that is high on particles.

    Args:
        signal: `(H, W)` float32.
        kind: "mean" or "sauvola".
        window: Side of the window, px, odd.
        k: As in `local`.

    Returns:
        `(H, W)` bool, true on particles.
    """
    check_choice("kind", kind, KINDS)
    check_window(window)
    darkness = 1.0 - signal
    if kind == "mean":
        return darkness < local_mean(darkness, window) - k
    return darkness < threshold_sauvola(darkness, window_size=window, k=k, r=0.5)
