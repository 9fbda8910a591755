"""The recipe of the foam autoencoder from training to its tables, in its smallest form."""

import pytest

from nanozoo.engines.embedder import Embedder
from nanozoo.io.micrograph import read_micrograph
from nanozoo.training.history import read_history


@pytest.fixture(scope="module")
def vae_foams(script):
    return script("vae_foams")


@pytest.mark.slow
def test_it_trains_probes_and_goes_on_from_a_checkpoint(vae_foams, tmp_path, capsys):
    small = "--backbone plain --weights-backbone none --filters 4,8,8 --size 32 --latent-dim 6"
    words = f"{small} --steps 2 --batch-size 4 --limit 60".split()
    first, second = tmp_path / "first", tmp_path / "second"
    vae_foams.main([*words, "--out", str(first)])
    text = (first / "foams.md").read_text()
    assert text in capsys.readouterr().out
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines()]
    probes = {row[0]: row[1:] for row in rows if row and row[0] in ("knn", "random_forest")}
    assert len(probes) == 2 and all(len(cells) == 3 for cells in probes.values())
    pairs = [row for row in rows if row and row[0] in vae_foams.FAMILIES]
    assert len(pairs) == 6
    for *_, wss, bss, rate in pairs:
        within, between = float(wss), float(bss)
        assert float(rate.split()[0]) == pytest.approx(between / (between + within), abs=1e-3)
    assert "of 6 dimensions are used" in text
    assert Embedder(first).checkpoint.arguments["pooled_levels"] == 1
    for name in ("distances", "maps", "map", "reconstructions"):
        assert read_micrograph(first / f"{name}.png").pixels.std() > 0
    assert read_history(first)["val_loss"][-1] > 0
    vae_foams.main([*words, "--start", str(first), "--seed", "1", "--out", str(second)])
    assert Embedder(second).checkpoint.notes["from"] == "first"
