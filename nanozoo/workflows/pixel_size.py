"""The pixel size of a micrograph, and who says so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nanozoo.core.checks import check_positive
from nanozoo.io.micrograph import Micrograph

_TOLERANCE = 0.02


@dataclass(frozen=True)
class PixelSize:
    """A pixel size with its origin.

    Args:
        nm: Side of a pixel, nm; None where it is unknown.
        source: "argument" or "file"; None where it is unknown.
        notes: Sentences for the report.
    """

    nm: float | None
    source: str | None
    notes: tuple[str, ...] = ()


def decide_pixel_size(micrograph: Micrograph, given_nm: float | None) -> PixelSize:
    """Decide the pixel size: what the user gives goes before what the file states.

    Args:
        micrograph: The image with the pixel size of its file.
        given_nm: Pixel size that the user gives, nm, or None.

    Returns:
        The pixel size, with notes if it is unknown, if the file states an impossible one, or if
        user and file disagree by over 2%.

    Raises:
        UserError: If the given pixel size is not above 0.
    """
    stated, impossible = micrograph.pixel_size_nm, ()
    if stated is not None and not (np.isfinite(stated) and stated > 0):
        impossible = (f"The file states a pixel size of {stated:g} nm, which cannot be.",)
        stated = None
    if given_nm is not None:
        check_positive("pixel_size_nm", given_nm)
        notes = impossible
        if stated is not None and abs(given_nm / stated - 1) > _TOLERANCE:
            notes = (
                f"The file states {stated:.4g} nm a pixel, but {given_nm:.4g} nm were given and "
                "taken.",
            )
        return PixelSize(given_nm, "argument", notes)
    if stated is not None:
        return PixelSize(stated, "file")
    unknown = "The pixel size is unknown: all sizes are in pixels. Give it with --pixel-size-nm."
    return PixelSize(None, None, (*impossible, unknown))
