"""Size, shape and place of every particle, a column a property."""

from __future__ import annotations

import numpy as np
from scipy.spatial import KDTree
from skimage.measure import regionprops

from nanozoo.core.checks import check_positive
from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instance, Instances
from nanozoo.measure.edge_correction import edge_weights, touches_border
from nanozoo.measure.feret import feret_diameters

Columns = dict[str, np.ndarray]

_SHAPE = (
    "feret_max_px", "feret_min_px", "perimeter_px", "aspect_ratio", "circularity", "solidity",
    "eccentricity", "orientation_deg", "mean_intensity",
)  # fmt: skip


def measure_particles(
    instances: Instances,
    pixel_size_nm: float | None = None,
    image: np.ndarray | None = None,
    info_bar: tuple[int, int] | None = None,
) -> Columns:
    """Measure size, shape, grey value and surroundings of every particle.

    Each particle is measured by its own mask, so that particles may lie over one another.
    The perimeter is Crofton's in four directions: the circularity of a disc of at least 20 px is
    1 within 2%; straight sides along rows, columns and diagonals look up to 8% too short. A
    particle that is one pixel wide has no aspect ratio.

    Args:
        instances: Particles of one image.
        pixel_size_nm: Side of a pixel, nm, above 0; None leaves the columns in nm NaN.
        image: `(H, W)` grey values of this image; None leaves `mean_intensity` NaN.
        info_bar: First row of an information bar and row after its last, px; particles that
            touch it may be cut, as those at the border.

    Returns:
        Arrays `(N,)` by name. `label` (1, 2, ...), `class_id`, `score` in [0, 1]; `centroid_x`,
        `centroid_y` (px from the centre of the top left pixel); `area_px` (number of pixels) and
        `area_nm2`; `diameter_px` (of the circle of this area), `feret_max_px`, `feret_min_px`,
        `perimeter_px`, `nearest_neighbour_px` (from centre to centre) and the same in nm
        (`diameter_nm`, ...); `aspect_ratio` (1 or more: major over minor axis of the ellipse with
        the same second moments), `circularity` (4 pi area / perimeter^2), `solidity` (area over
        that of the convex hull), `eccentricity` in [0, 1); `orientation_deg` in [0, 180), of the
        major axis, counter-clockwise from the horizontal; `mean_intensity`; `touches_border`; and
        `edge_weight` (see `edge_weights`).

    Raises:
        UserError: If the image has another size, or the pixel size is not above 0.

    Example:
        >>> import numpy as np
        >>> rows, columns = np.indices((64, 64))
        >>> disc = np.hypot(rows - 31.5, columns - 31.5) <= 20
        >>> found = measure_particles(Instances.from_labels(disc.astype(int)), 0.5)
        >>> found["diameter_nm"].round().tolist(), found["aspect_ratio"].round(2).tolist()
        ([20.0], [1.0])

    References:
        ISO 9276-6:2008 (shape); Legland et al. 2007, doi:10.5566/ias.v26.p83-92 (perimeter).
    """
    if image is not None and image.shape != instances.shape:
        raise UserError(
            "Expected the grey image of these particles. Received: "
            f"image of {image.shape}, instances of {instances.shape}"
        )
    shapes = [_shape(item, image) for item in instances]
    columns = particle_sizes(instances, pixel_size_nm)
    columns["touches_border"] = touches_border(instances, info_bar)
    columns |= dict(zip(_SHAPE, np.array(shapes, np.float64).reshape(-1, len(_SHAPE)).T))
    centres = np.stack([columns["centroid_x"], columns["centroid_y"]], axis=1)
    columns["nearest_neighbour_px"] = _nearest(centres)
    columns["edge_weight"] = edge_weights(instances, info_bar)
    for name in ("feret_max", "feret_min", "perimeter", "nearest_neighbour"):
        columns[f"{name}_nm"] = columns[f"{name}_px"] * _scale(pixel_size_nm)
    return columns


def particle_sizes(instances: Instances, pixel_size_nm: float | None = None) -> Columns:
    """Measure what needs no outline: place, area and diameter.

    Args:
        instances: Particles of one image.
        pixel_size_nm: Side of a pixel, nm, above 0; None leaves the columns in nm NaN.

    Returns:
        `label` to `diameter_nm` and `touches_border` of `measure_particles`.

    Raises:
        UserError: If the pixel size is not above 0.
    """
    scale = _scale(pixel_size_nm)
    centres = np.array([_centre(item) for item in instances]).reshape(-1, 2)
    area = np.array([item.area for item in instances], np.int64)
    diameter = instances.diameters()
    return {
        "label": np.arange(1, len(instances) + 1),
        "class_id": np.array([item.class_id for item in instances], np.int64),
        "score": np.array([item.score for item in instances], np.float64),
        "centroid_x": centres[:, 0],
        "centroid_y": centres[:, 1],
        "area_px": area,
        "area_nm2": area * scale**2,
        "diameter_px": diameter,
        "diameter_nm": diameter * scale,
        "touches_border": touches_border(instances),
    }


def _scale(pixel_size_nm: float | None) -> float:
    return np.nan if pixel_size_nm is None else check_positive("pixel_size_nm", pixel_size_nm)


def _centre(item: Instance) -> tuple[float, float]:
    rows, columns = np.nonzero(item.mask)
    return item.left + columns.mean(), item.top + rows.mean()


def _shape(item: Instance, image: np.ndarray | None) -> tuple[float, ...]:
    """Values of `_SHAPE`."""
    (region,) = regionprops(item.mask.astype(np.uint8))
    major, minor = region.axis_major_length, region.axis_minor_length
    perimeter = region.perimeter_crofton
    return (
        *feret_diameters(item.mask),
        perimeter,
        major / minor if minor > 0 else np.nan,
        4 * np.pi * item.area / perimeter**2,
        region.solidity,
        region.eccentricity,
        (np.degrees(region.orientation) + 90) % 180,
        np.nan if image is None else image[item.window][item.mask].mean(dtype=np.float64),
    )


def _nearest(centres: np.ndarray) -> np.ndarray:
    """Distance of each centre to the nearest other one; NaN where there is no other."""
    if len(centres) < 2:
        return np.full(len(centres), np.nan)
    return KDTree(centres).query(centres, k=2)[0][:, 1]
