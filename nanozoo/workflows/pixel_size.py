"""The pixel size of a micrograph, and who says so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nanozoo.core.checks import check_positive
from nanozoo.io.micrograph import Micrograph
from nanozoo.measure.scale_bar import DISAGREES, READ
from nanozoo.measure.text_reader import TextReader
from nanozoo.workflows.calibrate import calibrate_micrograph

_TOLERANCE = 0.02


@dataclass(frozen=True)
class PixelSize:
    """A pixel size with its origin.

    Args:
        nm: Side of a pixel, nm; None where it is unknown.
        source: "argument", "file" or "scale bar"; None where it is unknown.
        notes: Sentences for the report.
    """

    nm: float | None
    source: str | None
    notes: tuple[str, ...] = ()


class PixelSizes:
    """Decides pixel sizes: the user goes before the file, the file before the scale bar.

    Args:
        given_nm: Pixel size of every image, nm, or None.
        scale_bar: Whether scale bars are read where nothing else says the pixel size.

    Raises:
        UserError: If the given pixel size is not above 0.
    """

    def __init__(self, given_nm: float | None = None, scale_bar: bool = True):
        if given_nm is not None:
            check_positive("pixel_size_nm", given_nm)
        self.given_nm = given_nm
        self._reader = TextReader() if scale_bar else None

    def of(self, micrograph: Micrograph) -> PixelSize:
        """Decide the pixel size of an image.

        Args:
            micrograph: The image with the pixel size of its file.

        Returns:
            The pixel size, with notes if it is unknown, if the file states an impossible one, or
            if two say different things. Where scale bar and file disagree it is unknown.
        """
        stated, notes = micrograph.pixel_size_nm, ()
        if stated is not None and not (np.isfinite(stated) and stated > 0):
            notes = (f"The file states a pixel size of {stated:g} nm, which cannot be.",)
            stated = None
        if self.given_nm is not None:
            if stated is not None and abs(self.given_nm / stated - 1) > _TOLERANCE:
                notes = (
                    f"The file states {stated:.4g} nm a pixel, but {self.given_nm:.4g} nm were "
                    "given and taken.",
                )
            return PixelSize(self.given_nm, "argument", notes)
        if self._reader is not None:
            return self._read(micrograph, stated, notes)
        if stated is not None:
            return PixelSize(stated, "file")
        return _unknown(notes)

    def _read(
        self, micrograph: Micrograph, stated: float | None, notes: tuple[str, ...]
    ) -> PixelSize:
        """Look for a scale bar, and compare it with what the file states."""
        found = calibrate_micrograph(micrograph, self._reader)
        if found.status == READ and stated is None:
            return PixelSize(found.nm_per_px, "scale bar", (*notes, f"Scale bar: {found.note}"))
        if found.status == DISAGREES:
            return _unknown((*notes, found.note))
        if stated is not None:
            return PixelSize(stated, "file", notes)
        return _unknown((*notes, found.note))


def _unknown(notes: tuple[str, ...]) -> PixelSize:
    unknown = "The pixel size is unknown: all sizes are in pixels. Give it with --pixel-size-nm."
    return PixelSize(None, None, (*notes, unknown))
