"""Three generations of the watershed on distance maps: they differ in the seeds alone."""

from __future__ import annotations

import cv2
import numpy as np

from nanozoo.baselines.binarise import Cleaning, clean_mask, denoised, morphology
from nanozoo.baselines.labelling import label_particles
from nanozoo.baselines.seeds import deep_foreground, deep_regions, flood, maxima
from nanozoo.core.checks import check_fraction, check_int
from nanozoo.core.registry import BASELINES

REFERENCE = "T. A. K. Ngo, L. D. M. Tran, INSA Toulouse 2024, chapter III.2.2"


@BASELINES.register(
    "watershed_maxima",
    tags=("watershed",),
    reference=REFERENCE,
    known_failures="Rods, long ellipses and rough outlines have several maxima and break up.",
)
def watershed_maxima(
    image: np.ndarray,
    *,
    polarity: str = "auto",
    smooth: float = 0.0,
    min_area: int = 20,
    denoise: float = 1.0,
    clip: float = 0.01,
    kernel_size: int = 3,
    open_iter: int = 1,
    close_iter: int = 1,
    min_distance: int = 7,
) -> np.ndarray:
    """Label particles by a watershed from the maxima of the distance to the background.

    The image is denoised by non-local means, the thin ends of its histogram are clipped, it is
    sharpened, thresholded by Otsu's criterion, opened and closed. Each maximum of the mask's
    distance map is the seed of a particle, and the watershed of the inverted map
    divides particles that touch.

    Args:
        image: `(H, W)` grey image of any real dtype.
        polarity: "bright" or "dark" particles; "auto" decides from the image.
        smooth: Standard deviation of a Gaussian filter before all else, px; 0 leaves it out.
        min_area: Smallest particle kept, px.
        denoise: Strength of non-local means in standard deviations of the noise; 0 leaves
            it out.
        clip: Grey values at the ends of the histogram whose count is below this share of
            the highest count are clipped, in [0, 1].
        kernel_size: Side of the kernel of opening and closing, px.
        open_iter: Times that the opening erodes and dilates; 0 leaves it out.
        close_iter: Times that the closing dilates and erodes; 0 leaves it out.
        min_distance: Least distance between two maxima of a connected piece, px, 1 or above.

    Returns:
        `(H, W)` int32, 0 is background, particles are 1..N.

    Raises:
        UserError: If the image has pixels that are not finite or an argument is out of range.

    Example:
        >>> import numpy as np
        >>> rows, columns = np.indices((64, 64))
        >>> touching = [np.hypot(rows - 32, columns - x) < 10 for x in (23, 41)]
        >>> int(watershed_maxima(np.any(touching, axis=0)).max())
        2

    References:
        T. A. K. Ngo, L. D. M. Tran, INSA Toulouse 2024, chapter III.2.2.a
        L. Vincent, P. Soille, IEEE Trans. Pattern Anal. Mach. Intell. 13 (1991) 583,
        doi:10.1109/34.87344
    """
    check_int("min_distance", min_distance, 1)
    cleaning = Cleaning(denoise, clip, kernel_size, open_iter, close_iter)
    grey = denoised(image, polarity, smooth, denoise)
    return divide_at_maxima(grey, cleaning, min_area, min_distance)


@BASELINES.register(
    "watershed_foreground",
    tags=("watershed",),
    reference=REFERENCE,
    known_failures="Particles much smaller than the largest one are lost.",
)
def watershed_foreground(
    image: np.ndarray,
    *,
    polarity: str = "auto",
    smooth: float = 0.0,
    min_area: int = 20,
    denoise: float = 1.0,
    clip: float = 0.01,
    kernel_size: int = 3,
    open_iter: int = 1,
    close_iter: int = 1,
    dist_max_threshold: float = 0.4,
) -> np.ndarray:
    """Label particles by a watershed from what lies deep in the foreground of the whole image.

    The mask is that of `watershed_maxima`. Seeds are the connected regions
    whose distance to the background is above `dist_max_threshold` times the largest
    distance in the image. A rod is one seed; a particle whose inscribed circle is smaller than
    the threshold has no seed and is lost.

    Args:
        image: `(H, W)` grey image of any real dtype.
        polarity: "bright" or "dark" particles; "auto" decides from the image.
        smooth: Standard deviation of a Gaussian filter before all else, px; 0 leaves it out.
        min_area: Smallest particle kept, px.
        denoise: Strength of non-local means in standard deviations of the noise; 0 leaves
            it out.
        clip: Grey values at the ends of the histogram whose count is below this share of
            the highest count are clipped, in [0, 1].
        kernel_size: Side of the kernel of opening and closing, px.
        open_iter: Times that the opening erodes and dilates; 0 leaves it out.
        close_iter: Times that the closing dilates and erodes; 0 leaves it out.
        dist_max_threshold: Share of the largest distance above which a pixel is surely
            foreground, in [0, 1]. Two particles part where the neck between them is narrower.

    Returns:
        `(H, W)` int32, 0 is background, particles are 1..N.

    Raises:
        UserError: If the image has pixels that are not finite or an argument is out of range.

    Example:
        >>> import numpy as np
        >>> rows, columns = np.indices((80, 100))
        >>> touching = [np.hypot(rows - 40, columns - x) < 16 for x in (34, 66)]
        >>> int(watershed_foreground(np.any(touching, axis=0)).max())
        2

    References:
        T. A. K. Ngo, L. D. M. Tran, INSA Toulouse 2024, chapter III.2.2.b
    """
    check_fraction("dist_max_threshold", dist_max_threshold)
    cleaning = Cleaning(denoise, clip, kernel_size, open_iter, close_iter)
    grey = denoised(image, polarity, smooth, denoise)
    return divide_by_foreground(grey, cleaning, min_area, dist_max_threshold)


@BASELINES.register(
    "watershed_component",
    tags=("watershed",),
    reference=REFERENCE,
    known_failures="A small particle on a large one, and particles that overlap deeply, stay one.",
)
def watershed_component(
    image: np.ndarray,
    *,
    polarity: str = "auto",
    smooth: float = 0.0,
    min_area: int = 20,
    denoise: float = 1.0,
    clip: float = 0.01,
    kernel_size: int = 3,
    open_iter: int = 1,
    close_iter: int = 1,
    erode_iter: int = 1,
    dist_max_threshold: float = 0.7,
) -> np.ndarray:
    """Label particles by a watershed from what lies deep in each connected piece.

    The mask is that of `watershed_maxima`. It is opened and eroded until contacts give way;
    in each connected piece that remains the distance to the background is divided by
    its own maximum, and the regions above `dist_max_threshold` are the seeds. A piece that
    erosion consumes is a particle of its own, so that families of several
    sizes are found together. The watershed fills the mask before opening and erosion, so that
    particles keep their size.

    Args:
        image: `(H, W)` grey image of any real dtype.
        polarity: "bright" or "dark" particles; "auto" decides from the image.
        smooth: Standard deviation of a Gaussian filter before all else, px; 0 leaves it out.
        min_area: Smallest particle kept, px.
        denoise: Strength of non-local means in standard deviations of the noise; 0 leaves
            it out.
        clip: Grey values at the ends of the histogram whose count is below this share of
            the highest count are clipped, in [0, 1].
        kernel_size: Side of the kernel of opening, closing and erosion, px.
        open_iter: Times that the opening erodes and dilates; 0 leaves it out.
        close_iter: Times that the closing dilates and erodes; 0 leaves it out.
        erode_iter: Erosions before seeds are looked for, 0 or above.
        dist_max_threshold: Share of a piece's largest distance above which a pixel is surely
            foreground, in [0, 1]. Two particles part where the neck between them is narrower.

    Returns:
        `(H, W)` int32, 0 is background, particles are 1..N.

    Raises:
        UserError: If the image has pixels that are not finite or an argument is out of range.

    Example:
        >>> import numpy as np
        >>> rows, columns = np.indices((64, 64))
        >>> touching = [np.hypot(rows - 32, columns - x) < 10 for x in (23, 41)]
        >>> int(watershed_component(np.any(touching, axis=0)).max())
        2

    References:
        T. A. K. Ngo, L. D. M. Tran, INSA Toulouse 2024, chapters III.2.2.c and III.2.2.d
    """
    check_int("erode_iter", erode_iter, 0)
    check_fraction("dist_max_threshold", dist_max_threshold)
    cleaning = Cleaning(denoise, clip, kernel_size, open_iter, close_iter)
    grey = denoised(image, polarity, smooth, denoise)
    return divide_by_component(grey, cleaning, min_area, dist_max_threshold, erode_iter)


def divide_at_maxima(
    grey: np.ndarray, cleaning: Cleaning, min_area: int, min_distance: int
) -> np.ndarray:
    """`watershed_maxima` of what `denoised` gave."""
    pieces = connected_pieces(grey, cleaning, min_area)
    return flood(pieces, maxima(pieces, min_distance), min_area)


def divide_by_foreground(
    grey: np.ndarray, cleaning: Cleaning, min_area: int, dist_max_threshold: float
) -> np.ndarray:
    """`watershed_foreground` of what `denoised` gave."""
    pieces = connected_pieces(grey, cleaning, min_area)
    return flood(pieces, deep_foreground(pieces, dist_max_threshold), min_area)


def divide_by_component(
    grey: np.ndarray,
    cleaning: Cleaning,
    min_area: int,
    dist_max_threshold: float,
    erode_iter: int,
) -> np.ndarray:
    """`watershed_component` of what `denoised` gave."""
    pieces = connected_pieces(grey, cleaning, min_area)
    size = cleaning.kernel_size
    core = morphology(pieces > 0, cv2.MORPH_OPEN, size, cleaning.open_iter)
    core = morphology(core, cv2.MORPH_ERODE, size, erode_iter)
    return flood(pieces, deep_regions(pieces, core, dist_max_threshold), min_area)


def connected_pieces(grey: np.ndarray, cleaning: Cleaning, min_area: int) -> np.ndarray:
    """Number what is to be divided, `(H, W)` int32; `grey` is what `denoised` gave."""
    return label_particles(clean_mask(grey, cleaning), min_area, keep_gaps=True)
