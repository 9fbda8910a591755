"""The benchmark of scale bars counts what is right, wrong and not taken."""

import json

import cv2
import pytest

from nanozoo.synth import SceneConfig, simulate


def test_outcomes_are_counted_and_written(script, tmp_path):
    bench = script("bench_scale_bar")
    cases = []
    for name, bar in (("bar", "box"), ("other", "box"), ("none", "none")):
        scene = simulate(SceneConfig((256, 320), scale_bar=bar, pixel_size_nm=0.5), 4)
        path = tmp_path / f"{name}.png"
        cv2.imwrite(str(path), scene.pixels)
        truth = (scene.scale_bar.length_nm, scene.scale_bar.bar_px) if bar == "box" else ()
        cases.append(bench.Case(name, path, *truth))
    cases[1] = bench.Case("other", cases[1].path, 2 * cases[1].label_nm, cases[1].bar_px)
    cases.append(bench.Case("missing", cases[2].path, 50.0, 100.0))
    text = bench.bench(cases, tmp_path / "out")
    rows = {line.split("|")[1].strip(): line.split("|")[2:6] for line in text.splitlines()[2:]}
    counts = {name: [int(cell) for cell in cells] for name, cells in rows.items()}
    assert counts == {
        "bar": [1, 1, 0, 0],
        "other": [1, 0, 1, 0],
        "none": [1, 1, 0, 0],
        "missing": [1, 0, 0, 1],
        "all with a bar": [3, 1, 1, 1],
    }
    lines = (tmp_path / "out" / "calibration.jsonl").read_text().splitlines()
    first, *_, last = map(json.loads, lines)
    assert first["nm_per_px"] == pytest.approx(0.5, rel=0.02) and last["nm_per_px"] is None
