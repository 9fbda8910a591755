"""The notebooks run from top to bottom in small settings."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
BIGGEST = 500_000


def execute(name: str) -> nbformat.NotebookNode:
    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": NOTEBOOKS}}).execute()
    return notebook


def pictures(notebook: nbformat.NotebookNode) -> int:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return sum("image/jpeg" in output.get("data", {}) for output in outputs)


def test_quickstart_runs(tmp_path, monkeypatch, tiny_checkpoint):
    monkeypatch.setenv("NANOZOO_CHECKPOINT", str(tiny_checkpoint))
    monkeypatch.setenv("NANOZOO_STEPS", "2")
    monkeypatch.setenv("NANOZOO_OUT", str(tmp_path))
    assert pictures(execute("01_quickstart.ipynb")) == 2
    assert (tmp_path / "quickstart" / "small" / "config.json").is_file()


def test_detector_is_fine_tuned_to_three_classes(tmp_path, monkeypatch, tiny_detector):
    monkeypatch.setenv("NANOZOO_CHECKPOINT", str(tiny_detector))
    monkeypatch.setenv("NANOZOO_STEPS", "3")
    monkeypatch.setenv("NANOZOO_OUT", str(tmp_path))
    assert pictures(execute("02_maskrcnn_finetune.ipynb")) == 1
    assert (tmp_path / "maskrcnn_finetune" / "checkpoint" / "config.json").is_file()


def test_micrographs_are_measured(tmp_path, monkeypatch):
    monkeypatch.setenv("NANOZOO_METHOD", "hybrid")
    monkeypatch.setenv("NANOZOO_OUT", str(tmp_path))
    assert pictures(execute("03_measure.ipynb")) == 2
    assert (tmp_path / "measure_notebook" / "results" / "index.html").is_file()


def test_shapes_are_named_and_explained(tmp_path, monkeypatch, tiny_detector, tiny_shape_cnn):
    monkeypatch.setenv("NANOZOO_CHECKPOINT", str(tiny_detector))
    monkeypatch.setenv("NANOZOO_OUTLINES", str(tiny_shape_cnn))
    monkeypatch.setenv("NANOZOO_MORPHOLOGIES", str(tiny_shape_cnn))
    monkeypatch.setenv("NANOZOO_OUT", str(tmp_path))
    assert pictures(execute("04_shapes.ipynb")) >= 3
    assert (tmp_path / "shapes_notebook" / "results" / "mixed_particles.csv").is_file()


def test_foams_are_told_apart(tmp_path, monkeypatch):
    monkeypatch.setenv("NANOZOO_STEPS", "2")
    monkeypatch.setenv("NANOZOO_OUT", str(tmp_path))
    assert pictures(execute("05_vae_nanofoams.ipynb")) == 6
    assert (tmp_path / "vae_notebook" / "grad_cam.png").is_file()


def test_generated_images_are_reported_and_added(tmp_path, monkeypatch, tiny_checkpoint):
    monkeypatch.setenv("NANOZOO_CHECKPOINT", str(tiny_checkpoint))
    monkeypatch.setenv("NANOZOO_STEPS", "2")
    monkeypatch.setenv("NANOZOO_OUT", str(tmp_path))
    assert pictures(execute("06_gan_augmentation.ipynb")) == 2
    folder = tmp_path / "gan_augmentation"
    assert len(list((folder / "augmented" / "images").iterdir())) == 120
    assert (folder / "report" / "report.md").is_file()


def test_benchmark_runs_on_a_folder(tmp_path, monkeypatch, tiny_checkpoint):
    from nanozoo.synth.write import write_scenes

    write_scenes(tmp_path / "scenes", 3, 5, "overlap")
    monkeypatch.setenv("NANOZOO_BENCHMARK_DATA", str(tmp_path / "scenes"))
    monkeypatch.setenv("NANOZOO_METHODS", f"otsu,hybrid,{tiny_checkpoint}")
    monkeypatch.setenv("NANOZOO_OUT", str(tmp_path))
    assert pictures(execute("07_benchmark.ipynb")) == 6
    assert (tmp_path / "benchmark_notebook" / "results" / "scores.csv").is_file()


def test_few_images_are_learned_from(tmp_path, monkeypatch, tiny_checkpoint):
    monkeypatch.setenv("NANOZOO_CHECKPOINT", str(tiny_checkpoint))
    monkeypatch.setenv("NANOZOO_STEPS", "2")
    monkeypatch.setenv("NANOZOO_OUT", str(tmp_path))
    assert pictures(execute("08_few_images.ipynb")) == 2
    assert (tmp_path / "few_images" / "unseen.png").is_file()


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.name)
def test_committed_notebooks_are_small_and_name_no_private_path(path: Path):
    assert path.stat().st_size < BIGGEST
    text = path.read_text(encoding="utf-8")
    assert "site-packages" not in text and str(NOTEBOOKS.parent) not in text
