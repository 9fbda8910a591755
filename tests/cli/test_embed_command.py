"""`nanozoo embed` says what it found, and a mistake is one line and exit code 2."""

import cv2
import numpy as np

from nanozoo.cli.main import main

RNG = np.random.default_rng(0)


def put(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), pixels)
    return path


def test_embed_names_what_it_skips_and_scores_the_rest(tmp_path, capsys, tiny_vae):
    for number in range(3):
        put(tmp_path / "fine" / f"{number}.png", RNG.integers(0, 256, (40, 40), np.uint8))
        coarse = RNG.integers(0, 256, (5, 5), np.uint8)
        put(tmp_path / "coarse" / f"{number}.png", cv2.resize(coarse, (40, 40)))
    put(tmp_path / "fine" / "flat.png", np.zeros((40, 40), np.uint8))
    out = tmp_path / "out"
    words = [str(tmp_path / name) for name in ("fine", "coarse")]
    words = ["embed", *words, "--checkpoint", str(tiny_vae), "--out", str(out)]
    assert main([*words, "--neighbours", "2"]) == 2
    said = capsys.readouterr()
    *noted, error = [line for line in said.err.splitlines() if line.startswith("nanozoo: ")]
    assert "flat.png is constant" in error and said.err.count("flat.png") == 1
    assert noted and all(line.startswith("nanozoo: note: ") for line in noted)
    assert said.out.startswith("6 images embedded as 5 numbers each\nOver 6 images ")
    assert said.out.count("balanced accuracy") == 9
    assert str(out / "report.html") in said.out and (out / "report.html").is_file()


def test_other_networks_and_unknown_ones_are_refused(tmp_path, capsys, tiny_checkpoint):
    image = put(tmp_path / "a.png", RNG.integers(0, 256, (40, 40), np.uint8))
    for name, words in ((str(tiny_checkpoint), "tiny is a unet"), ("vae-x", "'vae-x'")):
        out = tmp_path / "out"
        assert main(["embed", str(image), "--checkpoint", name, "--out", str(out)]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("nanozoo: ") and words in line
        assert not out.exists()
