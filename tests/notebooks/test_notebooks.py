"""The notebooks run from top to bottom in small settings."""

from __future__ import annotations

import runpy
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[2]
run_notebooks = runpy.run_path(str(ROOT / "examples" / "run_notebooks.py"))


def execute(name: str) -> nbformat.NotebookNode:
    return run_notebooks["execute"](ROOT / "notebooks" / name)


def pictures(notebook: nbformat.NotebookNode) -> int:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    shown = [output.get("data", {}) for output in outputs]
    return sum("image/jpeg" in data or "image/png" in data for data in shown)


def test_quickstart_runs(tmp_path, monkeypatch, tiny_checkpoint):
    monkeypatch.setenv("NANOZOO_CHECKPOINT", str(tiny_checkpoint))
    monkeypatch.setenv("NANOZOO_STEPS", "2")
    monkeypatch.setenv("NANOZOO_OUT", str(tmp_path))
    assert pictures(execute("01_quickstart.ipynb")) == 2
    assert (tmp_path / "quickstart" / "small" / "config.json").is_file()


def test_detector_is_fine_tuned_to_two_classes(tmp_path, monkeypatch, tiny_detector):
    monkeypatch.setenv("NANOZOO_CHECKPOINT", str(tiny_detector))
    monkeypatch.setenv("NANOZOO_STEPS", "3")
    monkeypatch.setenv("NANOZOO_OUT", str(tmp_path))
    assert pictures(execute("02_maskrcnn_finetune.ipynb")) == 2
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


def test_benchmark_runs_on_a_folder(tmp_path, monkeypatch, tiny_checkpoint, tiny_detector):
    from nanozoo.synth.write import write_scenes

    write_scenes(tmp_path / "scenes", 3, 5, "overlap")
    monkeypatch.setenv("NANOZOO_BENCHMARK_DATA", str(tmp_path / "scenes"))
    monkeypatch.setenv("NANOZOO_METHODS", f"otsu,hybrid,{tiny_checkpoint}")
    monkeypatch.setenv("NANOZOO_CHECKPOINT", str(tiny_checkpoint))
    monkeypatch.setenv("NANOZOO_DETECTOR", str(tiny_detector))
    monkeypatch.setenv("NANOZOO_OUT", str(tmp_path))
    assert pictures(execute("07_benchmark.ipynb")) == 12
    assert (tmp_path / "benchmark_notebook" / "results" / "scores.csv").is_file()


def test_few_images_are_learned_from(tmp_path, monkeypatch, tiny_checkpoint):
    monkeypatch.setenv("NANOZOO_CHECKPOINT", str(tiny_checkpoint))
    monkeypatch.setenv("NANOZOO_STEPS", "2")
    monkeypatch.setenv("NANOZOO_OUT", str(tmp_path))
    assert pictures(execute("08_few_images.ipynb")) == 2
    assert (tmp_path / "few_images" / "unseen.png").is_file()


def test_policies_change_answers_little(tmp_path, monkeypatch, tiny_checkpoint):
    monkeypatch.setenv("NANOZOO_CHECKPOINT", str(tiny_checkpoint))
    monkeypatch.setenv("NANOZOO_STEPS", "2")
    monkeypatch.setenv("NANOZOO_OUT", str(tmp_path))
    notebook = execute("09_tpu_mixed_precision.ipynb")
    assert pictures(notebook) == 1
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    printed = "".join(output.get("text", "") for output in outputs)
    assert "jax: 1 cpu, float32\n20 steps" in printed  # what a TPU would run


def test_what_libraries_write_to_standard_error_is_taken_out():
    cell = nbformat.v4.new_code_cell("1")
    cell.outputs = [
        nbformat.v4.new_output("stream", name=name, text=f"{name} says\n")
        for name in ("stderr", "stdout", "stderr")
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("a"), cell])
    assert run_notebooks["take_errors"](notebook) == 2 * "stderr says\n"
    assert [output.text for output in cell.outputs] == ["stdout says\n"]
