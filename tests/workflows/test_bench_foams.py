"""The benchmark of simulated foams: features without mean grey, and its report."""

import numpy as np
import pytest

from nanozoo.synth.foam_families import FoamSource


@pytest.fixture(scope="module")
def bench(script):
    return script("bench_foams")


def test_textures_know_nothing_of_light_but_their_direction(bench):
    patch = FoamSource(seed=2).patch(2)[0] // 2
    image = patch.astype(np.float32) / 255
    brighter = (patch + 40).astype(np.float32) / 255
    assert np.allclose(bench.texture(image), bench.texture(brighter), atol=3e-3)
    turned = bench.texture(np.ascontiguousarray(image.T))
    spectrum = (len(bench.RINGS) - 1) * bench.SECTORS
    assert np.abs(bench.texture(image) - turned)[:spectrum].max() > 1.0
    assert np.allclose(bench.texture(image)[spectrum:], turned[spectrum:], atol=0.02)


def test_command(bench, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(bench, "DRAWS", 20)
    assert bench.main(["--limit", "5", "--out", str(tmp_path)]) == 0
    text = (tmp_path / "report.md").read_text()
    assert text.strip() == capsys.readouterr().out.strip()
    rows = {
        line.split("|")[1].strip(): line.split("|")[2:] for line in text.splitlines()[2:] if line
    }
    near = [float(rows[f"cuni{n}, cuni{n + 1}"][0].split()[0]) for n in (1, 2)]
    assert 0.6 <= min(near) and float(rows["cuni1, cuni3"][0].split()[0]) < min(near)
    grey = [float(cell.split()[0]) for cell in rows["mean grey"][:3]]
    plain = [
        float(cell.split()[0]) for cell in rows["power spectrum and local binary patterns"][:3]
    ]
    assert max(grey) <= 0.6 < min(plain)
