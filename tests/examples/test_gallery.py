"""The gallery scripts in their smallest form."""

from __future__ import annotations

import runpy
from pathlib import Path

from nanozoo.io.micrograph import read_micrograph

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_kernel_size_example_draws_both_panels(tmp_path, monkeypatch, tiny_checkpoint):
    monkeypatch.setenv("NANOZOO_SCENES", "1")
    monkeypatch.setenv("NANOZOO_METHODS", f"{tiny_checkpoint},hybrid")
    monkeypatch.setenv("NANOZOO_OUT", str(tmp_path))
    names = runpy.run_path(str(EXAMPLES / "plot_unet_kernel_size.py"))
    for fields in names["fields"].values():
        sizes = [field.px for field in fields]
        assert sizes == sorted(set(sizes))
    assert {row["method"] for row in names["bins"]} == {"tiny", "hybrid"}
    assert read_micrograph(tmp_path / "unet_kernel_size.png").pixels.std() > 0


def test_overlap_example_scores_every_method_on_the_same_pairs(
    tmp_path, monkeypatch, tiny_checkpoint, tiny_detector
):
    monkeypatch.setenv("NANOZOO_SCENES", "2")
    monkeypatch.setenv("NANOZOO_METHODS", f"{tiny_checkpoint},{tiny_detector}")
    monkeypatch.setenv("NANOZOO_OUT", str(tmp_path))
    names = runpy.run_path(str(EXAMPLES / "plot_maskrcnn_overlap.py"))
    assert set(names["found"]) == {"tiny", "tiny_detector"}
    assert {len(flags) for flags in names["found"].values()} == {len(names["overlap"])} != {0}
    for picture in ("maskrcnn_overlap.png", "maskrcnn_overlap_pairs.png"):
        assert read_micrograph(tmp_path / picture).pixels.std() > 0


def test_shapes_example_names_every_particle(tmp_path, monkeypatch, tiny_shape_cnn):
    words = ["--checkpoint", str(tiny_shape_cnn), "--particles", "2", "--out", str(tmp_path)]
    monkeypatch.setattr("sys.argv", ["plot_shapes.py", *words])
    names = runpy.run_path(str(EXAMPLES / "plot_shapes.py"))
    assert len(names["names"]) == names["counts"].sum() == 16
    assert (names["counts"].sum(axis=1) == 2).all()
    for picture in ("shapes.png", "shapes_confusion.png", "shapes_features.png"):
        assert read_micrograph(tmp_path / picture).pixels.std() > 0


def test_explain_example_explains_both_kinds_of_network(
    tmp_path, monkeypatch, tiny_shape_cnn, tiny_checkpoint
):
    words = ["--checkpoint", str(tiny_shape_cnn), "--segmentation", str(tiny_checkpoint)]
    words += ["--particles", "1", "--out", str(tmp_path)]
    monkeypatch.setattr("sys.argv", ["plot_explain.py", *words])
    names = runpy.run_path(str(EXAMPLES / "plot_explain.py"))
    particle, pixel, background = (row.region for row in names["rows"])
    assert pixel.sum() == background.sum() == 1 < particle.sum()
    assert particle[pixel].all() and not particle[background].any()
    for picture in ("explain_particles.png", "explain_segmentation.png"):
        assert read_micrograph(tmp_path / picture).pixels.std() > 0


def test_contact_sheet_shows_every_class_in_every_appearance(tmp_path):
    main = runpy.run_path(str(EXAMPLES / "make_shapes_sheet.py"))["main"]
    words = ["--kind", "outline", "--each", "4", "--side", "32"]
    main([*words, "--out", str(tmp_path / "sheet.png")])
    sheet = read_micrograph(tmp_path / "sheet.png").pixels
    assert sheet.std() > 0 and sheet.shape[1] > sheet.shape[0] > 1000


def test_measuring_example_reads_the_scale_bar_and_draws_both_figures(tmp_path, monkeypatch):
    monkeypatch.setenv("NANOZOO_METHOD", "hybrid")
    monkeypatch.setenv("NANOZOO_OUT", str(tmp_path))
    names = runpy.run_path(str(EXAMPLES / "plot_measure_particles.py"))
    assert abs(names["scale"].nm_per_px / 0.8 - 1) < 0.02
    assert names["area"].info_bar[1] == 512
    mean = names["distribution"].statistics["mean"].value
    assert abs(mean / names["true_mean"] - 1) < 0.15
    for picture in ("measure_particles.png", "measure_particles_sizes.png"):
        assert read_micrograph(tmp_path / picture).pixels.std() > 0


def test_latent_example_draws_every_figure(tmp_path, monkeypatch, tiny_vae):
    words = ["--checkpoint", str(tiny_vae), "--micrographs", "2", "--out", str(tmp_path)]
    monkeypatch.setattr("sys.argv", ["plot_vae_latent.py", *words])
    names = runpy.run_path(str(EXAMPLES / "plot_vae_latent.py"))
    assert names["found"].sigma.shape == (24, 5) and len(set(names["groups"])) == 6
    assert all(names["names"][place] == name for name, place in names["typical"].items())
    assert len(names["table"]) == 6
    for picture in ("map", "distances", "grad_cam", "way", "walks"):
        assert read_micrograph(tmp_path / f"vae_{picture}.png").pixels.std() > 0
