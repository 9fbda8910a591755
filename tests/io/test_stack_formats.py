"""HyperSpy's files and Zarr folders: frames, pixel sizes, what is no image, damage."""

import warnings

import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.io.micrograph import find_images, read_frames
from nanozoo.workflows.segment import segment

zarr = pytest.importorskip("zarr", reason="needs nanozoo[zarr]")
STACK = np.arange(3 * 20 * 30, dtype=np.uint16).reshape(3, 20, 30)


def signal(data, units, navigate, title="a stack"):
    """What HyperSpy hands to rosettasciio to write."""
    axes = [
        {"_type": "UniformDataAxis", "index_in_array": place, "is_binned": False, "size": size,
         "name": f"axis{place}", "navigate": place < navigate, "offset": 0.0, "scale": 0.5,
         "units": unit}
        for place, (size, unit) in enumerate(zip(data.shape, units))
    ]  # fmt: skip
    return {
        "data": data, "axes": axes, "original_metadata": {}, "attributes": {"_lazy": False},
        "metadata": {"General": {"title": title}, "Signal": {"signal_type": ""}},
        "learning_results": {}, "models": {}, "tmp_parameters": {},
        "package_info": {"package": "hyperspy", "package_version": "2.0"},
    }  # fmt: skip


def write(path, content):
    from rsciio.hspy import file_writer as write_hspy
    from rsciio.zspy import file_writer as write_zspy

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        if path.suffix == ".hspy":
            write_hspy(str(path), content)
        else:
            write_zspy(str(path), content, show_progressbar=False)
    return path


def check_stack(path, size_nm):
    found = list(read_frames(path))
    assert [one.frame for one in found] == ["frame001", "frame002", "frame003"]
    for one, wanted in zip(found, STACK):
        np.testing.assert_array_equal(one.pixels[..., 0], wanted)
        assert one.pixels.dtype == np.uint16 and one.pixel_size_nm == size_nm


@pytest.mark.parametrize("suffix", [".hspy", ".zspy"])
def test_hyperspy(tmp_path, suffix):
    check_stack(write(tmp_path / f"a{suffix}", signal(STACK, ("s", "nm", "nm"), 1)), 0.5)
    spectra = write(tmp_path / f"b{suffix}", signal(STACK, ("nm", "nm", "eV"), 2))
    with pytest.raises(UserError, match="Expected an image in .*b.*signal of 1 axes"):
        list(read_frames(spectra))
    image = write(tmp_path / f"c{suffix}", signal(STACK[0], ("um", "um"), 0))
    (only,) = read_frames(image)
    assert only.frame is None and only.pixel_size_nm == 500
    assert find_images(tmp_path) == [tmp_path / f"{name}{suffix}" for name in "abc"]


def test_zarr(tmp_path):
    zarr.save_array(str(tmp_path / "array.zarr"), STACK, chunks=(1, 20, 30))
    check_stack(tmp_path / "array.zarr", None)
    group = zarr.open_group(str(tmp_path / "ome.zarr"), mode="w")
    array = group.create_dataset("0", shape=(1, 3, 20, 30), dtype="uint16", chunks=(1, 1, 20, 30))
    array[:] = STACK[None]
    axes = [{"name": name} for name in "tz"]
    axes += [{"name": name, "unit": "micrometer"} for name in "yx"]
    scale = {"type": "scale", "scale": [1, 1, 0.002, 0.002]}
    datasets = [{"path": "0", "coordinateTransformations": [scale]}]
    group.attrs["multiscales"] = [{"axes": axes, "datasets": datasets, "version": "0.4"}]
    check_stack(tmp_path / "ome.zarr", 2.0)
    group = zarr.open_group(str(tmp_path / "two.zarr"), mode="w")
    for name in ("second", "first"):
        group.create_dataset(name, shape=(20, 30), dtype="uint8")[:] = 7
    assert [one.frame for one in read_frames(tmp_path / "two.zarr")] == ["first", "second"]
    result = segment(tmp_path, None, tmp_path / "out", method="otsu")
    assert len(result.counts) == 8 and "array_frame002" in result.counts


def test_damage_is_named_and_frames_are_read_one_by_one(tmp_path):
    path = tmp_path / "a.zarr"
    zarr.save_array(str(path), STACK, chunks=(1, 20, 30))
    (path / "1.0.0").write_bytes(b"no chunk")
    frames = read_frames(path)
    np.testing.assert_array_equal(next(frames).pixels[..., 0], STACK[0])
    with pytest.raises(UserError, match="The Zarr file .*a.zarr is truncated or damaged"):
        next(frames)
    (tmp_path / "empty.zarr").mkdir()
    (tmp_path / "text.hspy").write_text("no HDF5")
    (tmp_path / "text.zspy").write_text("no Zarr")
    for name in ("empty.zarr", "text.hspy", "text.zspy", "missing.zarr"):
        with pytest.raises(UserError, match=name):
            list(read_frames(tmp_path / name))
