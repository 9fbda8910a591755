"""An exported file holds all that the predictor does, and says what it holds."""

import json

import numpy as np
import pytest

from nanozoo.cli.main import main
from nanozoo.core.errors import UserError
from nanozoo.engines.accuracy import MOST_JSC_CHANGE
from nanozoo.engines.export.formats import FORMATS
from nanozoo.engines.predictor import Predictor
from nanozoo.engines.runtimes.agreement import largest_difference
from nanozoo.engines.tiles import rescale
from nanozoo.io.micrograph import normalise
from nanozoo.workflows.export import export_model


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_gives_the_probabilities_of_stored_grey_values(smallest_checkpoint, tmp_path, name):
    kind = FORMATS[name]
    if kind.needs.missing:
        pytest.skip(f"{name} needs {kind.needs.missing}")
    out = tmp_path / "out"
    words = [
        "export",
        "--checkpoint",
        str(smallest_checkpoint),
        "--format",
        name,
        "--out",
        str(out),
    ]
    assert main([*words, "--scenes", "1"]) == 0
    report = json.loads((out / "report.json").read_text())
    assert report["outputs"].keys() == {"classes", "boundary"}
    assert set(report["files"]) < {
        str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()
    }
    assert report["comparison"]["largest_difference"] < 1e-4
    assert "0.75" in (out / "report.md").read_text()
    run = kind.open(out / kind.file, "float32")
    predictor = Predictor(smallest_checkpoint)
    rng = np.random.default_rng(0)
    for pixels in (rng.integers(900, 60000, (50, 97)).astype(np.uint16), np.full((3, 9), 7.0)):
        wanted = predictor.probabilities(normalise(pixels))
        found = run(pixels.astype(np.float32)[None, ..., None])
        maps = np.concatenate([found["classes"], found["boundary"]], axis=-1)[0]
        np.testing.assert_allclose(maps, wanted, atol=1e-4)
    assert wanted.shape == (3, 9, 3)


@pytest.mark.parametrize(("name", "scale"), [("onnx", 0.75), ("saved_model", None)])
def test_a_detector_finds_its_particles_in_stored_grey_values(
    tiny_detector, tmp_path, name, scale
):
    kind = FORMATS[name]
    if kind.needs.missing:
        pytest.skip(f"{name} needs {kind.needs.missing}")
    result = export_model(tiny_detector, tmp_path / "out", format=name, scale=scale, scenes=1)
    assert result.report["comparison"]["largest_difference"] < 1e-4
    assert result.report["outputs"]["boxes"]["shape"][-1] == 4
    pixels = np.random.default_rng(0).integers(900, 60000, (128, 192)).astype(np.uint16)
    found = kind.open(result.file, "float32")(pixels.astype(np.float32)[None, ..., None])
    scaled = rescale(normalise(pixels), scale or 1.0)
    wanted = Predictor(tiny_detector).engine.run(scaled[None, ..., None])
    wanted["boxes"] = wanted["boxes"] / (scale or 1.0)
    assert wanted["valid"].any()
    assert largest_difference(wanted, found) < 1e-4


@pytest.mark.parametrize("name", [name for name in FORMATS if "int8" in FORMATS[name].precisions])
def test_a_file_of_integers_is_near_float32_and_says_so(smallest_checkpoint, tmp_path, name):
    kind = FORMATS[name]
    if kind.needs.missing:
        pytest.skip(f"{name} needs {kind.needs.missing}")
    options = {"format": name, "precision": "int8", "scenes": 1, "seed": 3}
    result = export_model(smallest_checkpoint, tmp_path / "out", force=True, **options)
    largest = result.report["comparison"]["largest_difference"]
    assert largest < 0.2 and (largest > 1e-4 or name == "litert"), "LiteRT keeps small kernels"
    assert "8-bit integers" in (tmp_path / "out/report.md").read_text()
    run = kind.open(result.file, "int8")
    found = run(np.random.default_rng(0).random((1, 50, 97, 1), np.float32))
    assert found["classes"].shape == (1, 50, 97, 2)
    np.testing.assert_allclose(found["classes"].sum(axis=-1), 1, atol=1e-5)


def test_what_cannot_be_exported_leaves_nothing(
    smallest_checkpoint, tiny_detector, tmp_path, monkeypatch
):
    out = tmp_path / "out"
    with pytest.raises(UserError, match="'openvino' or 'saved_model'"):
        export_model(smallest_checkpoint, out, precision="bfloat16")
    with pytest.raises(UserError, match="'onnx' or 'openvino' or 'litert'"):
        export_model(smallest_checkpoint, out, format="saved_model", precision="int8")
    with pytest.raises(UserError, match="`format`"):
        export_model(smallest_checkpoint, out, format="onxn")
    with pytest.raises(UserError, match="detector does not compute in int8"):
        export_model(tiny_detector, out, precision="int8")
    with pytest.raises(UserError, match="no `scale`.*scale=0.5"):
        export_model(smallest_checkpoint, out, scale=0.5)
    with pytest.raises(UserError, match="`scale`.*-1"):
        export_model(tiny_detector, out, scale=-1.0)
    (tmp_path / "full/a").mkdir(parents=True)
    with pytest.raises(UserError, match="empty folder"):
        export_model(smallest_checkpoint, tmp_path / "full", format="saved_model")
    with pytest.raises(UserError, match="one network"):
        export_model(f"{smallest_checkpoint}+{smallest_checkpoint}", out)
    monkeypatch.setitem(MOST_JSC_CHANGE, "bfloat16", -1.0)
    saved = {"format": "saved_model", "precision": "bfloat16", "scenes": 1}
    with pytest.raises(UserError, match="was not written"):
        export_model(smallest_checkpoint, out, **saved)
    assert [path.name for path in tmp_path.iterdir()] == ["full"]
    result = export_model(smallest_checkpoint, out, force=True, **saved)
    assert result.file.is_dir() and result.report["comparison"]["largest_difference"] > 1e-5
