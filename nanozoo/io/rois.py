"""ImageJ's regions of interest: files of one, sets in a ZIP, and the particles that they outline.

References:
    ImageJ's RoiDecoder, ShapeRoi and PolygonFiller, https://github.com/imagej/ImageJ.
"""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instance
from nanozoo.io.outlines import fill_ellipse, fill_outlines, trace_outlines
from nanozoo.io.stored import quiet, read_content

if TYPE_CHECKING:
    from roifile import ImagejRoi

LARGEST_ROI = 1 << 26
"""Most bytes of a region."""
LARGEST_SET = 1 << 28
"""Most bytes of all regions of a ZIP."""
MOST_ROIS = 100_000
"""Most regions of a ZIP."""
_FARTHEST = 60_535
"""Largest coordinate that ImageJ stores as a whole number."""
_MOVE, _LINE, _CLOSE = 0, 1, 4
_NO_AREA = {
    3: "line", 4: "freehand line", 5: "polyline", 6: "empty region", 9: "angle", 10: "point",
}  # fmt: skip


def read_rois(path: str | Path) -> list[ImagejRoi]:
    """Read the regions of a `.roi` or `.zip` file; nothing is unpacked to disk.

    Raises:
        UserError: If it is missing or damaged, holds what is no region, or is larger than any set
            of regions.
    """
    path = Path(path)
    content = read_content(path)
    if path.suffix.lower() == ".zip":
        return [_decode(one, path) for one in _unzipped(content, path)]
    return [_decode(content, path)]


def _unzipped(content: bytes, path: Path) -> list[bytes]:
    """Content of the regions, at most `LARGEST_SET` bytes whatever the ZIP says of itself."""
    found, total = [], 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            listed = [one for one in packed.infolist() if not _beside(one.filename)]
            _check_list(listed, path)
            for one in listed:
                with packed.open(one) as stream:
                    found.append(stream.read(LARGEST_ROI + 1))
                total += len(found[-1])
                if len(found[-1]) > LARGEST_ROI or total > LARGEST_SET:
                    raise _too_large(path)
    except UserError:
        raise
    except Exception as error:
        raise _damaged(path, error) from error
    return found


def _beside(name: str) -> bool:
    """Whether an entry is a folder, or what macOS packs beside the files."""
    return name.endswith("/") or name.startswith("__MACOSX/")


def _check_list(listed: Sequence[zipfile.ZipInfo], path: Path) -> None:
    other = [one.filename for one in listed if not one.filename.lower().endswith(".roi")]
    if other:
        raise UserError(
            f"The file {path} holds {other[0][:80]!r}, which is no region of ImageJ: save the set "
            "with the ROI Manager (More, Save)."
        )
    if len(listed) > MOST_ROIS or sum(one.file_size for one in listed) > LARGEST_SET:
        raise _too_large(path)


def _too_large(path: Path) -> UserError:
    return UserError(
        f"Expected at most {MOST_ROIS} regions of {LARGEST_SET >> 20} MB in {path}: divide it."
    )


def _damaged(path: Path, error: Exception) -> UserError:
    reason = " ".join(str(error).split())[:120] or type(error).__name__
    return UserError(f"The ImageJ file {path} is damaged ({reason}): save it again.")


def _decode(content: bytes, path: Path) -> ImagejRoi:
    from roifile import ImagejRoi

    try:
        with quiet("roifile"):
            return ImagejRoi.frombytes(content)
    except Exception as error:
        raise _damaged(path, error) from error


def draw_rois(
    rois: Sequence[ImagejRoi], shape: tuple[int, int], path: str | Path
) -> list[Instance]:
    """Find the pixels inside of regions, as ImageJ does.

    Rectangles, ovals, polygons, freehand and traced outlines and composites of them are known;
    where outlines of a composite lie in one another, there is a hole.

    Args:
        rois: The regions.
        shape: `(height, width)` of the image, px.
        path: Where they come from, for messages.

    Returns:
        A particle a region, whose class is the region's group, 1 where it is in none.

    Raises:
        UserError: If one is a line, a point or the like, belongs to a slice of a stack, or has
            no pixel in the image.
    """
    wrong = Counter(kind for kind in map(_why_no_particle, rois) if kind)
    if wrong:
        held = ", ".join(f"{count} x {kind}" for kind, count in sorted(wrong.items()))
        raise UserError(
            f"The file {path} holds what outlines no particle ({held}): delete it in the ROI "
            "Manager and save the set again."
        )
    try:
        found = [_draw(roi, shape) for roi in rois]
    except NotImplementedError as error:
        raise UserError(
            f"The file {path} holds a composite with curves: replace it in ImageJ by Edit, "
            "Selection, Interpolate, and save the set again."
        ) from error
    except Exception as error:
        raise _damaged(Path(path), error) from error
    if None in found:
        empty = rois[found.index(None)]
        raise UserError(
            f"A region of {path} has no pixel in the image of {shape[1]} x {shape[0]} px: delete "
            f"it, or give the set the name of its own image. Received: {empty.name[:80]!r}"
        )
    return found


def _why_no_particle(roi: ImagejRoi) -> str | None:
    from roifile import ROI_OPTIONS, ROI_SUBTYPE, ROI_TYPE

    if roi.roitype.value in _NO_AREA:
        return _NO_AREA[roi.roitype.value]
    if roi.subtype in (ROI_SUBTYPE.TEXT, ROI_SUBTYPE.IMAGE, ROI_SUBTYPE.ARROW):
        return roi.subtype.name.lower()
    if max(roi.position, roi.z_position, roi.t_position) > 1:
        return "region of a later slice of a stack"
    if roi.roitype == ROI_TYPE.RECT and roi.rounded_rect_arc_size:
        return "rounded rectangle"
    if roi.options & ROI_OPTIONS.SPLINE_FIT:
        return "spline"
    known = (ROI_TYPE.RECT, ROI_TYPE.OVAL, ROI_TYPE.POLYGON, ROI_TYPE.FREEHAND, ROI_TYPE.TRACED)
    return None if roi.roitype in known else "region of an unknown kind"


def _draw(roi: ImagejRoi, shape: tuple[int, int]) -> Instance | None:
    from roifile import ROI_TYPE

    class_id = max(1, roi.group)
    if roi.composite or roi.roitype not in (ROI_TYPE.RECT, ROI_TYPE.OVAL):
        outlines = roi.coordinates(multi=True)
        if not all(map(len, outlines)):
            raise ValueError("an outline without points")
        return fill_outlines(outlines, shape, class_id)
    box = (roi.left, roi.top, roi.right, roi.bottom)
    if roi.subpixelrect:
        first, last = (roi.xd, roi.yd), (roi.xd + roi.widthd, roi.yd + roi.heightd)
        # ImageJ fills the whole pixels that such a box touches.
        box = (*np.floor(first), *np.ceil(last))
    if roi.roitype == ROI_TYPE.OVAL:
        return fill_ellipse(box, shape, class_id)
    (left, top, right, bottom) = box
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
    return fill_outlines([corners], shape, class_id)


def write_roi_set(items: Sequence[Instance], names: Sequence[str], groups: Sequence[int]) -> bytes:
    """A ZIP for ImageJ's ROI Manager, with the outlines along the edges of the pixels.

    A particle in one part without holes is a traced outline, any other one a composite.

    Args:
        items: The particles.
        names: Their names, each another one.
        groups: Their groups, 0 for none.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for item, name, group in zip(items, names, groups):
            archive.writestr(zipfile.ZipInfo(f"{name}.roi"), roi_of(item, name, group).tobytes())
    return packed.getvalue()


def roi_of(item: Instance, name: str = "", group: int = 0) -> ImagejRoi:
    """A particle as a region of ImageJ.

    Args:
        item: The particle.
        name: Name of the region.
        group: Its group, 0 for none.

    Example:
        >>> roi_of(Instance(2, 5, np.ones((1, 1), bool))).coordinates().tolist()
        [[5, 2], [6, 2], [6, 3], [5, 3]]
    """
    from roifile import ROI_TYPE, ImagejRoi

    outlines = [one + (item.left, item.top) for one in trace_outlines(item.mask)]
    top, left, bottom, right = item.box
    box = {"top": top, "left": left, "bottom": bottom, "right": right}
    if len(outlines) == 1 and max(right, bottom) <= _FARTHEST:
        return ImagejRoi(
            roitype=ROI_TYPE.TRACED,
            name=name,
            group=group,
            n_coordinates=len(outlines[0]),
            integer_coordinates=(outlines[0] - (left, top)).astype(np.int32),
            **box,
        )
    path = np.concatenate([_path(one) for one in outlines]).astype(np.float32)
    return ImagejRoi(
        roitype=ROI_TYPE.RECT,
        name=name,
        group=group,
        shape_roi_size=len(path),
        multi_coordinates=path,
        **box,
    )


def _path(outline: np.ndarray) -> np.ndarray:
    """An outline as ImageJ's path: move to the first point, lines to the others, close."""
    kinds = np.full((len(outline), 1), _LINE)
    kinds[0] = _MOVE
    return np.append(np.hstack([kinds, outline]).ravel(), _CLOSE)
