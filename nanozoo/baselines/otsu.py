"""Global thresholding by Otsu's criterion."""

from __future__ import annotations

import numpy as np
from skimage.filters import threshold_otsu

from nanozoo.baselines.labelling import label_particles
from nanozoo.baselines.preparation import prepare
from nanozoo.core.registry import BASELINES


@BASELINES.register(
    "otsu",
    tags=("threshold", "global"),
    reference="N. Otsu, IEEE Trans. Syst. Man Cybern. 9 (1979) 62, doi:10.1109/TSMC.1979.4310076",
    known_failures="Uneven background; few particles in strong noise; touching particles merge.",
)
def otsu(
    image: np.ndarray, *, polarity: str = "auto", smooth: float = 1.0, min_area: int = 20
) -> np.ndarray:
    """Label particles by one threshold for the whole image.

    Args:
        image: `(H, W)` grey image of any real dtype.
        polarity: "bright" or "dark" particles; "auto" decides from the image.
        smooth: Standard deviation of the Gaussian filter, px, 0 or above.
        min_area: Smallest particle kept, px.

    Returns:
        `(H, W)` int32, 0 is background, connected particles are 1..N.

    Raises:
        UserError: If the image has pixels that are not finite or an argument is out of range.

    Example:
        >>> import numpy as np
        >>> image = np.full((64, 64), 200, np.uint8)
        >>> image[20:30, 20:30] = image[40:52, 40:52] = 50
        >>> int(otsu(image).max())
        2

    References:
        N. Otsu, IEEE Trans. Syst. Man Cybern. 9 (1979) 62, doi:10.1109/TSMC.1979.4310076
    """
    signal = prepare(image, polarity, smooth)
    return label_particles(otsu_mask(signal), min_area)


def otsu_mask(signal: np.ndarray) -> np.ndarray:
    """`(H, W)` bool, true where a signal `(H, W)` float32 is above Otsu's threshold."""
    return signal > threshold_otsu(signal)
