"""`nanozoo segment` on a stack that rosettasciio wrote, with a diffraction pattern beside it."""

import csv

import cv2
import h5py
import numpy as np
import pytest
from rsciio.emd import file_writer

from nanozoo.cli.main import main


def axis(name: str, unit: str, scale: float, size: int) -> dict:
    keys = ("name", "units", "scale", "offset", "size", "navigate")
    return dict(zip(keys, (name, unit, scale, 0.0, size, name == "time")))


def test_frames_in_nanometres(tmp_path, capsys):
    rows, columns = np.indices((120, 160))
    discs = [np.hypot(rows - 60, columns - x) <= radius for x, radius in ((60, 20), (100, 30))]
    noise = np.random.default_rng(0).normal(0, 300, (2, 120, 160))
    signal = {
        "data": (np.where(discs, 12_000, 40_000) + noise).astype(np.uint16),
        "axes": [axis("time", "s", 1.0, 2), axis("y", "nm", 0.5, 120), axis("x", "nm", 0.5, 160)],
        "metadata": {"General": {"title": "movie"}, "Signal": {}},
        "original_metadata": {},
    }
    path, out = tmp_path / "in/insitu.emd", tmp_path / "out"
    path.parent.mkdir()
    file_writer(str(path), signal)
    with h5py.File(path, "a") as file:
        file.copy("signals/movie", "signals/pattern")
        for dim in ("dim1", "dim2"):
            file[f"signals/pattern/{dim}"].attrs["units"] = "[1_/_n_m]"
    assert main(["segment", str(path.parent), "--method", "otsu", "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert "2 particles in 2 images" in said.out
    assert said.err.count("\n") == 1 and "left out pattern (a diffraction pattern" in said.err
    stems = [f"insitu_frame{number:03d}" for number in (1, 2)]
    assert {file.name for file in out.iterdir() if file.is_file()} == {
        "particles.csv", "summary.json",
        *(f"{stem}_{kind}.png" for stem in stems for kind in ("labels", "overlay")),
    }  # fmt: skip
    with open(out / "particles.csv", newline="") as stream:
        particles = list(csv.DictReader(stream))
    assert [row["image"] for row in particles] == stems
    for row, diameter_nm, stem, disc in zip(particles, (20, 30), stems, discs):
        assert float(row["diameter_nm"]) == pytest.approx(diameter_nm, abs=1)
        labels = cv2.imread(str(out / f"{stem}_labels.png"), cv2.IMREAD_UNCHANGED)
        assert ((labels > 0) != disc).mean() < 0.01
