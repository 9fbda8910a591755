"""Files to layers in nanometres, and labels to files that can be trained on."""

import cv2
import numpy as np
import pytest
import tifffile
from rsciio.emd import file_writer

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.data.samples import find_samples
from nanozoo.napari.layers import pixel_size_of, plane_of, set_pixel_size
from nanozoo.napari.read import get_reader, read
from nanozoo.napari.training import add_to_training
from nanozoo.napari.write import write_labels

LABELS = np.zeros((40, 50), np.int64)
LABELS[2:12, 3:9], LABELS[20:30, 10:30], LABELS[25:28, 35:41] = 4, 300, 9
GREY = np.random.default_rng(0).integers(0, 60_000, LABELS.shape).astype(np.uint16)


def write_emd(path, scale: float, frames: int) -> None:
    keys = ("name", "units", "scale", "offset", "size", "navigate")
    sizes = [("time", "s", 1.0, frames), ("y", "nm", scale, 40), ("x", "nm", scale, 50)]
    file_writer(
        str(path),
        {
            "data": np.stack([GREY + n for n in range(frames)]),
            "axes": [
                dict(zip(keys, (*one[:3], 0.0, one[3], not n))) for n, one in enumerate(sizes)
            ],
            "metadata": {"General": {"title": "movie"}, "Signal": {}},
            "original_metadata": {},
        },
    )


def test_a_stack_of_a_microscope_is_a_layer_in_nm(tmp_path, viewer):
    path = tmp_path / "insitu.emd"
    write_emd(path, 0.25, 3)
    assert get_reader(str(path)) is read
    ((data, about, kind),) = read(str(path))
    layer = getattr(viewer, f"add_{kind}")(data, **about)
    np.testing.assert_array_equal(layer.data, [GREY, GREY + 1, GREY + 2])
    assert pixel_size_of(layer) == pytest.approx(0.25)
    assert [str(unit) for unit in layer.units] == ["pixel", "nanometer", "nanometer"]
    assert layer.name == "insitu"


def test_a_tiff_of_imagej_in_micrometres_and_one_without_a_scale(tmp_path, viewer):
    first, second = tmp_path / "a.tif", tmp_path / "b.tif"
    about = {"unit": "um"}
    tifffile.imwrite(first, GREY, imagej=True, resolution=(200, 200), metadata=about)
    tifffile.imwrite(second, np.dstack([GREY] * 3).astype(np.uint8), photometric="rgb")
    layers = [viewer.add_image(data, **more) for data, more, _ in read([str(first), str(second)])]
    assert pixel_size_of(layers[0]) == pytest.approx(5.0)
    assert pixel_size_of(layers[1]) is None and layers[1].rgb


def test_other_files_are_left_to_others(tmp_path):
    (tmp_path / "a.txt").write_text("x")
    assert get_reader(str(tmp_path / "a.txt")) is None
    assert get_reader([]) is None
    (tmp_path / "a.dm4").write_bytes(b"nothing of the kind")
    with pytest.raises(UserError, match="a.dm4"):
        get_reader(str(tmp_path / "a.dm4"))(str(tmp_path / "a.dm4"))


def test_sizes_that_are_no_lengths_or_not_square(viewer):
    layer = viewer.add_image(GREY, scale=(2.0, 2.0))
    assert pixel_size_of(layer) is None
    set_pixel_size(layer, 0.125)
    assert pixel_size_of(layer) == 0.125
    with pytest.warns(UserWarning, match="not square"):
        wide = viewer.add_image(GREY, scale=(1.0, 2.0), units=("nm", "nm"), name="wide")
        assert pixel_size_of(wide) is None


@pytest.mark.parametrize("name, place", [("png", "masks"), ("zip", "rois"), ("json", "labelme")])
def test_written_labels_are_training_data(tmp_path, viewer, name, place):
    layer = viewer.add_labels(LABELS)
    (tmp_path / "images").mkdir()
    (tmp_path / place).mkdir()
    cv2.imwrite(str(tmp_path / "images/a.png"), GREY)
    path = str(tmp_path / place / f"a.{name}")
    assert write_labels(path, *layer.as_layer_data_tuple()[:2]) == [path]
    (sample,) = find_samples(tmp_path)
    np.testing.assert_array_equal(
        sample.truth().instances.to_stack(), Instances.from_labels(LABELS).to_stack()
    )


def test_what_napari_itself_saves_is_training_data(tmp_path, viewer):
    """Its own writer, with the whole numbers of 64 bits that a new labels layer has."""
    from napari_builtins.io import napari_write_labels

    layer = viewer.add_labels(LABELS)
    (tmp_path / "masks").mkdir()
    (tmp_path / "images").mkdir()
    cv2.imwrite(str(tmp_path / "images/a.png"), GREY)
    data, about, _ = layer.as_layer_data_tuple()
    assert napari_write_labels(str(tmp_path / "masks/a.tif"), data, about)
    (sample,) = find_samples(tmp_path)
    np.testing.assert_array_equal(
        sample.truth().instances.to_stack(), Instances.from_labels(LABELS).to_stack()
    )


def test_labels_that_no_file_holds(tmp_path, viewer):
    stack = np.stack([LABELS, LABELS])
    with pytest.raises(UserError, match="labels of one image"):
        write_labels(str(tmp_path / "a.png"), stack, {"name": "x"})
    with pytest.raises(UserError, match="0 to 65535"):
        write_labels(str(tmp_path / "a.png"), LABELS * 1000, {})
    with pytest.raises(UserError, match=r"\.png, \.zip or \.json"):
        write_labels(str(tmp_path / "a.gif"), LABELS, {})
    assert not list(tmp_path.iterdir())
    np.testing.assert_array_equal(plane_of(LABELS[None], "x"), LABELS)


def test_a_folder_to_train_on_grows_and_keeps_other_images(tmp_path, viewer):
    image = viewer.add_image(GREY, scale=(0.5, 0.5), units=("nm", "nm"))
    labels = viewer.add_labels(LABELS)
    for name in ("a", "b", "a"):
        labels.data[30 + len(name), 45] = 7
        add_to_training(image, labels, tmp_path, name)
    samples = find_samples(tmp_path)
    assert [(one.name, one.pixel_size_nm) for one in samples] == [("a", 0.5), ("b", 0.5)]
    for sample in samples:
        np.testing.assert_array_equal(sample.micrograph().pixels[..., 0], GREY)
        assert len(sample.truth().instances) == 4
    other = viewer.add_image(GREY + 1)
    with pytest.raises(UserError, match="another image of the name a"):
        add_to_training(other, labels, tmp_path, "a")
    for wrong in ("", "../a", ".a"):
        with pytest.raises(UserError, match="without folders"):
            add_to_training(image, labels, tmp_path, wrong)
    with pytest.raises(UserError, match="labels of its size"):
        add_to_training(viewer.add_image(GREY[:-1]), labels, tmp_path, "c")
