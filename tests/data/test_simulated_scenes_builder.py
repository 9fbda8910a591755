"""The tensorflow_datasets builder: counts, types, and splits that share nothing."""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nanozoo.core.registry import DATASETS
from nanozoo.data import datasets  # noqa: F401
from nanozoo.synth.config import MODALITIES
from nanozoo.synth.families import SCENES_PER_FAMILY, family_scenes
from nanozoo.synth.presets import FIXED

SPLIT_FILE = Path(__file__).parents[2] / "benchmarks" / "splits" / "synthetic.csv"


def test_builder_gives_the_scenes_of_each_split(tmp_path):
    pytest.importorskip("tensorflow_datasets")
    entry = DATASETS.entry("simulated_scenes")
    builder = entry.obj(tmp_path, **entry.test_kwargs)
    builder.download_and_prepare()
    per_family, shape = entry.test_kwargs["per_family"], entry.test_kwargs["shape"]
    pictures = {}
    for split, count in per_family.items():
        examples = list(builder.as_dataset(split=split).as_numpy_iterator())
        assert len(examples) == count * len(FIXED) * len(MODALITIES)
        for example in examples:
            assert example["image"].shape == (*shape, 1) and example["image"].dtype == np.uint8
            assert example["labels"].shape == shape and example["labels"].dtype == np.int32
            assert example["pixel_size_nm"] == np.float32(0.8)
        expected = {row.name for row in family_scenes(per_family) if row.split == split}
        assert {example["name"].decode() for example in examples} == expected
        pictures[split] = {example["image"].tobytes() for example in examples}
        assert len(pictures[split]) == len(examples)
    assert not pictures["train"] & pictures["val"]
    assert not (pictures["train"] | pictures["val"]) & pictures["test"]


def test_builder_gives_the_scenes_of_another_preset(tmp_path):
    pytest.importorskip("tensorflow_datasets")
    entry = DATASETS.entry("simulated_scenes")
    wanted = {"shape": (48, 48), "per_family": {"train": 1}, "presets": ("realistic",)}
    builder = entry.obj(tmp_path, **wanted)
    assert builder.builder_config.name == "48x48_train1_realistic"
    builder.download_and_prepare()
    names = [one["name"].decode() for one in builder.as_dataset(split="train").as_numpy_iterator()]
    assert set(names) == {f"realistic_{modality}_train_000" for modality in MODALITIES}


def test_committed_split_is_the_rule_and_shares_no_seed():
    with open(SPLIT_FILE, newline="") as stream:
        rows = list(csv.DictReader(stream))
    scenes = family_scenes()
    assert [(r["name"], r["split"], int(r["seed"]), r["preset"], r["modality"]) for r in rows] == [
        (s.name, s.split, s.seed, s.preset, s.modality) for s in scenes
    ]
    assert len({scene.seed for scene in scenes}) == len({s.name for s in scenes}) == len(scenes)
    assert len(scenes) == sum(SCENES_PER_FAMILY.values()) * len(FIXED) * len(MODALITIES)


def test_registering_the_dataset_does_not_import_tensorflow():
    code = (
        "import sys, nanozoo.data.datasets;"
        "sys.exit(any(m in sys.modules for m in ('tensorflow', 'tensorflow_datasets', 'keras')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
