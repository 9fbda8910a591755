"""Recipes of the "em" checkpoints, with networks and images made small."""

import re
import shutil
from dataclasses import replace

import cv2
import numpy as np
import pytest
from bench_detection import SPLITS

from nanozoo.core.registry import MODELS, Entry
from nanozoo.core.weights import named_variables, read_arrays
from nanozoo.data.splits import read_split
from nanozoo.models.checkpoint import open_checkpoint, save_checkpoint, set_inference
from nanozoo.synth.families import listed_scenes
from nanozoo.training.history import read_history

DATASETS = ("emps", "nanoshapes-tem", "nanocomposite-sem")
FAST = ["--crop", "64", "--batch-size", "1"]


@pytest.fixture
def data(tmp_path):
    """A micrograph of two discs for each part of each dataset, and one that is incomplete."""
    incomplete = (SPLITS / "incomplete.txt").read_text().split()
    folder = tmp_path / "data"
    for dataset in DATASETS:
        split = read_split(SPLITS / f"{dataset}.csv")
        names = [
            next(name for name in split if split[name] == part and name not in incomplete)
            for part in ("train", "val", "test")
        ]
        names += [name for name in split if name in incomplete and split[name] == "val"][:1]
        for place, name in enumerate(names):
            labels = np.zeros((96, 96), np.uint16)
            cv2.circle(labels, (30 + place, 40), 14, 1, -1)
            cv2.circle(labels, (70, 60 - place), 9, 2, -1)
            for kind, pixels in (
                ("images", np.uint8(200 - 150 * (labels > 0))),
                ("masks", labels),
            ):
                path = folder / dataset / kind / f"{name}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(path), pixels)
    return folder


def shift(folder):
    """Add 5 to a variable of a checkpoint, as no training step does; return name and value."""
    known = open_checkpoint(folder)
    model = known.build()
    variables = named_variables(model)
    name = next(name for name in variables if name.endswith("beta"))
    variables[name].assign(variables[name] + 5.0)
    save_checkpoint(
        model,
        folder,
        name=known.name,
        builder=known.model,
        arguments=known.arguments,
        inference=known.inference,
        notes=known.notes,
    )
    return name, variables[name].numpy()


def value(folder, name):
    known = open_checkpoint(folder)
    return read_arrays(known.folder, known.weights)[name]


def test_stages_of_a_unet_go_on_from_one_another(script, data, tmp_path, tiny, monkeypatch):
    recipe, out = script("unet_em"), tmp_path / "run"

    def smaller(input_shape, *, backbone, weights_backbone=None, **arguments):
        return tiny(input_shape, **arguments)

    monkeypatch.setitem(MODELS._entries, "smaller", Entry("smaller", smaller, ("segmentation",)))
    monkeypatch.setattr(recipe, "BUILDERS", ("smaller",))
    words = ["--model", "smaller", "--data", str(data), "--out", str(out), *FAST, "--steps", "1"]
    recipe.main([*words, "--validate", "1", "--stages", "1"])
    set_inference(out / "1", {"threshold": 0.375})
    name, learned = shift(out / "1")
    recipe.main([*words, "--validate", "1", "--stages", "2", "3", "--simulated", "1"])
    first, second, third = (open_checkpoint(out / str(number)) for number in recipe.STAGES)
    assert [one.notes["from"] for one in (first, second, third)] == ["imagenet", None, None]
    assert first.notes["validation"].keys() == {f"jsc_{name}" for name in DATASETS}
    assert "validation" not in third.notes and third.inference["threshold"] == 0.375
    assert len(read_history(out / "2")["loss"]) == 1
    for number in (2, 3):
        assert value(out / str(number), name) == pytest.approx(learned, abs=0.1)
    assert not np.array_equal(value(out / "2", name), learned)

    names = [sample.name for sample in recipe.samples(data, "train", "val")]
    assert len(names) == len(set(names)) == 2 * len(DATASETS)
    assert not set(names) & set(recipe.INCOMPLETE)


def test_a_unet_of_simulated_scenes_is_scored_by_part(script, data, tmp_path, tiny_checkpoint):
    recipe, out = script("unet_simulated"), tmp_path / "run"
    shutil.copytree(tiny_checkpoint, out)
    held = {name: recipe.real_images(data, name, "val") for name in recipe.DATASETS}
    assert [len(images) for images in held.values()] == [1, 1]
    chosen = recipe.choose(out, held)
    assert tuple(chosen["scales"]) in recipe.SCALES and chosen["threshold"] in recipe.THRESHOLDS
    recipe.main(["--data", str(data), "--out", str(out), "--steps", "0", "--test"])
    rows = (out / "simulated.md").read_text().splitlines()[2:]
    parts = [[cell.strip() for cell in row.strip("|").split("|")][:2] for row in rows if row]
    assert parts == [[part, name] for part in ("val", "test") for name in recipe.DATASETS]
    for row in rows:
        numbers = [float(number) for number in re.findall(r"\d\.\d+", row)]
        assert len(numbers) == 2 and all(0 <= number <= 1 for number in numbers)


def test_simulation_before_micrographs_is_compared_with_as_long_without(
    script, data, tiny, monkeypatch, capsys
):
    recipe = script("ablate_simulation")

    def smaller(input_shape, *, boundary, weights_backbone):
        return tiny(input_shape, boundary=boundary)

    monkeypatch.setattr(recipe, "build_unet", smaller)
    recipe.main(["--data", str(data), "--crop", "64", "--steps", "1", "--scenes", "1"])
    lines = [line for line in capsys.readouterr().out.splitlines() if ", after " in line]
    assert [line.split(":")[0] for line in lines] == [
        "real, after 1 real steps",
        "simulated, then real, after 1 simulated steps",
        "simulated, then real, after 1 real steps",
        "twice as long real, after 2 real steps",
    ]
    assert all(line.count("'") == 2 * len(DATASETS) for line in lines)


@pytest.mark.slow
def test_stages_of_a_detector_go_on_from_one_another(
    script, data, tmp_path, small_detector, monkeypatch
):
    recipe, out = script("maskrcnn_em"), tmp_path / "run"
    monkeypatch.setattr(recipe, "ARGUMENTS", small_detector)
    monkeypatch.setattr(recipe, "IN_TRAINING", {"rpn_post_nms_top_n": 20})
    monkeypatch.setattr(recipe, "ENCODER", None)
    stages = {number: replace(recipe.STAGES[number], steps=1, new_stacks=1) for number in (1, 2)}
    monkeypatch.setattr(recipe, "STAGES", stages)
    words = ["--data", str(data), "--out", str(out), "--scenes", "1", "--round-steps", "1"]
    recipe.main([*words, *FAST, "--stages", "1"])
    name, learned = shift(out / "1")
    recipe.main([*words, *FAST, "--stages", "2"])
    first, second = (open_checkpoint(out / str(number)) for number in stages)
    assert [one.arguments["box_fg_iou_thresh"] for one in (first, second)] == [0.5, 0.6]
    assert second.arguments["rpn_post_nms_top_n"] == small_detector["rpn_post_nms_top_n"]
    after = read_arrays(second.folder, second.weights)
    assert after[name] == pytest.approx(learned, abs=0.1)
    assert all(np.isfinite(array).all() for array in after.values())


def test_stacks_are_those_of_the_training_part_and_new_ones(script):
    recipe = script("maskrcnn_em")
    listed = listed_scenes(SPLITS / f"{recipe.STACKS}.csv", "train")
    committed = {row.name for row in listed}
    names = [image.name for image in recipe.stacks(2, recipe.FIRST_SEED, 2)]
    assert names[:2] == [listed[0].name, listed[len(listed) // 2].name]
    assert len(names) == 4 and not set(names[2:]) & committed
