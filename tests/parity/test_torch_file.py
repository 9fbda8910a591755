"""Files of torch are read as torch reads them, and nothing in them is run."""

import pickle
import struct
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch_files
from make_torch_file_reference import GOLDEN, seeded_arrays

from nanozoo.core.errors import UserError
from nanozoo.core.torch_file import read_state_dict, read_torch_file

FILES = [GOLDEN / "torch_zip.pt", GOLDEN / "torch_legacy.pt"]
STATE = {
    "a.weight": np.arange(12, dtype=np.float32).reshape(3, 4),
    "a.bias": np.array([1, 2], np.float16),
    "a.steps": np.array([2**40]),
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_values_types_and_shared_memory_of_torchs_own_files(path):
    wanted, got = seeded_arrays(), read_state_dict(path)
    assert got.keys() == wanted.keys()
    for name, value in wanted.items():
        assert got[name].dtype == value.dtype and got[name].shape == value.shape, name
        np.testing.assert_array_equal(got[name], value)
    assert np.shares_memory(got["float32"], got["transposed"])
    assert np.shares_memory(got["float32"], got["columns"])
    assert not got["float32"].flags.writeable


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_lies_beside_the_tensors_is_read_too(path):
    content = read_torch_file(path)
    assert content["epoch"] == 12 and content["scores"] == [0.5, None, "best"]
    np.testing.assert_array_equal(content["layer"]["running_var"], np.ones(3))
    assert content["layer"]["num_batches_tracked"] == 0


@pytest.mark.parametrize("legacy", [False, True])
def test_files_made_without_torch_read_alike(tmp_path, legacy):
    path = torch_files.write_state(tmp_path / "s.pth.tar", STATE, legacy=legacy)
    got = read_state_dict(path)
    assert list(got) == list(STATE)
    for name, value in STATE.items():
        np.testing.assert_array_equal(got[name], value)
        assert got[name].dtype == value.dtype


class Malicious:
    """A pickle that calls a function when it is read."""

    def __init__(self, function, *arguments):
        self.reduced = function, arguments

    def __reduce__(self):
        return self.reduced


def save(path: Path, pickled: bytes, legacy: bool) -> Path:
    return (torch_files.write_legacy if legacy else torch_files.write_zip)(path, pickled, [])


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("protocol", [0, 2, 4])
@pytest.mark.parametrize("kind", ["system", "exec", "open", "getattr"])
def test_a_pickle_that_would_run_code_is_refused_and_runs_nothing(
    tmp_path, legacy, protocol, kind
):
    import os

    trace = tmp_path / "trace"
    call = {
        "system": Malicious(os.system, f"touch {trace}"),
        "exec": Malicious(exec, f"open({str(trace)!r}, 'w')"),
        "open": Malicious(open, str(trace), "w"),
        "getattr": Malicious(getattr, "", "join"),
    }[kind]
    pickled = pickle.dumps({"a.weight": call}, protocol=protocol)
    path = save(tmp_path / "bad.pth", pickled, legacy)
    with pytest.raises(UserError, match="could run any code.*not read"):
        read_torch_file(path)
    assert not trace.exists()


@pytest.mark.parametrize(
    "name", ["torch.load", "torch._utils._rebuild_tensor", "numpy.load", "collections.Counter"]
)
def test_a_name_that_is_not_needed_is_refused_before_it_is_imported(tmp_path, name):
    module, attribute = name.rsplit(".", 1)
    before = set(sys.modules)
    pickled = f"c{module}\n{attribute}\n.".encode()
    with pytest.raises(UserError, match=name):
        read_torch_file(save(tmp_path / "bad.pth", pickled, legacy=False))
    assert "torch" in before or "torch" not in sys.modules


def test_the_head_of_a_legacy_file_is_not_trusted_either(tmp_path):
    path = tmp_path / "bad.pth"
    path.write_bytes(pickle.dumps(Malicious(exec, "raise SystemExit")))
    with pytest.raises(UserError, match="exec"):
        read_torch_file(path)


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("strides", [[4, 2], [400, 1], [-4, 1], [4, 1, 1]])
def test_a_tensor_that_reaches_outside_of_its_values_is_refused(tmp_path, legacy, strides):
    array = STATE["a.weight"]
    pickled = torch_files.tensor(array, "0", legacy=legacy, strides=strides)
    write = torch_files.write_legacy if legacy else torch_files.write_zip
    path = write(tmp_path / "bad.pth", b"\x80\x02" + pickled + b".", [array])
    with pytest.raises(UserError, match="damaged.*(outside|impossible)"):
        read_torch_file(path)


def test_a_storage_that_is_larger_than_the_file_is_not_allocated(tmp_path):
    pickled = torch_files.content(STATE, legacy=True)
    count = b"\x8a\x08" + struct.pack("<q", STATE["a.weight"].size) + b"N"
    assert count in pickled
    huge = pickled.replace(count, b"\x8a\x08" + struct.pack("<q", 2**50) + b"N")
    path = torch_files.write_legacy(tmp_path / "bad.pth", huge, list(STATE.values()))
    with pytest.raises(UserError, match="more values than the file holds"):
        read_torch_file(path)


@pytest.mark.parametrize("legacy", [False, True])
def test_attributes_in_the_pickle_are_dropped(tmp_path, legacy):
    """An attribute such as `items` could stand in for the dict's own method."""
    pickled = torch_files.content(STATE, legacy=legacy).replace(
        torch_files.text("_metadata"), torch_files.text("items")
    )
    write = torch_files.write_legacy if legacy else torch_files.write_zip
    got = read_state_dict(write(tmp_path / "s.pth", pickled, list(STATE.values())))
    assert list(got) == list(STATE)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@pytest.mark.parametrize("keep", [0, 1, 40, 0.3, 0.7, 0.98])
def test_a_file_that_is_cut_off_is_refused(tmp_path, path, keep):
    content = path.read_bytes()
    cut = tmp_path / path.name
    cut.write_bytes(content[: keep if isinstance(keep, int) else int(keep * len(content))])
    with pytest.raises(UserError, match=f"{path.stem}.*damaged"):
        read_torch_file(cut)


def test_compressed_values_are_refused(tmp_path):
    path = tmp_path / "bad.pth"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", torch_files.content(STATE, legacy=False))
        for key, array in enumerate(STATE.values()):
            archive.writestr(f"archive/data/{key}", array.tobytes())
    with pytest.raises(UserError, match="compressed"):
        read_torch_file(path)


@pytest.mark.parametrize("content", [{}, [1], {"epoch": 3}, "text"])
def test_a_file_without_a_state_dict_is_named(tmp_path, content):
    path = save(tmp_path / "other.pth", pickle.dumps(content, protocol=2), legacy=False)
    with pytest.raises(UserError, match="other.pth holds no state dict"):
        read_state_dict(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UserError, match="nowhere.pth: No such file"):
        read_torch_file(tmp_path / "nowhere.pth")
