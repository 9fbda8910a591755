"""The benchmark against an expert's sizes measures as `nanozoo measure` does."""

import cv2
import numpy as np
import pytest


@pytest.fixture(scope="module")
def bench(script):
    return script("bench_expert_sizes")


def test_whole_particles_outside_of_the_information_bar_are_measured(bench, tmp_path, capsys):
    rows, columns = np.indices((240, 320))
    circles = [(60, 60), (100, 160), (60, 260), (90, 0)]  # the border cuts the last one
    discs = np.any([np.hypot(rows - y, columns - x) <= 20 for y, x in circles], axis=0)
    noisy = np.random.default_rng(0).normal(np.where(discs, 190.0, 70.0), 6.0)
    image = np.rint(noisy).astype(np.uint8)
    image[200:] = 255
    cv2.putText(image, "EHT 5 kV", (150, 230), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 0, 2)
    folder = tmp_path / "nffa-sem-scalebar"
    (folder / "images").mkdir(parents=True)
    cv2.imwrite(str(folder / "images" / "discs.png"), image)
    (folder / "images.csv").write_text(
        "file,class,mean_size_um_expert\ndiscs.png,particles,0.08\nother.png,fibres,1\n"
    )
    (folder / "scalebars.csv").write_text("file,nm_per_px\ndiscs.png,2\nother.png,2\n")
    words = ["--data", str(tmp_path), "--methods", "otsu", "--out", str(tmp_path / "out")]
    assert bench.main(words) == 0
    line = capsys.readouterr().out.splitlines()[2]
    expert, found = line.strip("| ").split(" | ")[1:]
    assert expert == "80"
    assert found.endswith("(3)")
    assert float(found.split()[0]) == pytest.approx(80, rel=0.03)
    assert bench.main(["--data", str(tmp_path / "out"), "--methods", "otsu"]) == 2
    assert "scalebars.csv" in capsys.readouterr().err
