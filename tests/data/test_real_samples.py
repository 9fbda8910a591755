"""The real micrographs: counts as their READMEs say, and masks that agree with JSON."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

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
