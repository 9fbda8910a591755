"""Single particles atom by atom: clusters of ASE, imaged by abTEM's multislice simulation.

ASE and abTEM are optional: `pip install "nanozoo[atomistic]"`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import ConvexHull
from scipy.spatial.transform import Rotation

from nanozoo.core.checks import check_int, check_positive
from nanozoo.core.errors import UserError
from nanozoo.synth.clusters import atomistic_package, build_cluster, lattice_constant
from nanozoo.synth.single import ShapePicture

_AROUND = 0.5


@dataclass(frozen=True)
class AtomisticPicture(ShapePicture):
    """One particle in vacuum, atom by atom.

    Args:
        pixel_size_nm: Pixel size, nm.
        positions_nm: `(A, 3)` float64, atoms as they are seen: x (columns) and y (rows) from the
            middle of the first pixel, z along the beam, nm.
    """

    pixel_size_nm: float
    positions_nm: np.ndarray


def draw_atomistic(
    name: str,
    diameter_nm: float = 2.0,
    side: int = 160,
    *,
    pixel_size_nm: float = 0.025,
    element: str = "Au",
    rotation: Rotation | None = None,
    energy_kev: float = 200.0,
    spherical_aberration_mm: float = 0.5,
    defocus_nm: float | None = None,
    dose: float = 1e6,
    seed: int = 0,
) -> AtomisticPicture:
    """Simulate the high-resolution TEM image of a particle in vacuum.

    The potential of independent atoms (Lobato) is crossed slice by slice, and the wave that
    leaves it is imaged by an objective lens with a spread of focus of 4 nm.

    Args:
        name: One of `nanozoo.synth.clusters.CLUSTERS`.
        diameter_nm: Diameter of the sphere of about the same volume, nm.
        side: Side of the picture, px, at least 32.
        pixel_size_nm: Pixel size, nm, at most 0.05, so that the lattice is resolved.
        element: Symbol of a metal whose lattice is face-centred cubic.
        rotation: Turns the particle; None for one drawn uniformly over SO(3) by the seed.
        energy_kev: Energy of the electrons, keV.
        spherical_aberration_mm: Of the objective lens, mm, above 0.
        defocus_nm: Underfocus, nm; None for Scherzer's.
        dose: Electrons a square nanometre, above 0.
        seed: Seed of orientation and noise, 0 or more.

    Returns:
        The picture; vacuum has a grey of about 1 over the brightest pixel's intensity. The mask
        is the outline of the atoms, with half the distance of neighbours around them.

    Raises:
        UserError: If ASE or abTEM is missing, an argument is out of range, or the particle does
            not fit into the picture.

    References:
        Madsen, Susi 2021, doi:10.12688/openreseurope.13015.2 (abTEM). Larsen et al. 2017,
        doi:10.1088/1361-648X/aa680e (ASE).
    """
    check_int("side", side, 32)
    check_int("seed", seed, 0)
    for what, value in (
        ("pixel_size_nm", pixel_size_nm),
        ("energy_kev", energy_kev),
        ("spherical_aberration_mm", spherical_aberration_mm),
        ("dose", dose),
    ):
        check_positive(what, value)
    if pixel_size_nm > 0.05:
        raise UserError(
            "Expected `pixel_size_nm` to be at most 0.05, so that the lattice is resolved. "
            f"Received: pixel_size_nm={pixel_size_nm!r}"
        )
    turn_rng, noise_rng = np.random.default_rng(seed).spawn(2)
    turn = Rotation.random(None, turn_rng) if rotation is None else rotation
    positions = turn.apply(build_cluster(name, diameter_nm, element))
    low, high = positions.min(axis=0), positions.max(axis=0)
    extent = side * pixel_size_nm
    if max(high[:2] - low[:2]) > extent - 2 * _AROUND:
        raise UserError(
            f"A particle of {max(high[:2] - low[:2]):.1f} nm does not fit into a picture of "
            f"{extent:.1f} nm with {_AROUND} nm around it: raise side or pixel_size_nm. "
            f"Received: side={side!r}, pixel_size_nm={pixel_size_nm!r}"
        )
    middle = np.append(np.full(2, extent / 2), _AROUND - low[2] + (high[2] + low[2]) / 2)
    positions = positions - (low + high) / 2 + middle
    lens = {
        "energy": 1e3 * energy_kev,
        "Cs": 1e7 * spherical_aberration_mm,
        "defocus": "scherzer" if defocus_nm is None else 10 * defocus_nm,
        "focal_spread": 40.0,
    }
    intensity = _exposed(positions, element, side, extent, lens)
    electrons = dose * pixel_size_nm**2
    counted = noise_rng.poisson(intensity * electrons) / electrons
    image = (counted / max(float(counted.max()), 1e-6)).astype(np.float32)
    reach = 0.1 * lattice_constant(element) / np.sqrt(8)
    places = positions - [pixel_size_nm / 2, pixel_size_nm / 2, 0]
    mask = _outlined(places[:, :2], reach, side, pixel_size_nm)
    return AtomisticPicture(image, mask, name, pixel_size_nm, places)


def _exposed(
    positions_nm: np.ndarray, element: str, side: int, extent_nm: float, lens: dict
) -> np.ndarray:
    """Intensity `(side, side)` in the image plane, 1 in vacuum."""
    abtem, ase = atomistic_package("abtem"), atomistic_package("ase")
    depth = float(positions_nm[:, 2].max()) + _AROUND
    atoms = ase.Atoms(
        [element] * len(positions_nm),
        positions=10 * positions_nm,
        cell=[10 * extent_nm, 10 * extent_nm, 10 * depth],
    )
    potential = abtem.Potential(atoms, gpts=side, slice_thickness=1.0)
    wave = abtem.PlaneWave(energy=lens["energy"]).multislice(potential)
    image = wave.apply_ctf(abtem.CTF(**lens)).intensity()
    image = image.compute(progress_bar=False) if image.is_lazy else image
    return np.maximum(np.asarray(image.array, np.float64), 0.0).T


def _outlined(
    places_nm: np.ndarray, reach_nm: float, side: int, pixel_size_nm: float
) -> np.ndarray:
    """Pixels within the convex hull of points `(A, 2)`, widened by `reach_nm`."""
    hull = ConvexHull(places_nm)
    x, y = np.meshgrid(*[np.arange(side) * pixel_size_nm] * 2)
    points = np.stack([x.ravel(), y.ravel(), np.ones(side * side)])
    return (hull.equations @ points).max(axis=0).reshape(side, side) <= reach_nm
