"""A micrograph with its particles, as the tabs hold it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from nanozoo import UserError
from nanozoo.app.analysis import analyse
from nanozoo.app.comparison import Comparison, Truth, read_truth
from nanozoo.app.explain import NO_NETWORK, TOO_LARGE, explain_particle
from nanozoo.app.particles import hover_words, particle_html, particles_html
from nanozoo.app.pixel_size_part import PixelSizePart
from nanozoo.app.results import annotation_files, results_html, write_results
from nanozoo.app.sight import look_at
from nanozoo.app.tools import METHOD, NO_SHAPES, finder_choices, shape_choices
from nanozoo.core.instances import Instances, instance_of
from nanozoo.io.micrograph import Micrograph
from nanozoo.io.rois import draw_rois, read_rois
from nanozoo.synth import SceneConfig, simulate

OTSU = METHOD + "otsu"
ENDS = "_rois.zip", "_instances.json"


@pytest.fixture(scope="module")
def scene():
    return simulate(SceneConfig(shape=(192, 256), mean_diameter=30, scale_bar="none"), 2)


@pytest.fixture(scope="module")
def micrograph(scene, tmp_path_factory):
    return Micrograph(scene.pixels, 0.5, tmp_path_factory.mktemp("a") / "<b>gold.png")


@pytest.fixture(scope="module")
def found(micrograph):
    return analyse(look_at(micrograph), OTSU, NO_SHAPES)


def diameters(analysis):
    return [float(row["diameter_nm"]) for row in analysis.rows]


def test_what_is_taken_out_is_nowhere_measured(found):
    less = found.without(frozenset({0, 2, 10_000}))
    count = len(found.rows)
    assert less.removed == {0, 2} and found.removed == frozenset()
    assert len(less.rows) == less.record["particles"]["found"] == count - 2
    kept = [row for place, row in enumerate(found.rows) if place not in (0, 2)]
    assert [row["centroid_x"] for row in less.rows] == [row["centroid_x"] for row in kept]
    assert [int(row["label"]) for row in less.rows] == list(range(1, count - 1))
    assert "2 detections were taken out by hand." in " ".join(less.record["warnings"])
    assert less.without(frozenset()).rows == found.rows


def test_corrected_particles_go_to_imagej_and_coco(found, tmp_path):
    less = found.without(frozenset({1}))
    (rois, coco) = (annotation_files(less)[f"{less.subject.stem}{end}"] for end in ENDS)
    (tmp_path / "a.zip").write_bytes(rois)
    back = draw_rois(read_rois(tmp_path / "a.zip"), less.instances.shape, "a.zip")
    assert np.array_equal(
        Instances(less.instances.shape, back).to_stack(), less.instances.to_stack()
    )
    assert len(json.loads(coco)["annotations"]) == len(less.rows) == len(found.rows) - 1


def test_sizes_follow_the_pixel_size(found):
    assert found.record["pixel_size_source"] == "file" and not found.given
    larger = found.sight.with_pixel_size(1.0)
    doubled = found.calibrated(larger)
    assert doubled.given and doubled.record["parameters"]["given_pixel_size_nm"] == 1.0
    assert diameters(analyse(larger, OTSU, NO_SHAPES)) == diameters(doubled)
    np.testing.assert_allclose(diameters(doubled), 2 * np.array(diameters(found)), rtol=1e-5)
    assert diameters(doubled.calibrated(larger.with_pixel_size(None))) == diameters(found)
    for wrong in (0.0, -1.0, float("nan")):
        with pytest.raises(UserError, match="pixel_size_nm"):
            found.sight.with_pixel_size(wrong)


def test_a_scale_bar_is_shown_with_the_numbers_that_were_read(micrograph):
    config = SceneConfig(shape=(256, 320), scale_bar="box", pixel_size_nm=0.5)
    scene = simulate(config, 4)
    barred = look_at(Micrograph(scene.pixels, None, Path("bar.png")))
    words, nm, bar_nm, bar_px = PixelSizePart.values(barred)
    assert nm == pytest.approx(0.5, rel=0.03) and nm == pytest.approx(bar_nm / bar_px, rel=0.001)
    assert "from the scale bar" in words and words.count("<img") == 1
    words, nm, bar_nm, bar_px = PixelSizePart.values(look_at(micrograph))
    assert (nm, bar_nm, bar_px) == (0.5, None, None) and "<img" not in words


def test_names_are_text_in_all_that_the_page_shows(found, tmp_path):
    shown = results_html(found) + particles_html(found) + write_results(found, tmp_path / "out")
    assert "<b>gold" not in shown
    assert "%3Cb%3Egold" in shown


def test_each_particle_has_its_words(found):
    less, words = found.without(frozenset({1})), hover_words(found)
    assert words[0].startswith(f"particle 1, diameter {diameters(found)[0]:.4g} nm")
    assert hover_words(less)[1].startswith("taken out")
    assert hover_words(less)[2].startswith("particle 2,")
    assert f"{diameters(found)[2]:.4g}" in particle_html(less, 2)
    assert "not measured" in particle_html(less, 1)


def test_a_threshold_has_no_network_to_ask(found):
    assert explain_particle(found, 0) == ([], [NO_NETWORK])


@pytest.mark.parametrize("network", ["tiny_checkpoint", "tiny_detector"])
def test_networks_say_why(found, network, tiny_shape_cnn, request):
    finder = str(request.getfixturevalue(network))
    asked = replace(found, finder=finder, shapes=str(tiny_shape_cnn))
    pictures, sentences = explain_particle(asked, len(found.subject.instances) - 1)
    assert not sentences and len(pictures) == 2
    assert all(cv2.imdecode(np.frombuffer(one, np.uint8), 1).std() > 1 for one in pictures)


def test_a_particle_that_is_too_large_is_not_explained(found):
    large = Instances((900, 900), [instance_of(np.ones((800, 900), bool))])
    asked = replace(found, subject=replace(found.subject, instances=large), finder="none-v1")
    assert explain_particle(asked, 0) == ([], [TOO_LARGE])


def test_choices_can_be_opened_and_are_in_words():
    choices = finder_choices()
    assert choices[0][1].startswith("unet-") and "most micrographs" in choices[0][0]
    assert len({words for words, _ in choices}) == len(choices)
    assert shape_choices()[0][1] == NO_SHAPES
    for words, value in choices + shape_choices()[1:]:
        assert len(words) <= 30 and value not in words


def test_an_answer_agrees_with_itself_and_is_scored_against_a_mask(found, scene):
    truth = Truth(scene.instances.foreground(), scene.instances)
    same = Comparison(found, found, ("one", "other"), truth)
    assert set(same.agreement.values()) == {1.0}
    assert dict((row[0], row[1:]) for row in same.rows)["found by this one alone"] == (0, 0)
    scores = dict((row[0], row[1:]) for row in same.accuracy)
    assert scores["F1 of particles at IoU 0.5"][0] == scores["F1 of particles at IoU 0.5"][1]
    assert 0.5 < scores["JSC of the covered area"][0] <= 1.0
    assert Comparison(found, found, ("one", "other")).accuracy == []
    assert same.csv().splitlines()[0] == "part,quantity,one,other"


def test_masks_tell_particles_apart_unless_they_are_black_and_white(scene, tmp_path):
    shape, labels = scene.pixels.shape[:2], scene.instances.to_labels()
    for name, mask in (
        ("numbers.png", labels.astype(np.uint16)),
        ("binary.png", np.uint8(255 * (labels > 0))),
    ):
        (tmp_path / name).write_bytes(cv2.imencode(".png", mask)[1].tobytes())
    numbered = read_truth(tmp_path / "numbers.png", shape)
    assert len(numbered.instances) == len(np.unique(labels)) - 1
    binary = read_truth(tmp_path / "binary.png", shape)
    assert binary.instances is None
    np.testing.assert_array_equal(binary.foreground, numbered.foreground)
    with pytest.raises(UserError, match="export both in one size"):
        read_truth(tmp_path / "binary.png", (10, 10))
