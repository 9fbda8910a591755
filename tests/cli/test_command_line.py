"""The commands do what they say, and a mistake is one line and exit code 2."""

import json
import os
import resource
import subprocess
import sys

import cv2
import numpy as np
import pytest

from nanozoo.cli.main import main
from nanozoo.core.registry import BACKBONES, BASELINES, MODELS

NOISE = np.random.default_rng(0).integers(0, 256, (128, 128), np.uint8)


def put(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), pixels)
    return path


def refused(capsys, *words) -> str:
    """Run a command that must fail; return its one line on standard error."""
    assert main([str(word) for word in words]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and lines[0].startswith("nanozoo: ")
    return lines[0]


def in_small_files(limit: int, *words) -> subprocess.CompletedProcess:
    """Run a command that cannot write files of more than `limit` bytes, such as coverage's."""
    unmeasured = {name: os.environ[name] for name in os.environ if not name.startswith("COV")}
    return subprocess.run(
        [sys.executable, "-m", "nanozoo", *map(str, words)],
        capture_output=True,
        text=True,
        env=unmeasured,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )


def test_models_lists_the_registries(capsys):
    assert main(["models", "--json"]) == 0
    listing = json.loads(capsys.readouterr().out)
    for title, registry in (("models", MODELS), ("backbones", BACKBONES), ("methods", BASELINES)):
        assert {entry["name"] for entry in listing[title]} == set(registry.names())
        assert all(entry["summary"] for entry in listing[title])
    assert main(["models"]) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in MODELS.names() + BACKBONES.names())


def test_synth_then_benchmark_of_thresholding(tmp_path, capsys):
    scenes = tmp_path / "scenes"
    words = ["--count", "2", "--seed", "4", "--preset", "spheres"]
    assert main(["synth", "--out", str(scenes), *words]) == 0
    assert "2 scenes" in capsys.readouterr().out
    put(scenes / "images/lonely.png", NOISE)
    out = tmp_path / "out"
    words = ["--data", str(scenes), "--methods", "otsu, local", "--out", str(out), "--quiet"]
    assert main(["benchmark", *words]) == 2
    captured = capsys.readouterr()
    assert "lonely.png has no mask" in captured.err
    assert captured.out.count("JSC") == 2
    assert (out / "scores.csv").read_text().count("\n") == 1 + 4


def test_segment_in_a_fresh_process_is_quiet(tmp_path):
    put(tmp_path / "in/a.png", NOISE)
    words = ["segment", tmp_path / "in", "--method", "otsu", "--out", tmp_path / "out"]
    done = in_small_files(10_000_000, *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert "in 1 image;" in done.stdout


def test_flips_and_uncertainty_of_a_network(tmp_path, capsys):
    image = put(tmp_path / "a.png", NOISE)
    command = ["segment", str(image), "--out", str(tmp_path / "out")]
    assert main([*command, "--checkpoint", "unet", "--flips", "--uncertainty"]) == 0
    heat = cv2.imread(str(tmp_path / "out" / "a_uncertainty.png"))
    assert heat.shape == (128, 128, 3)
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["settings"]["inference"]["flips"] is True
    capsys.readouterr()
    for option in ("--flips", "--uncertainty"):
        line = refused(capsys, *command, "--method", "otsu", option)
        assert "choose a checkpoint" in line and "otsu" in line


def test_disk_full_keeps_the_other_images(tmp_path):
    put(tmp_path / "in/large.png", NOISE)
    put(tmp_path / "in/small.png", NOISE[:16, :16])
    out = tmp_path / "out"
    done = in_small_files(4096, "segment", tmp_path / "in", "--method", "otsu", "--out", out)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "large_overlay.png" in line and "free some space" in line
    assert {path.name for path in out.iterdir() if path.is_file()} == {
        "small_labels.png", "small_overlay.png", "particles.csv", "summary.json",
    }  # fmt: skip


def test_disk_full_leaves_no_half_scene(tmp_path):
    done = in_small_files(2000, "synth", "--out", tmp_path / "out", "--count", "1")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1 and "free some space" in done.stderr
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []


def test_a_warning_is_one_line(tmp_path, capsys):
    assert main(["synth", "--out", str(tmp_path / "scenes"), "--count", "1"]) == 0
    stem = next((tmp_path / "scenes/images").iterdir()).stem
    (tmp_path / "scenes.csv").write_text(f"name,split\n{stem},train\n")
    capsys.readouterr()
    words = ["--data", str(tmp_path / "scenes"), "--methods", "otsu", "--splits", str(tmp_path)]
    assert main(["benchmark", *words, "--out", str(tmp_path / "out")]) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("nanozoo: note: 1 of the 1 images of scenes are in its train split")


def test_disk_full_in_a_benchmark_leaves_whole_files(tmp_path):
    assert main(["synth", "--out", str(tmp_path / "scenes"), "--count", "2"]) == 0
    words = ("--data", tmp_path / "scenes", "--methods", "otsu", "--out", tmp_path / "out")
    done = in_small_files(12_000, "benchmark", *words, "--quiet")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1 and "free some space" in done.stderr
    kept = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert not any(path.name.startswith(".") for path in kept)
    pictures = [path for path in kept if path.suffix == ".png"]
    assert all(cv2.imread(str(path), cv2.IMREAD_UNCHANGED) is not None for path in pictures)


def test_disk_full_in_training_leaves_nothing(tmp_path):
    assert main(["synth", "--out", str(tmp_path / "scenes"), "--count", "1"]) == 0
    words = ("--backbone", "plain", "--steps", "1", "--crop", "32", "--out", tmp_path / "out")
    done = in_small_files(100_000, "train", "--data", tmp_path / "scenes", *words)
    assert done.returncode == 2
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("nanozoo: ")]
    assert "state.npz" in line and "free some space" in line
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_folder_that_cannot_be_written(tmp_path, capsys):
    put(tmp_path / "in/a.png", NOISE)
    (tmp_path / "out").mkdir(mode=0o500)
    words = ("segment", tmp_path / "in", "--method", "otsu", "--out", tmp_path / "out")
    assert "choose another output folder" in refused(capsys, *words)


def test_empty_folder(tmp_path, capsys):
    (tmp_path / "in").mkdir()
    words = ("segment", tmp_path / "in", "--method", "otsu", "--out", tmp_path / "out")
    assert f"{tmp_path / 'in'} holds no image" in refused(capsys, *words)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "words", [("segment", "--method", "otsu"), ("measure", "--method", "otsu"), ("calibrate",)]
)
def test_no_image_that_can_be_used_leaves_nothing(tmp_path, capsys, words):
    out, torn = tmp_path / "out", tmp_path / "torn.png"
    torn.write_bytes(b"\x89PNG")
    command, *options = words
    quiet = ["--quiet"] if command == "measure" else []
    paths = [tmp_path / "missing.png", torn]
    line = refused(capsys, command, *paths, *options, *quiet, "--out", out)
    assert line.startswith("nanozoo: No image could be ")
    assert "missing.png (No such file" in line and "torn.png" in line
    assert not out.exists()


def test_a_skipped_image_is_named_once_if_there_is_no_bar(tmp_path, capsys):
    put(tmp_path / "in/good.png", NOISE)
    (tmp_path / "in/torn.png").write_bytes(b"\x89PNG")
    words = ["--method", "otsu", "--no-scale-bar", "--quiet", "--out", str(tmp_path / "out")]
    assert main(["measure", str(tmp_path / "in"), *words]) == 2
    said = capsys.readouterr()
    assert (said.out + said.err).count("torn.png") == 1


def test_unknown_names(tmp_path, capsys):
    put(tmp_path / "d/images/a.png", NOISE)
    put(tmp_path / "d/masks/a.png", (NOISE > 128).astype(np.uint8))
    data, out = tmp_path / "d", tmp_path / "out"
    line = refused(capsys, "segment", data / "images", "--checkpoint", "unet-x", "--out", out)
    assert "no checkpoint called 'unet-x'" in line
    words = ("train", "--data", data, "--out", out)
    assert "Did you mean resnet18" in refused(capsys, *words, "--backbone", "resnet81")
    line = refused(capsys, *words, "--model", "unets")
    assert "no model called 'unets'. Did you mean unet" in line
    assert "kernel_size=4" in refused(capsys, *words, "--kernel-size", "4")
    assert "'thing'" in refused(
        capsys, "benchmark", "--data", data, "--methods", "thing", "--out", out
    )
    assert "'unet-x'" in refused(
        capsys, "finetune", "--checkpoint", "unet-x", "--data", data, "--out", out
    )
    assert not out.exists()


def test_mistakes_of_argparse_end_with_2_as_well(tmp_path):
    with pytest.raises(SystemExit) as caught:
        main(["segment", str(tmp_path), "--method", "otzu", "--out", str(tmp_path / "out")])
    assert caught.value.code == 2
