"""Regions of ImageJ: what the format says, and what is refused."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from particles import SHAPE, hard_particles
from roifile import ROI_OPTIONS, ROI_SUBTYPE, ROI_TYPE, ImagejRoi, roiread

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instance
from nanozoo.io.micrograph import read_micrograph
from nanozoo.io.rois import draw_rois, read_rois, roi_of, write_roi_set

GOLDEN = Path(__file__).parents[1] / "golden/imagej"


def drawn(*rois, shape=SHAPE) -> list[np.ndarray]:
    masks = []
    for item in draw_rois(rois, shape, "a.zip"):
        masks.append(np.zeros(shape, bool))
        masks[-1][item.window] = item.mask
    return masks


def box(roitype, **more) -> ImagejRoi:
    return ImagejRoi(roitype=roitype, left=3, top=4, right=13, bottom=9, **more)


def zipped(tmp_path, **files):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return path


def test_a_traced_region_runs_along_the_pixels_edges(tmp_path):
    """What ImageJ shows: a pixel in row 2 and column 5 is the square from (5, 2) to (6, 3)."""
    path = tmp_path / "a.roi"
    path.write_bytes(roi_of(Instance(2, 5, np.ones((2, 3), bool)), "a", 4).tobytes())
    roi = roiread(path)
    assert roi.roitype == ROI_TYPE.TRACED and roi.name == "a" and roi.group == 4
    assert roi.coordinates().tolist() == [[5, 2], [8, 2], [8, 4], [5, 4]]
    assert (roi.left, roi.top, roi.right, roi.bottom) == (5, 2, 8, 4)


def test_a_region_with_a_hole_is_a_composite_of_closed_paths():
    mask = np.ones((3, 3), bool)
    mask[1, 1] = False
    roi = ImagejRoi.frombytes(roi_of(Instance(10, 20, mask)).tobytes())
    outer, hole = roi.coordinates(multi=True)
    assert roi.composite and roi.roitype == ROI_TYPE.RECT
    assert {tuple(point) for point in outer} == {(20, 10), (23, 10), (23, 13), (20, 13)}
    assert {tuple(point) for point in hole} == {(21, 11), (22, 11), (22, 12), (21, 12)}
    assert outer[0].tolist() == outer[-1].tolist()


def test_a_composite_with_curves_is_refused_with_the_way_to_draw_it_anew():
    roi = roi_of(Instance(10, 20, np.pad(np.zeros((1, 1), bool), 1, constant_values=True)))
    curve = np.array([0, 1, 1, 2, 5, 1, 5, 5, 4], np.float32)  # move to, quadratic curve, close
    roi.multi_coordinates = curve
    with pytest.raises(UserError, match=r"a\.zip.*curves.*Interpolate"):
        drawn(roi)


def test_a_set_is_read_by_roifile_and_by_us(tmp_path):
    particles = hard_particles()
    names = [f"p{number}" for number in range(len(particles))]
    path = tmp_path / "a.zip"
    path.write_bytes(write_roi_set(particles.items, names, range(len(names))))
    listed = roiread(path)
    assert [roi.name for roi in listed] == names
    boxes = [
        tuple(np.concatenate(roi.coordinates(multi=True)).min(axis=0)[::-1]) for roi in listed
    ]
    assert boxes == [(item.top, item.left) for item in particles]
    np.testing.assert_array_equal(drawn(*read_rois(path)), particles.to_stack())


def test_large_coordinates_survive():
    item = Instance(70_000, 61_000, np.ones((2, 2), bool))
    (found,) = draw_rois([ImagejRoi.frombytes(roi_of(item).tobytes())], (80_000, 62_000), "a.roi")
    assert found.box == item.box


def test_rectangles_and_ovals():
    rectangle, oval = drawn(box(ROI_TYPE.RECT), box(ROI_TYPE.OVAL))
    wanted = np.zeros(SHAPE, bool)
    wanted[4:9, 3:13] = True
    np.testing.assert_array_equal(rectangle, wanted)
    rows, columns = np.indices(SHAPE)
    inside = ((columns - 7.5) / 5) ** 2 + ((rows - 6) / 2.5) ** 2 <= 1
    np.testing.assert_array_equal(oval, inside)
    sub = {"options": ROI_OPTIONS.SUB_PIXEL_RESOLUTION, "xd": 3.6, "yd": 4.0}
    (shifted,) = drawn(box(ROI_TYPE.RECT, **sub, widthd=2.0, heightd=1.0))
    assert np.argwhere(shifted).tolist() == [[4, 3], [4, 4], [4, 5]]


@pytest.mark.parametrize("kind", [ROI_TYPE.POLYGON, ROI_TYPE.FREEHAND, ROI_TYPE.TRACED])
def test_outlines_of_whole_and_of_broken_numbers(kind):
    corners = np.array([[2, 3], [12, 3], [12, 10], [2, 10]])
    whole, broken = ImagejRoi.frompoints(corners), ImagejRoi.frompoints(corners + 0.4)
    whole.roitype = broken.roitype = kind
    assert broken.subpixelresolution
    masks = drawn(*(ImagejRoi.frombytes(roi.tobytes()) for roi in (whole, broken)))
    assert np.argwhere(masks[0]).min(axis=0).tolist() == [3, 2]
    assert masks[0].sum() == 70
    np.testing.assert_array_equal(masks[0], masks[1])


@pytest.mark.parametrize(
    "roi, kind",
    [
        (ImagejRoi(roitype=ROI_TYPE.LINE, x2=9.0), "1 x line"),
        (box(ROI_TYPE.RECT, subtype=ROI_SUBTYPE.TEXT, text="50 nm"), "1 x text"),
        (box(ROI_TYPE.RECT, rounded_rect_arc_size=8), "rounded"),
        (box(ROI_TYPE.OVAL, position=3), "later slice"),
        (ImagejRoi(roitype=ROI_TYPE.NOROI), "empty"),
    ],
)
def test_what_is_no_particle_is_named(roi, kind):
    with pytest.raises(UserError, match=f"(?s)a.zip.*{kind}.*ROI Manager"):
        drawn(box(ROI_TYPE.OVAL), ImagejRoi.frombytes(roi.tobytes()))


def test_points_and_splines_are_named():
    point, spline = (ImagejRoi.frompoints([[1, 1], [5, 1], [5, 5]]) for _ in range(2))
    point.roitype, spline.options = ROI_TYPE.POINT, ROI_OPTIONS.SPLINE_FIT
    with pytest.raises(UserError, match="1 x point, 1 x spline"):
        drawn(point, spline)


def test_a_region_outside_the_image():
    with pytest.raises(UserError, match="no pixel in the image of 5 x 3 px.*far"):
        drawn(box(ROI_TYPE.RECT, name="far"), shape=(3, 5))


def test_damaged_files(tmp_path):
    good = roi_of(Instance(0, 0, np.ones((9, 9), bool))).tobytes()
    composite = roi_of(hard_particles().items[2]).tobytes()
    curve = bytearray(composite)
    curve[64:68] = np.array(3, ">f4").tobytes()
    for content in (b"", b"Iout", good[:70], b"Kout" + good[4:], composite[:200], bytes(curve)):
        path = tmp_path / "a.roi"
        path.write_bytes(content)
        with pytest.raises(UserError, match="damaged|empty|curves"):
            drawn(*read_rois(path))
    for content in (good, good * 100):
        path = tmp_path / "b.zip"
        path.write_bytes(content)
        with pytest.raises(UserError, match=r"b\.zip is damaged"):
            read_rois(path)


def test_a_zip_unpacks_nothing_and_cannot_grow(tmp_path, monkeypatch):
    good = roi_of(Instance(0, 0, np.ones((9, 9), bool))).tobytes()
    inside = tmp_path / "inside"
    inside.mkdir()
    path = zipped(inside, **{"../../out.roi": good, "/etc/other.roi": good, "__MACOSX/x": b"x"})
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UserError, match="x.*no region"):
        read_rois(zipped(inside, **{"a.roi": good, "readme.txt": b"x"}))
    path = zipped(inside, **{"../../out.roi": good, "/etc/other.roi": good})
    assert len(read_rois(path)) == 2
    assert sorted(tmp_path.rglob("*")) == before
    monkeypatch.setattr("nanozoo.io.rois.LARGEST_ROI", 10_000)
    with pytest.raises(UserError, match="at most"):
        read_rois(zipped(inside, bomb__roi=bytes(10_000_000)))
    monkeypatch.setattr("nanozoo.io.rois.LARGEST_SET", 1000)
    with pytest.raises(UserError, match="at most"):
        read_rois(zipped(inside, **{f"{n}.roi": good for n in range(20)}))


def test_a_zip_that_lies_about_its_size(tmp_path, monkeypatch):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.roi", bytes(1_000_000))
    content = packed.getvalue().replace((1_000_000).to_bytes(4, "little"), b"\x40\0\0\0")
    (tmp_path / "a.zip").write_bytes(content)
    monkeypatch.setattr("nanozoo.io.rois.LARGEST_ROI", 10_000)
    with pytest.raises(UserError, match=r"a\.zip"):
        drawn(*read_rois(tmp_path / "a.zip"))


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.zip")), ids=lambda path: path.stem)
def test_what_imagej_wrote_holds_the_pixels_that_imagej_filled(path):
    """Written by ImageJ itself, see `write_regions.ijm` beside the files."""
    pixels = read_micrograph(path.with_suffix(".png")).pixels[..., 0]
    (mask,) = drawn(*read_rois(path))
    np.testing.assert_array_equal(mask, pixels > 0)
