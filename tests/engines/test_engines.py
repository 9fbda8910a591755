"""Other engines than keras give its answers, from files that are converted once."""

import json
import os
import subprocess
import sys

import cv2
import numpy as np
import pytest

from nanozoo.checkpoints.config import open_checkpoint
from nanozoo.cli.main import main
from nanozoo.core.errors import UserError
from nanozoo.core.registry import ENGINES, Entry
from nanozoo.engines.accuracy import MOST_JSC_CHANGE
from nanozoo.engines.predictor import Predictor
from nanozoo.engines.runtimes.base import Needs
from nanozoo.engines.runtimes.int8 import quantised

pytest.importorskip("tf2onnx", reason="engines need tf2onnx: pip install 'nanozoo[engines]'")

SHAPES = [(33, 71), (64, 128), (1, 5)]
CONVERTED = [
    pytest.param(name, marks=pytest.mark.skipif(bool(entry.card.missing), reason="not installed"))
    for name, entry in ((entry.name, entry) for entry in ENGINES)
    if name != "keras"
]


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """Folder of converted files, the same for the tests of this file."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NANOZOO_CACHE", str(folder))
        yield folder / "engines"


@pytest.fixture(scope="module")
def on_keras(smallest_checkpoint):
    return Predictor(smallest_checkpoint)


def image(shape):
    return np.random.default_rng(0).random(shape, np.float32)


@pytest.mark.parametrize("name", CONVERTED)
def test_every_engine_answers_as_keras_does(smallest_checkpoint, on_keras, cache, name):
    predictor = Predictor(smallest_checkpoint, engine=name)
    assert predictor.engine.name == name and predictor.engine.channels == 1
    for shape in SHAPES:
        found, wanted = (one.probabilities(image(shape)) for one in (predictor, on_keras))
        assert found.shape == (*shape, 3) and found.dtype == np.float32
        np.testing.assert_allclose(found, wanted, atol=1e-4)
    assert "model" not in vars(predictor)
    assert predictor.model.count_params() == on_keras.model.count_params()


def test_a_network_is_converted_once_and_again_if_its_file_is_damaged(
    smallest_checkpoint, cache, capfd
):
    Predictor(smallest_checkpoint, engine="onnx")
    capfd.readouterr()
    Predictor(smallest_checkpoint, engine="onnx")
    (path,) = cache.glob("smallest-*.onnx")
    whole = path.read_bytes()
    assert "converting" not in capfd.readouterr().err
    path.write_bytes(whole[: len(whole) // 2])
    predictor = Predictor(smallest_checkpoint, engine="onnx")
    assert "converting" in capfd.readouterr().err
    assert predictor.probabilities(image((40, 40))).shape == (40, 40, 3)
    (path,) = cache.glob("smallest-*.onnx")
    assert path.stat().st_size > len(whole) // 2


def test_a_converted_network_is_segmented_without_keras(smallest_checkpoint, cache):
    Predictor(smallest_checkpoint, engine="onnx")
    code = (
        "import sys, numpy; from nanozoo import Predictor; "
        "Predictor(sys.argv[1], engine='onnx').segment(numpy.eye(40)); "
        "print([m for m in ('keras', 'tensorflow') if m in sys.modules])"
    )
    command = [sys.executable, "-c", code, str(smallest_checkpoint)]
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ))
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_bfloat16_is_near_float32(smallest_checkpoint, on_keras):
    predictor = Predictor(smallest_checkpoint, precision="bfloat16")
    found, wanted = (one.probabilities(image((32, 32))) for one in (predictor, on_keras))
    assert 0 < np.abs(found - wanted).max() < 0.1 and found.dtype == np.float32
    assert on_keras.engine.model.dtype_policy.name == "float32"


INTEGERS = [param for param in CONVERTED if "int8" in ENGINES.entry(param.values[0]).tags]


@pytest.mark.parametrize("name", INTEGERS)
def test_integers_are_near_float32_and_made_once(
    smallest_checkpoint, on_keras, cache, capfd, monkeypatch, name
):
    monkeypatch.setitem(MOST_JSC_CHANGE, "int8", 1.0)
    before = set(cache.glob("*"))
    predictor = Predictor(smallest_checkpoint, engine=name, precision="int8")
    for shape in SHAPES:
        found, wanted = (one.probabilities(image(shape)) for one in (predictor, on_keras))
        assert 0 < np.abs(found - wanted).max() < 0.1 and found.dtype == np.float32
    assert any(path.name.endswith("int8.json") for path in set(cache.glob("*")) - before)
    capfd.readouterr()
    kept = {path: path.stat().st_mtime_ns for path in cache.glob("*")}
    Predictor(smallest_checkpoint, engine=name, precision="int8")
    assert "quantising" not in capfd.readouterr().err
    assert kept == {path: path.stat().st_mtime_ns for path in cache.glob("*")}
    monkeypatch.setitem(MOST_JSC_CHANGE, "int8", -1.0)
    with pytest.raises(UserError, match=f"in int8 on {name} changes the JSC.*'float32'"):
        Predictor(smallest_checkpoint, engine=name, precision="int8")


def test_the_convolutions_that_see_the_image_stay_exact(smallest_checkpoint, cache):
    import onnx

    graph = onnx.load(quantised(open_checkpoint(smallest_checkpoint))).graph
    makers = {tensor: node.op_type for node in graph.node for tensor in node.output}
    kinds = [makers.get(node.input[1]) for node in graph.node if node.op_type == "Conv"]
    assert sorted(kinds, key=str) == ["DequantizeLinear", "DequantizeLinear", None, None]


def test_the_fastest_engine_is_measured_once(smallest_checkpoint, cache):
    chosen = Predictor(smallest_checkpoint, engine="auto").engine.name
    (record,) = cache.glob("smallest-*-fastest.json")
    before = record.stat().st_mtime_ns
    other = next(name for name in ("onnx", "keras") if name != chosen)
    record.write_text(record.read_text().replace(f'"engine": "{chosen}"', f'"engine": "{other}"'))
    assert Predictor(smallest_checkpoint, engine="auto").engine.name == other
    record.write_text("{")
    assert Predictor(smallest_checkpoint, engine="auto").engine.name in ENGINES
    assert record.stat().st_mtime_ns > before and len(record.read_text()) > 1


def test_the_fastest_engine_of_integers_is_one_that_has_them(
    smallest_checkpoint, cache, monkeypatch
):
    monkeypatch.setitem(MOST_JSC_CHANGE, "int8", 1.0)
    chosen = Predictor(smallest_checkpoint, engine="auto", precision="int8").engine.name
    assert "int8" in ENGINES.entry(chosen).tags
    with pytest.raises(UserError, match="does not compute in int8.*'onnx' or 'openvino'"):
        Predictor(smallest_checkpoint, precision="int8")


def test_engines_that_are_not_there_are_named(smallest_checkpoint, tiny_detector, monkeypatch):
    with pytest.raises(UserError, match="no engine called 'openvin'.*openvino"):
        Predictor(smallest_checkpoint, engine="openvin")
    with pytest.raises(UserError, match="`precision`.*'int4'"):
        Predictor(smallest_checkpoint, precision="int4")
    with pytest.raises(UserError, match="does not compute in bfloat16.*'keras' or 'openvino'"):
        Predictor(smallest_checkpoint, engine="onnx", precision="bfloat16")
    with pytest.raises(UserError, match="`model` out"):
        Predictor(smallest_checkpoint, engine="onnx", model=object())
    with pytest.raises(UserError, match="classifies pixels.*'keras'.*tiny_detector"):
        Predictor(tiny_detector, engine="onnx")
    assert Predictor(tiny_detector, engine="auto").engine.name == "keras"
    with pytest.raises(UserError, match="detects particles.*not compute in int8.*'float32'"):
        Predictor(tiny_detector, engine="auto", precision="int8")
    needs = Needs(("no_such_module",), "pip install nothing")
    entry = Entry("openvino", None, ("float32",), card=needs)
    monkeypatch.setitem(ENGINES._entries, "openvino", entry)
    with pytest.raises(UserError, match="openvino needs no_such_module.*pip install nothing"):
        Predictor(smallest_checkpoint, engine="openvino")


def test_the_command_line_passes_engine_and_precision_on(
    smallest_checkpoint, cache, tmp_path, capsys
):
    cv2.imwrite(str(tmp_path / "a.png"), np.uint8(255 * image((40, 50))))
    words = ["segment", str(tmp_path / "a.png"), "--out", str(tmp_path / "out")]
    assert main([*words, "--checkpoint", str(smallest_checkpoint), "--engine", "onnx"]) == 0
    summary = json.loads((tmp_path / "out/summary.json").read_text())
    assert summary["settings"]["engine"] == "onnx"
    assert summary["settings"]["precision"] == "float32"
    words[0] = "measure"
    assert main([*words, "--method", "otsu", "--precision", "bfloat16"]) == 2
    assert "networks only" in capsys.readouterr().err
