"""Files of microscopes that are cut short, changed or of another format: one sentence."""

import numpy as np
import pytest
from microscope_files import DigitalMicrograph, write_mrc, write_ser, write_velox

from nanozoo.core.errors import UserError
from nanozoo.io.micrograph import read_frames

STACK = np.random.default_rng(2).integers(0, 60000, (3, 30, 40)).astype("uint16")
SUFFIXES = (".dm3", ".dm4", ".emd", ".ser", ".mrc")


def write(path) -> bytes:
    if path.suffix in (".dm3", ".dm4"):
        writer = DigitalMicrograph(int(path.suffix[-1]))
        writer.write(path, [writer.image(STACK, [(1.0, "s"), (0.5, "nm"), (0.5, "nm")])])
    elif path.suffix == ".ser":
        write_ser(path, STACK, (1e-9, 1e-9))
    elif path.suffix == ".mrc":
        write_mrc(path, STACK, (80, 60, 3))
    else:
        write_velox(path, {"HAADF": (STACK, 1e-9, "m")})
    return path.read_bytes()


def complaint(path) -> str:
    with pytest.raises(UserError) as caught:
        list(read_frames(path))
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    return message


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_truncated(tmp_path, suffix, capfd):
    path = tmp_path / f"a{suffix}"
    content = write(path)
    for share in (0.02, 0.3, 0.6, 0.9):
        path.write_bytes(content[: int(share * len(content))])
        assert "truncated" in complaint(path) or share == 0.02
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_empty_and_missing(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    assert "No such file" in complaint(path)
    path.touch()
    assert "empty" in complaint(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_another_format(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_text("This is a letter and no image, however long it may go on. " * 30)
    assert "is not a" in complaint(path)


@pytest.mark.filterwarnings("ignore:The pixels of")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_changed_bytes_never_raise_anything_else(tmp_path, suffix):
    path, rng = tmp_path / f"a{suffix}", np.random.default_rng(3)
    content = write(path)
    for _ in range(12):
        changed = bytearray(content)
        for place in rng.integers(0, min(2000, len(content)), 6):
            changed[place] = rng.integers(0, 256)
        path.write_bytes(changed)
        try:
            frames = list(read_frames(path))
        except UserError as error:
            assert str(path) in str(error)
        else:
            assert frames


def test_hdf5_of_another_program(tmp_path):
    import h5py

    with h5py.File(tmp_path / "a.emd", "w") as file:
        file["image"] = STACK
    assert "neither Velox nor NCEM" in complaint(tmp_path / "a.emd")


def test_series_that_was_stopped_at_once(tmp_path):
    path = tmp_path / "a.ser"
    write_ser(path, STACK[:0], (1e-9, 1e-9), total=4)
    assert "holds no data" in complaint(path)


def test_mrc_of_numbers_that_are_not_read(tmp_path):
    path = tmp_path / "a.mrc"
    content = write(path)
    path.write_bytes(content[:12] + b"\x65\0\0\0" + content[16:])
    assert "mode=101" in complaint(path)


def test_one_bad_frame_does_not_end_the_others(tmp_path):
    stack = STACK.astype("float32")
    stack[1, 4, 5:7] = np.nan
    write_mrc(tmp_path / "a.mrc", stack, (80, 60, 3))
    frames = read_frames(tmp_path / "a.mrc")
    assert next(frames).frame == "frame001"
    with pytest.raises(UserError, match=r"a\.mrc \(frame002\) holds 2 NaN"):
        next(frames)
    np.testing.assert_array_equal(next(frames).pixels[..., 0], stack[2])
    assert next(frames, None) is None
