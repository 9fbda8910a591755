"""The pixel size of a micrograph, and who says so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nanozoo.core.checks import check_positive
from nanozoo.io.micrograph import Micrograph
from nanozoo.measure.excluded import scale_bar_boxes
from nanozoo.measure.scale_bar import DISAGREES, READ, Calibration
from nanozoo.measure.text_reader import TextReader
from nanozoo.workflows.calibrate import calibrate_micrograph

_TOLERANCE = {"file": 0.02, "scale bar": 0.05}


@dataclass(frozen=True)
class PixelSize:
    """A pixel size with its origin.

    Args:
        nm: Side of a pixel, nm; None where it is unknown.
        source: "argument", "file" or "scale bar"; None where it is unknown.
        notes: Sentences for the report.
        seen: What was seen of a scale bar; None where nobody looked.
    """

    nm: float | None
    source: str | None
    notes: tuple[str, ...] = ()
    seen: Calibration | None = None


class PixelSizes:
    """Decides pixel sizes: the user goes before the file, the file before the scale bar.

    The scale bar is looked for once a file: what the first frame shows holds for the others of
    its size and pixel size; where the file states none, for those that show the same bar and
    text.

    Args:
        given_nm: Pixel size of every image, nm, or None.
        scale_bar: Whether scale bars are looked for.
        reader: What reads their texts; a new one if None.

    Raises:
        UserError: If the given pixel size is not above 0.
    """

    def __init__(
        self,
        given_nm: float | None = None,
        scale_bar: bool = True,
        reader: TextReader | None = None,
    ):
        if given_nm is not None:
            check_positive("pixel_size_nm", given_nm)
        self.given_nm = given_nm
        self._reader = (reader or TextReader()) if scale_bar else None
        self._first: tuple[Micrograph, Calibration] | None = None

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
        seen = None if self._reader is None else self._look(micrograph)
        if self.given_nm is not None:
            return PixelSize(
                self.given_nm, "argument", (*notes, *self._differing(stated, seen)), seen
            )
        if seen is not None and seen.status == READ and stated is None:
            return PixelSize(
                seen.nm_per_px, "scale bar", (*notes, f"Scale bar: {seen.note}"), seen
            )
        if seen is not None and seen.status == DISAGREES:
            return _unknown((*notes, seen.note), seen)
        if stated is not None:
            return PixelSize(stated, "file", notes, seen)
        return _unknown(notes if seen is None else (*notes, seen.note), seen)

    def _look(self, micrograph: Micrograph) -> Calibration:
        """Look for a scale bar, unless that of the file's first frame is seen again."""
        if self._first is None or not _shows_the_same(micrograph, *self._first):
            self._first = micrograph, calibrate_micrograph(micrograph, self._reader)
        return self._first[1]

    def _differing(self, stated: float | None, seen: Calibration | None) -> list[str]:
        """Say who states another pixel size than the one given."""
        sizes = {"file": stated}
        if seen is not None and seen.source == "scale bar":
            sizes["scale bar"] = seen.nm_per_px
        return [
            f"The {who} states {nm:.4g} nm a pixel, but {self.given_nm:.4g} nm were given and "
            "taken."
            for who, nm in sizes.items()
            if nm is not None and abs(self.given_nm / nm - 1) > _TOLERANCE[who]
        ]


def _shows_the_same(micrograph: Micrograph, first: Micrograph, seen: Calibration) -> bool:
    """Whether a frame has the scale bar of the first frame of its file."""
    alike = micrograph.path is not None and micrograph.path == first.path
    if not alike or micrograph.pixels.shape != first.pixels.shape:
        return False
    if micrograph.pixel_size_nm is not None or first.pixel_size_nm is not None:
        return micrograph.pixel_size_nm == first.pixel_size_nm
    boxes = scale_bar_boxes(seen, first.pixels.shape[:2]).values()
    parts = [(slice(top, bottom), slice(left, right)) for top, left, bottom, right in boxes]
    return bool(parts) and all(
        np.array_equal(micrograph.pixels[part], first.pixels[part]) for part in parts
    )


def _unknown(notes: tuple[str, ...], seen: Calibration | None) -> PixelSize:
    unknown = "The pixel size is unknown: all sizes are in pixels. Give it with --pixel-size-nm."
    return PixelSize(None, None, (*notes, unknown), seen)
