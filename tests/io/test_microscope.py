"""Files of microscopes: every pixel, the pixel size, and what is no image."""

import warnings

import h5py
import numpy as np
import pytest
from microscope_files import (
    DigitalMicrograph,
    write_mrc,
    write_ser,
    write_velox,
)

from nanozoo.core.errors import UserError
from nanozoo.io.axes import is_other_quantity
from nanozoo.io.micrograph import find_images, read_frames, read_micrograph

NM = (0.25, "nm")
TOP = {"uint8": 255, "uint16": 65535, "int16": 30000, "int32": 2_000_000, "float32": 1.0}


def some(dtype: str, shape: tuple[int, ...] = (9, 14)) -> np.ndarray:
    values = np.random.default_rng(1).random(shape) * TOP[dtype]
    return (values - (TOP[dtype] / 2 if dtype[0] == "i" else 0)).astype(dtype)


def all_of(path) -> list:
    """Frames of a file that must not warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return list(read_frames(path))


def check(path, stack: np.ndarray, pixel_size_nm: float | None) -> None:
    """Compare the frames of a file with what was written."""
    found = all_of(path)
    assert len(found) == len(stack)
    for number, (micrograph, frame) in enumerate(zip(found, stack), 1):
        np.testing.assert_array_equal(micrograph.pixels, frame[..., None])
        assert micrograph.pixels.dtype == np.result_type(
            frame, "int32" if frame.dtype == "int16" else "u1"
        )
        assert micrograph.frame == (None if len(stack) == 1 else f"frame{number:03d}")
        expected = None if pixel_size_nm is None else pytest.approx(pixel_size_nm, rel=1e-6)
        assert micrograph.pixel_size_nm == expected
    np.testing.assert_array_equal(read_micrograph(path).pixels, stack[0][..., None])


@pytest.mark.parametrize("dtype", list(TOP))
@pytest.mark.parametrize("version", [3, 4])
def test_digital_micrograph(tmp_path, version, dtype):
    path = tmp_path / f"a.dm{version}"
    for order in "<>":
        writer = DigitalMicrograph(version, order)
        writer.write(path, [writer.image(some(dtype), [NM, NM])])
        check(path, some(dtype)[None], 0.25)
    stack = some(dtype, (3, 9, 14))
    writer.write(path, [writer.image(stack, [(1.0, "s"), (0.002, "µm"), (0.002, "µm")])])
    check(path, stack, 2.0)


def test_digital_micrograph_leaves_out_its_thumbnail_and_reads_colours(tmp_path):
    writer, path = DigitalMicrograph(), tmp_path / "a.dm3"
    small = writer.image(some("uint8", (3, 3)), [(1.0, ""), (1.0, "")])
    writer.write(path, [small, writer.image(some("uint16"), [(1.0, ""), (1.0, "")])], True)
    check(path, some("uint16")[None], None)
    colours = some("uint8", (9, 14, 4))
    writer.write(path, [small, writer.image(colours, [NM, NM])], True)
    (found,) = all_of(path)
    np.testing.assert_array_equal(found.pixels, colours)
    assert found.pixel_size_nm == pytest.approx(0.25)


@pytest.mark.parametrize("dtype", list(TOP))
def test_series_of_tia(tmp_path, dtype):
    stack = some(dtype, (3, 9, 14))
    for version in (0x210, 0x220):
        write_ser(tmp_path / "a_1.ser", stack[:1], (4e-10, 4e-10), version=version)
        check(tmp_path / "a_1.ser", stack[:1], 0.4)
        write_ser(tmp_path / "a_1.ser", stack, (4e-10, 4e-10), total=5, version=version)
        check(tmp_path / "a_1.ser", stack, 0.4)


def test_emi_file_tells_diffraction_from_image(tmp_path):
    path = tmp_path / "a_1.ser"
    write_ser(path, some("int16")[None], (4e-10, 4e-10))
    mode = "<Data><Label>Mode</Label><Value>TEM uP SA {}</Value></Data>"
    (tmp_path / "a.emi").write_bytes(b"\0\1" + mode.format("Zoom Image").encode())
    check(path, some("int16")[None], 0.4)
    (tmp_path / "a.emi").write_bytes(b"\0\1" + mode.format("Zoom Diffraction").encode())
    with pytest.raises(UserError, match="diffraction pattern"):
        read_micrograph(path)
    (tmp_path / "a.emi").unlink()
    write_ser(path, some("int16")[None], (1.0, 1.0))
    assert read_micrograph(path).pixel_size_nm is None
    assert find_images(tmp_path) == [path]


@pytest.mark.parametrize("dtype", ["uint16", "int16", "float32"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_mrc(tmp_path, order, dtype):
    stack = some(dtype, (3, 9, 14))
    write_mrc(tmp_path / "a.mrc", stack, (28, 18, 3), order=order)
    check(tmp_path / "a.mrc", stack, 0.2)
    write_mrc(tmp_path / "a.mrc", stack[:1], (28, 18, 3), order=order)
    check(tmp_path / "a.mrc", stack[:1], 0.2)


def test_bytes_of_mrc_are_signed_as_its_header_says(tmp_path):
    path, pixels = tmp_path / "a.mrc", some("uint8")[None]
    signed = pixels.view("int8").astype("int16")
    for version, flags, expected in [
        (20141, None, signed), (0, None, pixels), (0, 1, signed), (20140, 0, pixels),
    ]:  # fmt: skip
        write_mrc(path, pixels, (28, 18, 3), version=version, imod_flags=flags)
        check(path, expected, 0.2)


@pytest.mark.parametrize("cell", [(0, 0, 0), (14, 9, 1)])
def test_mrc_without_pixel_size(tmp_path, cell):
    write_mrc(tmp_path / "a.mrc", some("uint16")[None], cell)
    check(tmp_path / "a.mrc", some("uint16")[None], None)
    assert read_micrograph(tmp_path / "a.mrc", 3.0).pixel_size_nm == 3.0


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int32", "float32"])
def test_velox(tmp_path, dtype):
    stack = some(dtype, (3, 9, 14))
    write_velox(tmp_path / "a.emd", {"HAADF": (stack, 1.5e-11, "m")})
    check(tmp_path / "a.emd", stack, 0.015)
    write_velox(tmp_path / "a.emd", {"HAADF": (stack[:1], 1.5e-6, "m")})
    check(tmp_path / "a.emd", stack[:1], 1500.0)


def test_images_of_a_velox_file_have_names_and_the_rest_is_left_out(tmp_path):
    stack = some("uint16", (2, 9, 14))
    images = {
        "HAADF": (stack, 2e-10, "m"),
        "BF/S": (stack[1:], 2e-10, "m"),
        "FFT": (stack.astype("complex64"), 2e7, "1/m"),
        "Ceta": (stack[:1], 2e7, "1/m"),
    }
    write_velox(tmp_path / "a.emd", images)
    with pytest.warns(UserWarning, match=r"left out FFT \(complex.*, Ceta \(a diffraction"):
        found = list(read_frames(tmp_path / "a.emd"))
    assert [image.frame for image in found] == ["HAADF_frame001", "HAADF_frame002", "BF-S"]
    for image, frame in zip(found, [*stack, stack[1]]):
        np.testing.assert_array_equal(image.pixels[..., 0], frame)
    write_velox(tmp_path / "a.emd", {"HAADF": (stack[:1], 2e-10, "m")}, si=True)
    check(tmp_path / "a.emd", stack[:1], 0.2)


def ncem(path, data: np.ndarray, axes: list[tuple[str, str, float]], title="a") -> None:
    from rsciio.emd import file_writer

    keys = ("name", "units", "scale", "offset", "size", "navigate")
    signal = {
        "data": data,
        "axes": [dict(zip(keys, (*a, 0.0, n, False))) for a, n in zip(axes, data.shape)],
        "metadata": {"General": {"title": title}, "Signal": {}},
        "original_metadata": {},
    }
    file_writer(str(path), signal)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "float32"])
def test_emd_of_ncem(tmp_path, dtype):
    path, stack = tmp_path / "a.emd", some(dtype, (3, 9, 14))
    image = [("y", "nm", 0.3), ("x", "nm", 0.3)]
    ncem(path, stack, [("time", "s", 2.0), *image])
    check(path, stack, 0.3)
    ncem(path, stack[0], image)
    check(path, stack[:1], 0.3)


def test_axes_of_ncem_go_by_their_names(tmp_path):
    stack = some("uint16", (3, 9, 14))
    with h5py.File(tmp_path / "a.emd", "w") as file:
        file.attrs["version_major"], file.attrs["version_minor"] = 0, 2
        group = file.create_group("signals/a")
        group.attrs["emd_group_type"] = 1
        group["data"] = stack
        for number, (name, unit, size) in enumerate(
            [("z", "s", 3), ("y", "m", 9), ("x", "m", 14)]
        ):
            dim = group.create_dataset(f"dim{number + 1}", data=np.arange(size) * 5e-10)
            dim.attrs["name"], dim.attrs["units"] = name, f"[{unit}]"
    check(tmp_path / "a.emd", stack, 0.5)


@pytest.mark.parametrize(
    ("shape", "axes", "message"),
    [
        ((9, 14), [("y", "1/nm", 0.1), ("x", "1/nm", 0.1)], "diffraction pattern"),
        ((5, 6, 20), [("y", "nm", 1.0), ("x", "nm", 1.0), ("E", "eV", 0.5)], "an axis in eV"),
        ((3, 4, 5, 6), [("a", "nm", 1.0), ("b", "nm", 1.0)] + [("k", "", 1.0)] * 2, "4 axes"),
        ((30,), [("E", "keV", 0.01)], "spectrum"),
    ],
)
def test_what_is_no_image_of_a_specimen(tmp_path, shape, axes, message):
    ncem(tmp_path / "a.emd", some("float32", shape), axes)
    with pytest.raises(UserError, match=rf"Expected an image in .*a\.emd.*{message}"):
        read_micrograph(tmp_path / "a.emd")


def test_spectra_and_holograms_of_other_formats(tmp_path):
    writer, stack = DigitalMicrograph(), some("float32", (3, 9, 14))
    spectra = writer.image(stack, [(1.0, "")] * 3, kind="Spectrum image")
    writer.write(tmp_path / "spectra.dm3", [spectra])
    hologram = writer.image(stack[0].astype("complex64"), [NM, NM])
    writer.write(tmp_path / "complex.dm3", [hologram])
    write_mrc(tmp_path / "complex.mrc", stack.astype("complex64"), (28, 18, 3))
    write_ser(tmp_path / "spectra.ser", stack[0], (0, 0), spectrum=True)
    for path in find_images(tmp_path):
        with pytest.raises(UserError, match=rf"Expected an image in .*(spectr|{path.stem})"):
            read_micrograph(path)


def test_pixels_that_are_not_square_have_no_size(tmp_path):
    writer, path = DigitalMicrograph(), tmp_path / "a.dm3"
    writer.write(path, [writer.image(some("uint8"), [(0.5, "nm"), (0.25, "nm")])])
    with pytest.warns(UserWarning, match=r"a\.dm3 .* not square \(0\.25 nm wide, 0\.5 nm high\)"):
        assert read_micrograph(path).pixel_size_nm is None


@pytest.mark.parametrize("unit", ["1/nm", "1 / µm", "Å^-1", "nm⁻¹", "mrad", "eV", "keV"])
def test_units_of_other_quantities(unit):
    assert is_other_quantity(unit)
    assert not is_other_quantity(unit.strip("1/ ^-⁻¹").replace("mrad", "nm").replace("eV", "m"))
