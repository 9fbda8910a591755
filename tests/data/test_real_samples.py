"""The real micrographs: counts as their READMEs say, and masks that agree with JSON."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from nanozoo.core.registry import DATASETS
from nanozoo.data import datasets  # noqa: F401
from nanozoo.data.datasets.folders import examples_of, prepare
from nanozoo.data.samples import find_samples

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(
        "NANOZOO_DATA" not in os.environ, reason="NANOZOO_DATA names no folder of micrographs"
    ),
]

NASA = ("first", "second")


def folder(name: str) -> Path:
    return Path(os.environ["NANOZOO_DATA"]) / name


@pytest.mark.parametrize(
    ("name", "count", "classes", "with_instances"),
    [
        ("emps", 366, None, True),
        ("nanoshapes-tem", 24, None, True),
        ("nanocomposite-sem", 20, None, False),
        ("nasa-superalloy", 14, NASA, False),
        ("nasa-ebc", 14, NASA, False),
        ("dsb2018-nuclei", 120, None, True),
        ("sage-soot-tem", 17, None, True),
    ],
)
def test_every_set_is_found(name, count, classes, with_instances):
    samples = find_samples(folder(name), classes=classes)
    assert len(samples) == count
    for sample in samples[:3]:
        truth = sample.truth()
        assert truth.semantic.shape == sample.micrograph().pixels.shape[:2]
        assert truth.semantic.any()
        assert (truth.instances is not None) == with_instances


@pytest.mark.parametrize("name", ["nanoshapes-tem", "sage-soot-tem"])
def test_json_agrees_with_the_flattened_masks(name):
    for sample in find_samples(folder(name))[:4]:
        mask = cv2.imread(str(folder(name) / f"masks/{sample.name}.png"), cv2.IMREAD_UNCHANGED)
        truth = sample.truth()
        np.testing.assert_array_equal(truth.instances.to_labels(), mask)


def test_a_real_folder_is_stored_as_it_is(tmp_path):
    samples = {sample.name: sample for sample in find_samples(folder("nanoshapes-tem"))}
    builder = DATASETS.get("folder")(tmp_path, path=folder("nanoshapes-tem"))
    prepare(builder)
    found = {example.name: example for example in examples_of(builder, "train")}
    assert found.keys() == samples.keys()
    for name, example in found.items():
        micrograph, truth = samples[name].micrograph(), samples[name].truth()
        assert np.array_equal(example.image, micrograph.grey())
        assert np.array_equal(example.truth.instances.to_labels(), truth.instances.to_labels())
        assert np.array_equal(example.truth.semantic, truth.semantic)
        assert example.pixel_size_nm == pytest.approx(micrograph.pixel_size_nm)
