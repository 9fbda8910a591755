"""Clusters of atoms of FCC metals in the morphologies that ASE makes directly.

ASE is optional: `pip install "nanozoo[atomistic]"`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import numpy as np

from nanozoo.core.checks import check_choice, check_positive
from nanozoo.core.errors import UserError

LARGEST_NM = 10.0
"""Largest diameter of a cluster: about 30 000 atoms."""


def build_cluster(name: str, diameter_nm: float, element: str = "Au") -> np.ndarray:
    """Build the cluster of a morphology whose volume is nearest to that of a sphere.

    Args:
        name: One of `CLUSTERS`.
        diameter_nm: Diameter of the sphere, nm, above 0 and at most 10.
        element: Symbol of a metal whose lattice is face-centred cubic.

    Returns:
        `(A, 3)` float64, positions of the atoms from their mean, nm.

    Raises:
        UserError: If ASE is missing, there is no such morphology, the element is no FCC metal,
            or the diameter is out of range.

    Example:
        >>> build_cluster("icosahedron", 1.1).shape
        (55, 3)
    """
    check_choice("name", name, CLUSTERS)
    check_positive("diameter_nm", diameter_nm)
    if diameter_nm > LARGEST_NM:
        raise UserError(
            f"Expected `diameter_nm` to be at most {LARGEST_NM}: larger particles are drawn by "
            f"`nanozoo.synth.single.draw_morphology`. Received: diameter_nm={diameter_nm!r}"
        )
    wanted = np.pi / 6 * (10 * diameter_nm) ** 3 / (lattice_constant(element) ** 3 / 4)
    count = 3
    nearest = [CLUSTERS[name](element, shells) for shells in (2, count)]
    while len(nearest[1]) < wanted:
        count += 1
        nearest = [nearest[1], CLUSTERS[name](element, count)]
    atoms = min(nearest, key=lambda cluster: abs(np.log(len(cluster) / wanted)))
    positions = np.asarray(atoms.get_positions(), float) / 10
    return positions - positions.mean(axis=0)


def lattice_constant(element: str) -> float:
    """Lattice constant of an FCC metal, angstrom.

    Raises:
        UserError: If ASE is missing or the element is no FCC metal.
    """
    data = atomistic_package("ase.data")
    state = data.reference_states[data.atomic_numbers.get(element, 0)] or {}
    if state.get("symmetry") != "fcc":
        raise UserError(
            "Expected `element` to be the symbol of a metal with a face-centred cubic lattice, "
            f"such as Au, Ag, Cu, Pd or Pt. Received: element={element!r}"
        )
    return float(state["a"])


def atomistic_package(name: str):
    """Import ASE or abTEM.

    Raises:
        UserError: If it is missing.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise UserError(
            f"Atomistic particles need the package {name.split('.')[0]}, which cannot be imported "
            f'({error}): install it with pip install "nanozoo[atomistic]".'
        ) from error


def _octahedron(element: str, count: int):
    return atomistic_package("ase.cluster").Octahedron(element, count)


def _cuboctahedron(element: str, count: int):
    return atomistic_package("ase.cluster").Octahedron(element, 2 * count - 1, count - 1)


def _icosahedron(element: str, count: int):
    return atomistic_package("ase.cluster").Icosahedron(element, count)


def _decahedron(element: str, count: int):
    return atomistic_package("ase.cluster").Decahedron(element, count, 1, 0)


def _cube(element: str, count: int):
    return atomistic_package("ase.cluster").FaceCenteredCubic(element, [(1, 0, 0)], [count])


CLUSTERS: dict[str, Callable] = {
    "cuboctahedron": _cuboctahedron,
    "decahedron": _decahedron,
    "fcc_cube": _cube,
    "icosahedron": _icosahedron,
    "octahedron": _octahedron,
}
"""What builds each morphology of `nanozoo.synth.polyhedra` that ASE makes directly."""
