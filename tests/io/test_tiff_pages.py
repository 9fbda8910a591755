"""Pages of a TIFF as frames, and pixel sizes in the tags of microscopes and cameras."""

import struct

import cv2
import numpy as np
import pytest
import tifffile

from nanozoo.core.errors import UserError
from nanozoo.io.micrograph import read_frames, read_micrograph

STACK = np.random.default_rng(4).integers(0, 60000, (3, 9, 14)).astype("uint16")


@pytest.mark.parametrize("lzw", [False, True])
def test_pages_are_frames(tmp_path, lzw):
    path = tmp_path / "a.tif"
    if lzw:
        cv2.imwritemulti(str(path), list(STACK), [cv2.IMWRITE_TIFF_COMPRESSION, 5])
    else:
        layout = {"imagej": True, "resolution": (4, 4), "metadata": {"unit": "nm"}}
        tifffile.imwrite(path, STACK, **layout)
    found = list(read_frames(path))
    assert [image.frame for image in found] == ["frame001", "frame002", "frame003"]
    np.testing.assert_array_equal([image.pixels[..., 0] for image in found], STACK)
    assert [image.pixel_size_nm for image in found] == [None if lzw else 0.25] * 3
    assert read_micrograph(path).source.endswith("a.tif (frame001)")


def test_thumbnails_and_other_pages_are_no_frames(tmp_path):
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as writer:
        writer.write(STACK[0])
        writer.write(STACK[0, ::2, ::2], subfiletype=1)
    (found,) = read_frames(path)
    assert found.frame is None
    with tifffile.TiffWriter(path) as writer:
        writer.write(STACK[0])
        writer.write(STACK[0, ::2])
    with pytest.warns(UserWarning, match="left out 1 pages"):
        assert len(list(read_frames(path))) == 1


def test_truncated_stack_gives_its_whole_pages_first(tmp_path):
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as writer:
        for frame in STACK:
            writer.write(frame)
    content = path.read_bytes()
    path.write_bytes(content[: int(0.6 * len(content))])
    frames = read_frames(path)
    np.testing.assert_array_equal(next(frames).pixels[..., 0], STACK[0])
    with pytest.raises(UserError, match="truncated"):
        list(frames)


def test_block_of_images_behind_one_page_is_refused(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, STACK[0], description="ImageJ=1.53t\nimages=3\n", metadata=None)
    with pytest.raises(UserError, match="holds 3 images as one block"):
        list(read_frames(path))


def put(path, *tags, **options) -> None:
    tifffile.imwrite(path, STACK[0], extratags=tags, metadata=None, **options)


def text(code: int, content: str) -> tuple:
    return (code, 2, len(content) + 1, content, True)


def fei(scan: str) -> tuple:
    return text(34682, f"[User]\nDate=1\n[Scan]\n{scan}\n")


def test_tag_of_fei(tmp_path):
    put(tmp_path / "a.tif", fei("PixelWidth=3.5e-009\nPixelHeight=3.5e-009"))
    assert read_micrograph(tmp_path / "a.tif").pixel_size_nm == pytest.approx(3.5, rel=1e-6)
    resolution = {"resolution": (5e6, 5e6), "resolutionunit": "CENTIMETER"}
    put(tmp_path / "a.tif", fei("Dwell=3e-7"), **resolution)
    assert read_micrograph(tmp_path / "a.tif").pixel_size_nm is None
    put(tmp_path / "a.tif", fei("PixelWidth=3.5e-009\nPixelHeight=7e-009"))
    with pytest.warns(UserWarning, match="not square"):
        assert read_micrograph(tmp_path / "a.tif").pixel_size_nm is None


def test_tag_of_zeiss(tmp_path):
    """The fourth number is that of an image 1024 px wide; this one is 14 px wide."""
    numbers = "\r\n".join(["1", "0", "0", str(2e-9 * 14 / 1024), "5"])
    put(tmp_path / "a.tif", text(34118, numbers + "\r\nAP_MAG\r\nMag = 5.00 K X\r\n"))
    assert read_micrograph(tmp_path / "a.tif").pixel_size_nm == pytest.approx(2.0, rel=1e-6)


def test_tags_of_digital_micrograph(tmp_path):
    scales = [(code, 12, 1, value, True) for code, value in [(65009, 0.5), (65010, 0.5)]]
    for unit, nm in [("nm", 0.5), ("\xb5m", 500.0), ("1/nm", None)]:
        units = [text(code, unit) for code in (65003, 65004)]
        units = [(c, 2, len(unit) + 1, unit.encode("latin-1"), True) for c, *_ in units]
        put(tmp_path / "a.tif", *scales, *units)
        expected = None if nm is None else pytest.approx(nm, rel=1e-6)
        assert read_micrograph(tmp_path / "a.tif").pixel_size_nm == expected


def test_tag_of_olympus(tmp_path):
    """A header, one entry that points behind itself, and there the calibration at 10^-9."""
    put(tmp_path / "a.tif", (33560, 4, 1, 0, True))
    content = bytearray((tmp_path / "a.tif").read_bytes())
    place = content.index(struct.pack("<HHI", 33560, 4, 1)) + 8
    at = len(content)
    content[place : place + 4] = struct.pack("<I", at)
    content += struct.pack("<4s6xhhhhh6x32sH", b"SIS0", 1, 1, 1, 1, 120, b"a", 1)
    content += struct.pack("<hhI", 1, 1, at + 68)
    content += struct.pack("<10xhdd8xd2x34s32s", -9, 0.75, 0.75, 1000.0, b"", b"")
    (tmp_path / "a.tif").write_bytes(content)
    assert read_micrograph(tmp_path / "a.tif").pixel_size_nm == pytest.approx(0.75, rel=1e-6)


def test_resolution_of_jeol_is_that_of_its_camera(tmp_path):
    mode = (
        "<TemReporter><Eos><EosMode>eosTEM</EosMode></Eos><IlluminationSystem>"
        "<ImageField>modeBF</ImageField></IlluminationSystem><ImageFormingSystem>"
        "<ModeString>MAG</ModeString><ImageFormingMode>modeMAG</ImageFormingMode>"
        "<SelectorString>x50k</SelectorString><SelectorValue>50000</SelectorValue>"
        "</ImageFormingSystem></TemReporter>"
    )
    resolution = {"resolution": (1000, 1000), "resolutionunit": "CENTIMETER"}
    options = {"description": mode, **resolution}
    put(tmp_path / "a.tif", text(271, "JEOL Ltd."), **options)
    assert read_micrograph(tmp_path / "a.tif").pixel_size_nm == pytest.approx(0.2, rel=1e-6)
    put(tmp_path / "a.tif", text(271, "JEOL Ltd."), **resolution)
    assert read_micrograph(tmp_path / "a.tif").pixel_size_nm is None
