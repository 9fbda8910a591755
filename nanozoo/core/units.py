"""Units of length as microscopes and programs write them, and how large a pixel can be."""

from __future__ import annotations

import unicodedata

_NM = {
    "pm": 1e-3, "å": 0.1, "angstrom": 0.1, "nm": 1.0, "nanometer": 1.0, "nanometre": 1.0,
    "um": 1e3, "\N{GREEK SMALL LETTER MU}m": 1e3, "\\u00b5m": 1e3, "micron": 1e3, "microns": 1e3,
    "micrometer": 1e3, "micrometre": 1e3, "mm": 1e6, "cm": 1e7, "m": 1e9,
}  # fmt: skip


LARGEST_PIXEL_NM = 1e4
"""A pixel above this, nm, shows no particle: something was misread or meant for print."""


def nm_per_unit(name: str) -> float | None:
    """Nanometres in a unit of length.

    Args:
        name: Such as "nm", "µm" (with either of the two micro signs), "um", "micron", "Å" or
            "\\\\u00b5m", as ImageJ writes it; in capitals or not.

    Returns:
        Its length, nm, or None for what is no unit of length.

    Example:
        >>> nm_per_unit("µm")
        1000.0
    """
    return _NM.get(unicodedata.normalize("NFKC", name.strip()).lower())
