"""Pores of a porous material from a mask: porosity, sizes, chords and anisotropy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import ndimage
from skimage.morphology import local_maxima, reconstruction
from skimage.segmentation import watershed

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.measure.edge_correction import edge_weights
from nanozoo.measure.particles import Columns, particle_sizes

_NECK = 0.8
_SMOOTH_PX = 0.7
_LAGS = ((0, 1), (1, 2), (1, 1), (2, 1), (1, 0), (2, -1), (1, -1), (1, -2))


@dataclass(frozen=True)
class PoreMeasures:
    """What is measured on the pores of one picture.

    Args:
        porosity: Share of the picture that is pore, in [0, 1].
        pores: The single pores, a column a property, as `particle_sizes` gives them, and
            `edge_weight`: `diameter_px` and `diameter_nm` are those of the circle of the same
            area.
        mean_chord_px: Mean length of the pieces of a straight line that lie in pores, px, over
            all directions; of a disc it is pi / 4 diameters.
        anisotropy: Largest over smallest mean chord of the directions, 1 or more; of a texture
            stretched by a factor it is this factor.
        orientation_deg: Direction of the longest chords, counter-clockwise from the horizontal,
            in [0, 180).
        pixel_size_nm: Side of a pixel, nm, or None.
    """

    porosity: float
    pores: Columns
    mean_chord_px: float
    anisotropy: float
    orientation_deg: float
    pixel_size_nm: float | None = None

    @property
    def mean_chord_nm(self) -> float:
        """Mean chord, nm; NaN where the pixel size is not known."""
        return self.mean_chord_px * (np.nan if self.pixel_size_nm is None else self.pixel_size_nm)


def measure_pores(pores: np.ndarray, pixel_size_nm: float | None = None) -> PoreMeasures:
    """Measure porosity, sizes of single pores, mean chord and anisotropy.

    Args:
        pores: `(H, W)` bool, true in pores.
        pixel_size_nm: Side of a pixel, nm, above 0; None leaves what is in nm NaN.

    Returns:
        The measures. Without pores, or without anything else, there are no chords: they, the
        anisotropy and the orientation are NaN.

    Raises:
        UserError: If the mask is not `(H, W)` bool, or the pixel size is not above 0.

    Example:
        >>> import numpy as np
        >>> rows, columns = np.indices((64, 64))
        >>> found = measure_pores(np.hypot(rows - 31.5, columns - 31.5) <= 20, pixel_size_nm=5.0)
        >>> found.pores["diameter_nm"].round().tolist(), round(found.porosity, 2)
        ([201.0], 0.31)

    References:
        W. J. Whitehouse, J. Microsc. 101 (1974) 153, doi:10.1111/j.1365-2818.1974.tb03878.x;
        T. P. Harrigan and R. W. Mann, J. Mater. Sci. 19 (1984) 761, doi:10.1007/BF00540446
        (mean chords of the directions form an ellipse).
    """
    _check_mask(pores)
    parted = separate_pores(pores)
    sizes = particle_sizes(parted, pixel_size_nm) | {"edge_weight": edge_weights(parted)}
    porosity = float(pores.mean())
    if porosity in (0.0, 1.0):
        return PoreMeasures(porosity, sizes, np.nan, np.nan, np.nan, pixel_size_nm)
    crossings, longest, ratio = _crossings(pores)
    mean_chord = 2.0 * porosity / crossings
    return PoreMeasures(porosity, sizes, mean_chord, ratio, longest, pixel_size_nm)


def separate_pores(pores: np.ndarray, neck: float = _NECK) -> Instances:
    """Part connected pores at their necks by a watershed of the distance to their walls.

    Args:
        pores: `(H, W)` bool, true in pores.
        neck: Two pores are one if the passage between them is wider than this share of the
            narrower one, in (0, 1).

    Returns:
        The pores, disjoint; together they are the mask.

    Raises:
        UserError: If the mask is not `(H, W)` bool, or `neck` is outside of its range.

    Example:
        >>> import numpy as np
        >>> rows, columns = np.indices((64, 64))
        >>> pores = np.hypot(rows - 32, columns - 18) <= 15
        >>> len(separate_pores(pores | (np.hypot(rows - 32, columns - 45) <= 15)))
        2
    """
    _check_mask(pores)
    if not 0 < neck < 1:
        raise UserError(f"Expected `neck` to be between 0 and 1. Received: neck={neck!r}")
    if not pores.any():
        return Instances(pores.shape)
    padded: Any = ndimage.distance_transform_edt(np.pad(pores, 1, mode="edge"))
    depth = padded[1:-1, 1:-1]
    smooth = ndimage.gaussian_filter(depth, _SMOOTH_PX)
    relative = np.where(pores, np.log(np.maximum(smooth, 1e-3)), np.log(1e-3))
    tops = local_maxima(reconstruction(relative + np.log(neck), relative))
    labelled: Any = ndimage.label(tops & pores, np.ones((3, 3)))
    seeds, _ = labelled
    return Instances.from_labels(watershed(-depth, seeds, mask=pores))


def _check_mask(pores: np.ndarray) -> None:
    if getattr(pores, "ndim", None) != 2 or pores.dtype != bool or not pores.size:
        raise UserError(
            "Expected `pores` to be a mask (H, W) of bool. Received: "
            f"{getattr(pores, 'dtype', type(pores).__name__)} of {np.shape(pores)}"
        )


def _crossings(pores: np.ndarray) -> tuple[float, float, float]:
    """Walls that a straight line crosses a px, mean over directions; longest chords; ratio.

    The squared number of crossings of a direction is a quadratic form of that direction.
    """
    rates, terms = [], []
    for down, right in _LAGS:
        ahead = pores[down:, max(right, 0) : pores.shape[1] + min(right, 0)]
        behind = pores[: len(pores) - down, max(-right, 0) : pores.shape[1] - max(right, 0)]
        length = np.hypot(down, right)
        rates.append(float((ahead != behind).mean()) / length)
        across, up = right / length, -down / length
        terms.append((across**2, 2 * across * up, up**2))
    (xx, xy, yy), *_ = np.linalg.lstsq(np.array(terms), np.square(rates), rcond=None)
    values, vectors = np.linalg.eigh([[xx, xy], [xy, yy]])
    values = np.maximum(values, 1e-12)
    direction = float(np.degrees(np.arctan2(vectors[1, 0], vectors[0, 0])) % 180.0)
    angles = np.linspace(0, np.pi, 360, endpoint=False)
    mean = np.sqrt(values[0] * np.cos(angles) ** 2 + values[1] * np.sin(angles) ** 2).mean()
    return float(mean), direction, float(np.sqrt(values[1] / values[0]))
