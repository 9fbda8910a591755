"""The pixel size in the tags of a TIFF, as microscopes and programs write it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nanozoo.core.units import LARGEST_PIXEL_NM
from nanozoo.io.axes import pixel_side_nm

if TYPE_CHECKING:
    import tifffile

_CM_OF_RESOLUTION_UNIT = {2: 2.54, 3: 1.0}
_NM_PER_CM = 1e7
_SIDES = ("height", "width")
_DIGITAL_MICROGRAPH_TAGS = range(65003, 65012)


def stated_pixel_size_nm(tif: tifffile.TiffFile, path: Path) -> float | None:
    """Pixel size that the tags of the first page state.

    Args:
        tif: The open file.
        path: Where it lies.

    Returns:
        Side of a pixel, nm: what the maker of the microscope or camera wrote (FEI and Thermo
        Fisher, Zeiss, TVIPS, Olympus, JEOL SightX, Digital Micrograph), else in ImageJ's unit,
        else the resolution; None where they state none. A resolution per inch or centimetre
        counts only where it means pixels under 10 um: above that it is a setting for print, such
        as 72 dots an inch. Beside the tags of a maker it does not count: it may be the camera's.
    """
    page = tif.pages[0]
    if _is_of_a_maker(page):
        return _makers_pixel_size_nm(path)
    per_unit = _pixels_per_unit(page)
    if per_unit is None:
        return None
    unit = str((tif.imagej_metadata or {}).get("unit", ""))
    named = pixel_side_nm([(1 / number, unit) for number in per_unit], path)
    if named is not None:
        return named
    tag = page.tags.get("ResolutionUnit")
    cm = _CM_OF_RESOLUTION_UNIT.get(int(tag.value) if tag is not None else 2)
    if cm is None or cm * _NM_PER_CM / min(per_unit) > LARGEST_PIXEL_NM:
        return None
    return pixel_side_nm([(cm / number, "cm") for number in per_unit], path)


def _is_of_a_maker(page: tifffile.TiffPage) -> bool:
    return (
        page.is_fei
        or page.is_sem
        or page.is_tvips
        or page.is_sis
        or page.tags.valueof("Make") == "JEOL Ltd."
        or any(code in page.tags for code in _DIGITAL_MICROGRAPH_TAGS)
    )


def _makers_pixel_size_nm(path: Path) -> float | None:
    from rsciio.tiff import file_reader

    try:
        axes = file_reader(str(path), lazy=True)[0]["axes"]
    except Exception:
        return None
    sides = [(axis["scale"], axis["units"]) for axis in axes if axis["name"] in _SIDES]
    return pixel_side_nm(sides, path) if len(sides) == 2 else None


def _pixels_per_unit(page: tifffile.TiffPage) -> tuple[float, float] | None:
    """Pixels per unit of length down and across."""
    across = page.tags.valueof("XResolution")
    down = page.tags.valueof("YResolution", across)
    if across is None or 0 in (*across, *down):
        return None
    return down[0] / down[1], across[0] / across[1]
