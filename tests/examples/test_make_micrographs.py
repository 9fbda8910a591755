"""The shipped micrographs and the figure of them are what their scripts make."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import cv2
import numpy as np
import pytest

from nanozoo.io.micrograph import read_micrograph

EXAMPLES = Path(__file__).parents[2] / "examples"
FIGURE = EXAMPLES / "figures" / "segmentation.png"


@pytest.fixture
def run(monkeypatch):
    def call(name, *words):
        monkeypatch.setattr("sys.argv", [name, *map(str, words)])
        return runpy.run_path(str(EXAMPLES / name), run_name="__main__")

    return call


def test_micrographs_are_made_again(run, tmp_path, capsys):
    run("make_micrographs.py", "--out", tmp_path)
    shipped = EXAMPLES / "micrographs"
    pictures = sorted(shipped.glob("*/*.png"))
    assert len(pictures) == 12 == 2 * len(capsys.readouterr().out.splitlines())
    for path in pictures:
        made, before = (
            read_micrograph(one).pixels.astype(int)
            for one in (tmp_path / path.relative_to(shipped), path)
        )
        assert np.abs(made - before).max() <= 1, path.name  # other processors, other roundings
    for name, read in (("images.csv", str), ("instances.json", json.loads)):
        made, before = ((folder / name).read_text() for folder in (tmp_path, shipped))
        assert read(made) == read(before)


def test_figure_is_what_the_default_network_finds(run, tmp_path):
    path = tmp_path / "figure.png"
    run("make_figure.py", "--out", path)
    made, shipped = (cv2.imread(str(one)) for one in (path, FIGURE))
    assert made.shape == shipped.shape
    outlines, before = (np.ptp(pixels, axis=-1) > 40 for pixels in (made, shipped))
    assert outlines.mean() > 0.02
    assert (outlines != before).mean() < 0.002  # other processors, other roundings
