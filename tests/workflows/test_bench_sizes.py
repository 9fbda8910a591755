"""The benchmark of sizes: its scenes, and what the truth and a wrong method get."""

import pytest

from nanozoo.core.instances import Instances
from nanozoo.synth import simulate


@pytest.fixture(scope="module")
def bench(script):
    return script("bench_sizes")


@pytest.mark.parametrize("scenes", ["apart", "overlapping"])
def test_scenes_are_what_was_asked_for(bench, scenes):
    assert len(set(bench.SEEDS[scenes])) == 10
    for seed in bench.SEEDS[scenes][:2]:
        config = bench.scene_config(scenes, seed)
        scene, known = simulate(config, seed), bench.known_diameters(config, seed)
        assert 40 <= len(scene.instances) <= len(known) <= 120
        assert bench.overlapping_share(scene.instances) <= (0.3 if scenes == "overlapping" else 0)
        row = bench.compare(scene, known, scene.instances)
        assert row["mean_error"] == row["d50_error"] == row["count_error"] == 0
        assert abs(row["mean_error_known"]) < 0.05 and abs(row["d50_error_known"]) < 0.05
        half = Instances(scene.instances.shape, list(scene.instances)[::2])
        assert bench.compare(scene, known, half)["count_error"] == pytest.approx(-0.5, abs=0.02)


def test_command(bench, tmp_path, capsys):
    words = ["--methods", "masks,otsu", "--limit", "1", "--out", str(tmp_path)]
    assert bench.main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith(("| apart (1) ", "| overlapping (1) ")) for line in lines) == 4
    assert (tmp_path / "scenes.csv").read_text().count("\n") == 1 + 4
    assert bench.main(["--methods", "nothing", "--out", str(tmp_path)]) == 2
    assert "nothing" in capsys.readouterr().err
