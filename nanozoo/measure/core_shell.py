"""Core and shell of a particle, parted where the grey value changes fastest inside its mask."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.signal import find_peaks

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instance, Instances, instance_of

_SIGMA_PX = 1.2
_LEVELS = 32
_LEAST_PX = 12
_LEAST_RADIUS_PX = 3.0
_STEP_PX = 0.25
_PROMINENCE = 0.2
_RIM_SHARE = 0.1
_LARGEST_CORE = 0.95
_INWARD_PX = 0.4
_JUMP = 1.3
_WALL_PX = 1.0


@dataclass(frozen=True)
class CoreShell:
    """The two parts of a particle; together they are its mask.

    Args:
        core: The core.
        shell: What of the mask is around it.
    """

    core: Instance
    shell: Instance

    @property
    def thickness_px(self) -> float:
        """Mean thickness of the shell: half the difference of the diameters, px."""
        whole = 2 * np.sqrt((self.core.area + self.shell.area) / np.pi)
        return float(whole - self.core.diameter) / 2


def split_core_shell(image: np.ndarray, instances: Instances) -> list[CoreShell | None]:
    """Part core and shell of every particle.

    Inside the mask, which is smoothed for itself, each grey level bounds a region. Seen from the
    border inwards the mean gradient along these contours falls in a particle of one material; at
    the surface of a core it rises again. The core is the region of the steepest contour, whether
    it is brighter or darker than its shell and whether it lies in the middle or not.

    Args:
        image: `(H, W)` grey values, any number type.
        instances: The whole particles.

    Returns:
        For each particle its parts, or None where no core stands out.

    Raises:
        UserError: If the image has another size than the instances were found in.

    Example:
        >>> rows, columns = np.indices((64, 64))
        >>> radius = np.hypot(rows - 32, columns - 32)
        >>> image = np.where(radius < 12, 40.0, np.where(radius < 24, 120.0, 200.0))
        >>> whole = Instances.from_labels((radius < 24).astype(int))
        >>> (parts,) = split_core_shell(image, whole)
        >>> round(parts.core.diameter), round(parts.thickness_px)
        (24, 12)

    References:
        Kohler 1981, Comput. Graph. Image Process. 15, 319-338 (contours by their mean gradient).
    """
    if image.shape != instances.shape:
        raise UserError(
            "Expected the grey image of these particles. Received: "
            f"image of {image.shape}, instances of {instances.shape}"
        )
    return [_split(image[item.window].astype(np.float64), item) for item in instances]


def _split(grey: np.ndarray, item: Instance) -> CoreShell | None:
    """Core and shell of one particle from the grey values of its box."""
    if min(item.mask.shape) < _LEAST_PX:
        return None
    mask, grey = np.pad(item.mask, 3), np.pad(grey, 3, mode="edge")
    share = ndimage.gaussian_filter(mask.astype(float), _SIGMA_PX)
    smooth = ndimage.gaussian_filter(np.where(mask, grey, 0.0), _SIGMA_PX)
    smooth = np.where(mask, smooth / np.maximum(share, 1e-9), 0.0)
    found = [_steepest(sign * smooth, mask) for sign in (1.0, -1.0)]
    strength, core = max(found, key=lambda one: one[0])
    if core is None:
        return None
    core, shell = (core & mask)[3:-3, 3:-3], (mask & ~core)[3:-3, 3:-3]
    return CoreShell(*(_part(one, item) for one in (core, shell)))


def _steepest(smooth: np.ndarray, mask: np.ndarray) -> tuple[float, np.ndarray | None]:
    """The region brighter than its surroundings with the steepest contour, and how it stands out.

    Args:
        smooth: `(h, w)` grey values.
        mask: `(h, w)` bool, the particle.

    Returns:
        Share of the gradient at its contour that is not there between it and the border of the
        particle, and the region; 0 and None where there is none.
    """
    inner = ndimage.binary_erosion(mask, iterations=2)
    rim = mask & ~inner
    rows, columns = np.gradient(smooth)
    slope = np.hypot(rows, columns)
    radii, slopes, regions = [], [], []
    for level in _levels(smooth[mask]):
        labels, _ = ndimage.label((smooth >= level) & mask)
        sizes = np.bincount(labels.ravel())
        sizes[0] = 0
        at_rim = np.bincount(labels[rim], minlength=len(sizes))
        outer = at_rim > _RIM_SHARE * rim.sum()
        if regions:
            own = labels[regions[-1]].max()
            if at_rim[own] and sizes[own] > _JUMP * regions[-1].sum():
                radii.append(radii[-1] + _WALL_PX)
                slopes.append(0.0)
                regions.append(regions[-1])
                break
            if outer[own]:
                break
        sizes[outer] = 0
        if not sizes.any():
            continue
        region = ndimage.binary_fill_holes(labels == sizes.argmax())
        edge = region & ~ndimage.binary_erosion(region) & inner
        if edge.any():
            radii.append(np.sqrt(region.sum() / np.pi))
            slopes.append(slope[edge].mean())
            regions.append(region)
    return _peak(np.array(radii), np.array(slopes), regions, np.sqrt(mask.sum() / np.pi))


def _levels(values: np.ndarray) -> np.ndarray:
    """Grey levels, falling: as many evenly over the pixels as evenly over the grey values."""
    by_pixels = np.quantile(values, np.linspace(0.98, 0.02, _LEVELS))
    return np.sort(np.concatenate([by_pixels, np.linspace(*by_pixels[[0, -1]], _LEVELS)]))[::-1]


def _peak(
    radii: np.ndarray, slopes: np.ndarray, regions: list[np.ndarray], outer: float
) -> tuple[float, np.ndarray | None]:
    """The region at the highest peak of the gradient over the radius."""
    if len(radii) < 5:
        return 0.0, None
    radii = np.maximum.accumulate(radii) + 1e-6 * np.arange(len(radii))
    grid = np.arange(_LEAST_RADIUS_PX, min(radii[-1], _LARGEST_CORE * outer), _STEP_PX)
    if len(grid) < 5:
        return 0.0, None
    curve = ndimage.gaussian_filter1d(np.interp(grid, radii, slopes), 2)
    places, about = find_peaks(np.append(curve, curve[-1]), prominence=_PROMINENCE * curve.max())
    if not len(places):
        return 0.0, None
    best = int((about["prominences"]).argmax())
    place = places[best]
    chosen = int(np.abs(radii - grid[place] - _INWARD_PX).argmin())
    return float(about["prominences"][best]), regions[chosen]


def _part(mask: np.ndarray, item: Instance) -> Instance:
    return instance_of(mask, item.class_id, item.score, top=item.top, left=item.left)
