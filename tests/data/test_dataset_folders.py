"""Datasets as folders, and what is said and kept when files are not those that were published."""

import hashlib
import json
import shutil
from dataclasses import replace

import numpy as np
import published_files as published
import pytest

from nanozoo.core.downloads import Download
from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.core.registry import DATASETS
from nanozoo.data import datasets
from nanozoo.data.datasets.builder import builder_class
from nanozoo.data.datasets.example import Example, encode, read_grey
from nanozoo.data.datasets.files import truth_of
from nanozoo.data.datasets.folders import fetch_folders, prepare, write_folder
from nanozoo.data.samples import find_samples
from nanozoo.io.micrograph import read_micrograph


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NANOZOO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def files_in(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def overlapping():
    stack = np.zeros((2, *published.SHAPE), bool)
    stack[0, 2:12, 3:20] = stack[1, 8:20, 10:30] = True
    return Instances.from_stack(stack, [1, 2])


@pytest.mark.parametrize("entry", DATASETS, ids=lambda entry: entry.name)
def test_card_says_what_a_user_has_to_know(entry):
    card = entry.card
    assert card.name == entry.name and card.shows and card.licence
    if "public" in entry.tags:
        assert card.images > 0 and card.homepage.startswith("https://")
        assert "https://doi.org/" in card.citation and entry.known_failures
        assert bool(card.downloads) != bool(card.manual)
    assert (
        card.access
        == {True: "manual", False: "automatic" if card.downloads else "local"}[bool(card.manual)]
    )
    for download in card.downloads:
        assert download.url.startswith("https://")
        assert download.md5 is None or len(download.md5) == 32


def test_pixels_are_not_squeezed_into_eight_bits():
    example = Example("x", published.picture(0, dtype=np.uint16), truth_of(overlapping()))
    with pytest.raises(UserError, match="emps is not laid out.*uint8 pixels in x.*uint16"):
        encode(example, datasets.emps.CARD)


def test_fetched_dataset_trains_as_a_folder(tmp_path, cache):
    """The archive is copied to the cache by hand, so that no network is needed."""
    (item,) = datasets.emps.CARD.downloads
    item.path.parent.mkdir(parents=True)
    shutil.copy(published.pack(published.emps(tmp_path / "emps")), item.path)
    made = fetch_folders("emps", tmp_path / "out")
    assert made == {s: tmp_path / "out" / f"emps_{s}" for s in ("train", "test")}
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "emps_test",
        "emps_train",
    ]
    assert files_in(cache) == [item.path.name, item.record.name]
    samples = find_samples(made["train"])
    assert [sample.name for sample in samples] == ["a", "b", "c"]
    for seed, sample in enumerate(samples):
        assert np.array_equal(sample.micrograph().pixels[..., 0], published.picture(seed))
        found = sample.truth().instances.to_labels()
        assert np.array_equal(found > 0, published.two_particles() > 0) and found.max() == 2
    assert "a,,10.1\n" in (made["train"] / "images.csv").read_text()
    with pytest.raises(UserError, match="emps_.* is there already"):
        fetch_folders("emps", tmp_path / "out")


def test_what_a_person_fetched_becomes_a_folder(tmp_path):
    manual = published.gold(tmp_path / "manual")
    with pytest.raises(UserError, match="by hand: Open https://doi.org.*--manual DIR"):
        fetch_folders("groschner_gold", tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="by hand.*Received: manual='.*empty'"):
        fetch_folders("groschner_gold", tmp_path / "out", manual=tmp_path / "empty")
    assert not list((tmp_path / "out").iterdir())
    made = fetch_folders("groschner_gold", tmp_path / "out", manual=manual)
    assert made == {"train": tmp_path / "out" / "groschner_gold"}
    for seed, sample in enumerate(find_samples(made["train"])):
        expected = published.picture(seed, (*published.SHAPE, 1), np.float64)
        assert np.array_equal(read_micrograph(sample.image_path).pixels, expected)
        truth = sample.truth()
        assert truth.instances is None
        assert np.array_equal(truth.semantic, published.two_particles() > 0)


def test_folder_keeps_overlap_pixel_size_and_classes(tmp_path):
    card = replace(datasets.emps.CARD, classes=("silica", "silicate"))
    example = Example("x", published.picture(0), truth_of(overlapping()), pixel_size_nm=0.125)
    write_folder([example], tmp_path, card)
    (sample,) = find_samples(tmp_path)
    assert sample.micrograph().pixel_size_nm == 0.125
    found = sample.truth().instances
    assert np.array_equal(found.to_stack(), overlapping().to_stack())
    assert [item.class_id for item in found] == [1, 2]


def test_classes_of_pixels_are_named_in_the_folder(tmp_path, monkeypatch):
    repository, micrographs = published.steel(tmp_path / "files")
    monkeypatch.chdir(tmp_path)
    repository, *micrographs = (path.relative_to(tmp_path) for path in (repository, *micrographs))
    examples = datasets.uhcs.read(repository, *micrographs)["train"]
    write_folder(examples, tmp_path / "out", datasets.uhcs.CARD)
    sample = find_samples(tmp_path / "out")[0]
    assert sample.classes == datasets.uhcs.CARD.classes
    assert np.array_equal(sample.truth().semantic[0], np.arange(32) % 4)


def test_classes_of_images_become_folders(tmp_path):
    unpacked = [archive.parent for archive in published.nffa(tmp_path / "files")]
    write_folder(
        datasets.nffa_sem.read(*unpacked)["train"], tmp_path / "out", datasets.nffa_sem.CARD
    )
    folders = [path for path in (tmp_path / "out").iterdir() if path.is_dir()]
    assert {folder.name for folder in folders} == set(datasets.nffa_sem.CARD.classes)
    assert all(len(list(folder.glob("*.png"))) == 2 for folder in folders)


def test_a_wrong_checksum_is_named_and_nothing_is_kept(tmp_path, cache):
    archive = published.pack(published.bam_tio2(tmp_path / "files"))
    made = builder_class(datasets.bam_tio2.CARD, datasets.bam_tio2.read)
    (published_md5,) = (item.md5 for item in made.downloads)
    served = Download(archive.as_uri(), md5=published_md5, name="datasets/bam_tio2.zip")
    builder = type("WrongChecksum", (made,), {"downloads": (served,)})(data_dir=tmp_path / "data")
    found = hashlib.md5(archive.read_bytes()).hexdigest()
    with pytest.raises(UserError, match=f"MD5.*Expected {published_md5}. Received: {found}"):
        prepare(builder)
    assert not files_in(cache) and not files_in(tmp_path / "data")


def break_emps(root):
    next(root.rglob("segmaps/b.png")).unlink()
    return datasets.emps, [root], "mask b.png"


def break_emps_tables(root):
    next(root.rglob("train.csv")).write_text("other\nnames\n")
    return datasets.emps, [root], "train.csv"


def test_a_changed_layout_is_named_and_nothing_is_kept(tmp_path, cache):
    break_emps(published.emps(tmp_path / "files"))
    archive = published.pack(tmp_path / "files")
    made = builder_class(datasets.emps.CARD, datasets.emps.read)
    served = Download(archive.as_uri(), name="datasets/emps.zip")
    builder = type("ChangedLayout", (made,), {"downloads": (served,)})(data_dir=tmp_path / "data")
    with pytest.raises(UserError, match="The dataset emps is not laid out.*mask b.png"):
        prepare(builder)
    assert not files_in(cache) and not files_in(tmp_path / "data")
    archive.write_bytes(archive.read_bytes()[:-100])
    with pytest.raises(UserError, match="archive .*files.zip is damaged, so it was not kept"):
        prepare(builder)
    assert not files_in(cache) and not files_in(tmp_path / "data")


def break_emps_archive(root):
    (root / "another").mkdir()
    return datasets.emps, [root], "one folder in the archive.*another"


def break_bam(root):
    folder = next(root.rglob("TiO2_Masks_Manual_4connected"))
    folder.rename(folder.with_name("Masks"))
    return datasets.bam_tio2, [root], "folder TiO2_Masks_Manual_4connected"


def break_uhcs(root):
    from tifffile import imread, imwrite

    path = sorted(root.rglob("uhcs0*.tif"))[0]
    labels = imread(path)
    labels[0, 0] = 4
    imwrite(path, labels)
    return datasets.uhcs, [root / "repository", *micrographs_of(root)], "0 to 3 in .*uhcs0006"


def break_uhcs_table(root):
    next(root.rglob("*.sqlite")).write_bytes(b"no database")
    return datasets.uhcs, [root / "repository", *micrographs_of(root)], "table of micrographs"


def micrographs_of(root):
    return [root / f"micrograph{number}.tif" for number in datasets.uhcs.NUMBERS]


def break_gold(root):
    next(root.glob("*maps.h5")).rename(root / "maps.h5")
    return datasets.groschner_gold, [root], "one file .*maps.h5 in"


def break_gold_arrays(root):
    import h5py

    with h5py.File(next(root.glob("*maps.h5")), "a") as stored:
        stored["masks"] = stored.pop("maps")[:]
    return datasets.groschner_gold, [root], "HDF5 dataset 'maps'"


def break_supported_gold(root):
    np.save(root / "sample_training_labels.npy", np.zeros((3, *published.SHAPE)))
    return datasets.horwath_gold, [root], r"\(4, 24, 32, 1\) and \(3, 24, 32, 1\)"


def break_superalloy(root):
    path = next(root.rglob("spot0_mask.tif"))
    pixels = read_micrograph(path).pixels.copy()
    pixels[0, 0] = 0, 255, 0
    published.save(path, pixels)
    return datasets.nasa_superalloy, [root], "classes 0 to 2 .*spot0_mask.tif"


@pytest.mark.parametrize(
    "make, change",
    [
        (published.emps, break_emps),
        (published.emps, break_emps_tables),
        (published.emps, break_emps_archive),
        (published.bam_tio2, break_bam),
        (published.steel, break_uhcs),
        (published.steel, break_uhcs_table),
        (published.gold, break_gold),
        (published.gold, break_gold_arrays),
        (published.supported_gold, break_supported_gold),
        (published.nasa, break_superalloy),
    ],
)
def test_every_reader_names_what_is_laid_out_otherwise(tmp_path, make, change):
    make(tmp_path / "files")
    module, paths, words = change(tmp_path / "files")
    name = module.CARD.name
    with pytest.raises(UserError, match=f"The dataset {name} is not laid out.*{words}") as raised:
        for examples in module.read(*paths).values():
            list(examples)
    assert "\n" not in str(raised.value) and "Expected" in str(raised.value)


def test_coco_needs_every_image(tmp_path):
    content = {"images": [{"id": 1, "file_name": "a.png"}], "annotations": [], "categories": []}
    (tmp_path / "all.json").write_text(json.dumps(content))
    with pytest.raises(UserError, match="one image a of .*all.json"):
        DATASETS.get("coco")(annotations=tmp_path / "all.json", images=tmp_path)


def test_a_changed_folder_is_prepared_anew(tmp_path):
    write_folder(
        [Example("x", published.picture(0), truth_of(overlapping()))],
        tmp_path / "mine",
        replace(datasets.emps.CARD, classes=("a", "b")),
    )
    first, second = (DATASETS.get("folder")(tmp_path, path=tmp_path / "mine") for _ in range(2))
    assert first.data_dir == second.data_dir
    published.save(tmp_path / "mine" / "images" / "x.png", published.picture(1))
    changed = DATASETS.get("folder")(tmp_path, path=tmp_path / "mine")
    assert changed.data_dir != first.data_dir


def test_own_files_are_not_fetched(tmp_path):
    with pytest.raises(UserError, match="folder is not fetched.*bam_tio2, emps"):
        fetch_folders("folder", tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="Cannot write .*file"):
        fetch_folders("emps", tmp_path / "file")
    with pytest.raises(UserError, match="no dataset called 'emp'. Did you mean emps"):
        fetch_folders("emp", tmp_path)


def test_colours_that_agree_are_one_channel(tmp_path):
    grey = published.picture(0)
    published.save(tmp_path / "a.png", np.repeat(grey[..., None], 3, axis=-1))
    image, size = read_grey(tmp_path / "a.png")
    assert np.array_equal(image, grey) and image.dtype == np.uint8 and size is None
    blue_green_red = np.stack([grey * 0, grey * 0 + 200, grey * 0 + 100], axis=-1)
    published.save(tmp_path / "b.png", blue_green_red)
    image, _ = read_grey(tmp_path / "b.png")
    assert image.dtype == np.uint8 and (image == round(0.587 * 200 + 0.299 * 100)).all()
