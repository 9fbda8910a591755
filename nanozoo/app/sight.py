"""A micrograph as the page takes it in: its picture and its pixel size, before it is measured."""

from __future__ import annotations

from dataclasses import dataclass, replace

from nanozoo.app.tools import text_reader
from nanozoo.app.viewer import picture_link
from nanozoo.core.checks import check_positive
from nanozoo.io.micrograph import Micrograph
from nanozoo.workflows.pixel_size import PixelSize, PixelSizes

Source = tuple[str, int]


@dataclass(frozen=True)
class Sight:
    """A micrograph with its picture and its pixel size; it is never changed, only replaced.

    Args:
        micrograph: The image.
        picture: What the viewer shows of it, see `nanozoo.app.viewer.picture_link`.
        automatic: The pixel size that was read, from the file or from the scale bar.
        source: The file, and the number of the image in it.
        given_nm: The pixel size that the user gave, nm, or None.
    """

    micrograph: Micrograph
    picture: str
    automatic: PixelSize
    source: Source | None = None
    given_nm: float | None = None

    @property
    def pixel_size(self) -> PixelSize:
        """The pixel size that holds: the user's goes before the automatic one."""
        if self.given_nm is None:
            return self.automatic
        return PixelSize(self.given_nm, "argument", (), self.automatic.seen)

    def with_pixel_size(self, nm: float | None) -> Sight:
        """The same with a pixel size that the user gives, nm; None goes back to the automatic one.

        Raises:
            UserError: If it is not above 0.
        """
        if nm is not None:
            check_positive("pixel_size_nm", nm)
        return replace(self, given_nm=nm)


def look_at(
    micrograph: Micrograph, picture: str | None = None, source: Source | None = None
) -> Sight:
    """Draw a micrograph and read its pixel size.

    Args:
        micrograph: The image.
        picture: Its picture, if it is drawn already.
        source: The file, and the number of the image in it.
    """
    size = PixelSizes(None, True, text_reader()).of(micrograph)
    return Sight(micrograph, picture or picture_link(micrograph.pixels), size, source)
