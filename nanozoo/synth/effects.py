"""What an instrument and a specimen add to a micrograph; all of it is off by default."""

from __future__ import annotations

from dataclasses import dataclass

from nanozoo.core.checks import check_int, check_positive, check_range
from nanozoo.core.errors import UserError

_FRACTIONS = (
    "crystalline",
    "facets",
    "speckle",
    "hole_depth",
    "film_depth",
    "scan_lines",
    "charging",
    "edge_brightening",
)


@dataclass(frozen=True)
class Effects:
    """Settings of effects that change how a scene looks, and of drift, which moves particles.

    Args:
        defocus_nm: Underfocus of the objective lens ("bf-tem"), nm; overfocus is negative.
            With this, aberration and spread of focus at 0 no contrast transfer is applied.
        spherical_aberration_mm: Of the objective lens ("bf-tem"), mm, 0 or more.
        focal_spread_nm: Standard deviation of the defocus, nm: the temporal envelope.
        convergence_mrad: Half angle of the illumination, mrad: the spatial envelope.
        voltage_kv: Acceleration voltage, kV.
        amplitude_contrast: Share of amplitude contrast, in [0.02, 1]; what is left is phase
            contrast, which is seen out of focus.
        crystalline: Share of particles with diffraction contrast, in [0, 1] (in transmission).
        diffraction: By how much a crystal that scatters most attenuates more than one that
            does not diffract, relative, in [0, 10].
        facets: Share of cubes and polyhedra whose surface is made of planes, in [0, 1].
        speckle: Relative standard deviation of the grain of an amorphous support, or of a
            coat on everything, in [0, 1].
        speckle_scale: Distance between its grains, px; without effect where contrast is
            transferred, as there the lens makes the grain.
        holes: Mean number of holes that the beam has made in the support, 0 or more.
        hole_diameter: Their mean diameter, px.
        hole_depth: Relative change of the support's grey in a hole, in [0, 1]: brighter in
            bright field, darker elsewhere.
        film_depth: Relative change of the support's grey where a film covers it, in [0, 1]; half
            of the support is covered.
        film_scale: Width of patches of the film, px.
        drift_px: How far the specimen drifts during the exposure, px. In scanning modes rows
            are shifted more and more, from 0 at the top to this at the bottom, image and
            masks alike; in "bf-tem" the image is blurred over this length.
        drift_degrees: Direction of the blur in "bf-tem", from right to down.
        jitter_px: Standard deviation of the shift of single rows in scanning modes, px.
        scan_lines: Relative standard deviation of the brightness of rows in scanning modes,
            in [0, 1].
        charging: How much particles and what is scanned after them brighten up, in [0, 1];
            "sem" only.
        edge_brightening: How bright steep edges are, in [0, 1]; "sem" only.
        smoothing: Standard deviation of a blur after the noise, px, as of an enlarged figure.
        jpeg_quality: Quality of the file that the figure once was, 1 to 100; 0 for none.

    Raises:
        UserError: If a value is outside of its range.

    References:
        L. Reimer and H. Kohl, Transmission Electron Microscopy, Springer 2008,
        doi:10.1007/978-0-387-40093-8 (contrast transfer, bend contours).
        L. Reimer, Scanning Electron Microscopy, Springer 1998, doi:10.1007/978-3-540-38967-5
        (edge effect, charging).
    """

    defocus_nm: float = 0.0
    spherical_aberration_mm: float = 0.0
    focal_spread_nm: float = 0.0
    convergence_mrad: float = 0.0
    voltage_kv: float = 200.0
    amplitude_contrast: float = 0.5
    crystalline: float = 0.0
    diffraction: float = 1.0
    facets: float = 0.0
    speckle: float = 0.0
    speckle_scale: float = 3.0
    holes: float = 0.0
    hole_diameter: float = 30.0
    hole_depth: float = 0.2
    film_depth: float = 0.0
    film_scale: float = 30.0
    drift_px: float = 0.0
    drift_degrees: float = 0.0
    jitter_px: float = 0.0
    scan_lines: float = 0.0
    charging: float = 0.0
    edge_brightening: float = 0.0
    smoothing: float = 0.0
    jpeg_quality: int = 0

    def __post_init__(self) -> None:
        for name in _FRACTIONS:
            check_range(name, getattr(self, name), 0.0, 1.0)
        for name in ("voltage_kv", "speckle_scale", "hole_diameter", "film_scale"):
            check_positive(name, getattr(self, name))
        for name, low, high in (
            ("defocus_nm", -1e8, 1e8),
            ("spherical_aberration_mm", 0.0, 100.0),
            ("focal_spread_nm", 0.0, 1e7),
            ("convergence_mrad", 0.0, 50.0),
            ("amplitude_contrast", 0.02, 1.0),
            ("diffraction", 0.0, 10.0),
            ("holes", 0.0, 1000.0),
            ("drift_px", -64.0, 64.0),
            ("drift_degrees", -360.0, 360.0),
            ("jitter_px", 0.0, 16.0),
            ("smoothing", 0.0, 10.0),
        ):
            check_range(name, getattr(self, name), low, high)
        check_int("jpeg_quality", self.jpeg_quality, 0)
        if self.jpeg_quality > 100:
            raise UserError(
                "Expected `jpeg_quality` to be at most 100. "
                f"Received: jpeg_quality={self.jpeg_quality!r}"
            )

    @property
    def transfers(self) -> bool:
        """Whether the objective lens has a contrast transfer function."""
        return bool(self.defocus_nm or self.spherical_aberration_mm or self.focal_spread_nm)
