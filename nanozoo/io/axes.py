"""What the axes of an image say: a pixel size, or that it is no image of a specimen."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Sequence

from nanozoo.core.units import nm_per_unit

_SQUARE_WITHIN = 0.01
_OTHER_QUANTITY = re.compile(r"1\s*/.*|.*\^?\s*[-\N{MINUS SIGN}]1|.*⁻¹|m?rad|[km]?ev", re.I)


def pixel_side_nm(sides: Sequence[tuple[float, str | None]], subject: object) -> float | None:
    """Side of a pixel from its height and its width.

    Args:
        sides: Height and width, each a number and its unit.
        subject: The image, for the warning.

    Returns:
        Side of the square of the same area, nm; None where a unit is no length, a number is
        none, zero or infinite, or the sides differ by over 1%, which is a warning too.
    """
    lengths = []
    for number, unit in sides:
        nm = nm_per_unit(unit or "")
        length = abs(float(number)) * nm if nm is not None else 0.0
        if not math.isfinite(length) or length == 0.0:
            return None
        lengths.append(length)
    height, width = lengths
    if abs(height - width) > _SQUARE_WITHIN * min(height, width):
        warnings.warn(
            f"The pixels of {subject} are not square ({width:.6g} nm wide, {height:.6g} nm high), "
            "so that no pixel size is taken from it: resample it to square pixels.",
            stacklevel=2,
        )
        return None
    return math.sqrt(height * width)


def is_other_quantity(unit: str | None) -> bool:
    """Whether a unit belongs to a diffraction pattern or a spectrum: 1/nm, mrad, eV and the like.

    Example:
        >>> is_other_quantity("1/nm"), is_other_quantity("nm"), is_other_quantity("")
        (True, False, False)
    """
    return _OTHER_QUANTITY.fullmatch((unit or "").strip()) is not None
