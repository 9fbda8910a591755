"""Reading what was written, in every format, bit depth and number of channels."""

import cv2
import numpy as np
import pytest
import tifffile

from nanozoo.core.errors import UserError
from nanozoo.io.micrograph import Micrograph, find_images, grey_of, normalise, read_micrograph

TOP = {"uint8": 255, "uint16": 65535, "int32": 2_000_000, "float32": 1.0}


def some_pixels(dtype: str, channels: int) -> np.ndarray:
    rng = np.random.default_rng(channels)
    values = rng.random((19, 23, channels)) * TOP[dtype]
    return values.astype(dtype)


def bgr(pixels: np.ndarray) -> np.ndarray:
    return pixels[..., [2, 1, 0, 3][: pixels.shape[-1]]] if pixels.shape[-1] > 2 else pixels


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_png_round_trip(tmp_path, dtype, channels):
    pixels = some_pixels(dtype, channels)
    cv2.imwrite(str(tmp_path / "a.png"), bgr(pixels))
    found = read_micrograph(tmp_path / "a.png")
    assert found.pixels.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(found.pixels, pixels)
    assert found.pixel_size_nm is None


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", list(TOP))
def test_tiff_round_trip(tmp_path, dtype, channels):
    pixels = some_pixels(dtype, channels)
    layout = {"photometric": "rgb" if channels > 2 else "minisblack"}
    if channels > 1:
        layout["planarconfig"] = "contig"
    tifffile.imwrite(tmp_path / "a.tif", pixels, **layout)
    found = read_micrograph(tmp_path / "a.tif").pixels
    assert found.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(found, pixels)


@pytest.mark.parametrize("channels", [1, 3])
def test_jpeg_is_near_what_was_written(tmp_path, channels):
    ramp = np.repeat(np.linspace(10, 240, 64)[None, :, None], 64, axis=0)
    pixels = np.concatenate([ramp, 255 - ramp, ramp * 0 + 90][:channels], axis=-1).astype("u1")
    cv2.imwrite(str(tmp_path / "a.jpg"), bgr(pixels), [cv2.IMWRITE_JPEG_QUALITY, 100])
    found = read_micrograph(tmp_path / "a.jpg").pixels
    assert found.shape == pixels.shape
    assert np.abs(found.astype(int) - pixels).max() <= 6


def test_lzw_tiff_is_read(tmp_path):
    pixels = some_pixels("uint16", 3)
    cv2.imwrite(str(tmp_path / "a.tif"), bgr(pixels), [cv2.IMWRITE_TIFF_COMPRESSION, 5])
    np.testing.assert_array_equal(read_micrograph(tmp_path / "a.tif").pixels, pixels)


def test_planes_and_stacks(tmp_path):
    pixels = some_pixels("uint8", 3)
    planes = np.moveaxis(pixels, -1, 0)
    tifffile.imwrite(tmp_path / "a.tif", planes, photometric="rgb", planarconfig="separate")
    np.testing.assert_array_equal(read_micrograph(tmp_path / "a.tif").pixels, pixels)
    tifffile.imwrite(tmp_path / "b.tif", planes, photometric="minisblack")
    np.testing.assert_array_equal(read_micrograph(tmp_path / "b.tif").pixels, pixels[..., :1])


def test_white_is_high_and_palettes_are_resolved(tmp_path):
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    tifffile.imwrite(tmp_path / "a.tif", 255 - grey, photometric="miniswhite")
    np.testing.assert_array_equal(read_micrograph(tmp_path / "a.tif").pixels[..., 0], grey)
    table = np.random.default_rng(0).integers(0, 65536, (3, 256)).astype(np.uint16)
    tifffile.imwrite(tmp_path / "b.tif", grey, photometric="palette", colormap=table)
    found = read_micrograph(tmp_path / "b.tif").pixels
    np.testing.assert_array_equal(found, np.moveaxis(table[:, grey], 0, -1))


@pytest.mark.parametrize(
    ("dtype", "becomes"),
    [("bool", "uint8"), ("int16", "int32"), ("uint32", "float32"), ("float64", "float32")],
)
def test_other_number_types_keep_their_values(tmp_path, dtype, becomes):
    pixels = np.array([[0, 1], [1, 0]]).astype(dtype)
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="minisblack")
    found = read_micrograph(tmp_path / "a.tif").pixels[..., 0]
    assert found.dtype == np.dtype(becomes)
    np.testing.assert_array_equal(found, pixels * (255 if dtype == "bool" else 1.0))


@pytest.mark.parametrize(
    ("unit", "pixels_per_unit", "nm"),
    [("nm", 2.0, 0.5), ("um", 500.0, 2.0), ("\\u00B5m", 500.0, 2.0), ("micron", 1000.0, 1.0)],
)
def test_pixel_size_of_imagej(tmp_path, unit, pixels_per_unit, nm):
    tifffile.imwrite(
        tmp_path / "a.tif",
        np.zeros((8, 8), np.uint8),
        imagej=True,
        resolution=(pixels_per_unit, pixels_per_unit),
        metadata={"unit": unit},
    )
    assert read_micrograph(tmp_path / "a.tif").pixel_size_nm == pytest.approx(nm, rel=1e-6)


@pytest.mark.parametrize(
    ("unit", "per_unit", "nm"),
    [("CENTIMETER", 5e6, 2.0), ("INCH", 2.54e7, 1.0), ("INCH", 300, None), ("NONE", 5e6, None)],
)
def test_pixel_size_of_resolution_tags(tmp_path, unit, per_unit, nm):
    pixels = np.zeros((8, 8), np.uint8)
    tifffile.imwrite(
        tmp_path / "a.tif", pixels, resolution=(per_unit, per_unit), resolutionunit=unit
    )
    found = read_micrograph(tmp_path / "a.tif").pixel_size_nm
    assert found == (None if nm is None else pytest.approx(nm, rel=1e-6))
    assert read_micrograph(tmp_path / "a.tif", 7.0).pixel_size_nm == 7.0


def test_grey_ignores_alpha_and_weighs_colours():
    colour = np.zeros((2, 2, 4), np.uint8)
    colour[0, 0], colour[0, 1], colour[1, 0] = (100, 0, 0, 9), (0, 100, 0, 9), (0, 0, 100, 9)
    grey = Micrograph(colour).grey()
    np.testing.assert_allclose(grey, [[29.9, 58.7], [11.4, 0.0]], rtol=1e-5)
    same = np.full((3, 3, 3), 77, np.uint16)
    np.testing.assert_array_equal(grey_of(same), np.full((3, 3), 77, np.float32))
    two = np.dstack([np.arange(4).reshape(2, 2), np.full((2, 2), 255)])
    np.testing.assert_array_equal(grey_of(two), two[..., 0])


def test_normalise_is_the_same_at_any_gain_offset_and_depth():
    rng = np.random.default_rng(1)
    image = rng.integers(0, 200, (50, 60)).astype(np.uint8)
    reference = normalise(image)
    assert reference.dtype == np.float32
    assert (reference.min(), reference.max()) == (0.0, 1.0)
    np.testing.assert_allclose(normalise(image.astype(np.uint16) * 250 + 31), reference, atol=1e-6)
    np.testing.assert_allclose(normalise(image * -3.0e-4 + 5), 1 - reference, atol=1e-4)


def test_normalise_of_constant_and_of_sparse_images():
    assert not normalise(np.full((8, 8), 9, np.uint16)).any()
    sparse = np.zeros((100, 100), np.uint8)
    sparse[5, 5] = 50
    assert normalise(sparse)[5, 5] == 1.0
    assert normalise(sparse).sum() == 1.0


def test_normalise_refuses_nan_and_nothing():
    with pytest.raises(UserError, match="1 NaN"):
        normalise(np.array([[0.0, np.nan]]))
    with pytest.raises(UserError, match="zero size"):
        normalise(np.zeros((0, 5)))


def test_find_images_lists_files_and_folders_once(tmp_path):
    for name in ("b.PNG", "a.tif", "notes.txt", ".hidden.png"):
        (tmp_path / name).touch()
    (tmp_path / "deeper.png").mkdir()
    named = find_images([tmp_path, tmp_path / "a.tif", tmp_path / "notes.txt"])
    assert [path.name for path in named] == ["a.tif", "b.PNG", "notes.txt"]
    empty = tmp_path / "deeper.png"
    with pytest.raises(UserError, match="holds no image"):
        find_images(empty)


def test_a_missing_folder_is_not_called_a_file_of_another_kind(tmp_path):
    with pytest.raises(UserError, match="no such file or folder"):
        read_micrograph(tmp_path / "nowhere")
