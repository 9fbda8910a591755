"""Builders of published datasets, by the tests that tensorflow_datasets has for builders."""

import tempfile
from pathlib import Path

import numpy as np
import published_files as published
import pytest
import tensorflow_datasets as tfds

from nanozoo.core.downloads import Download
from nanozoo.core.registry import DATASETS
from nanozoo.data import datasets
from nanozoo.data.datasets.builder import builder_class
from nanozoo.data.datasets.folders import examples_of
from nanozoo.data.samples import find_samples
from nanozoo.io.coco import read_annotations
from nanozoo.synth.write import write_scenes

pytest.importorskip("dill", reason="tensorflow_datasets.testing imports it")


class Case(tfds.testing.DatasetBuilderTestCase):
    """Makes files and a cache for a class of tests; a builder's downloads come from them."""

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.files = Path(temporary.name) / "files"
        patch = pytest.MonkeyPatch()
        cls.addClassCleanup(patch.undo)
        patch.setenv("NANOZOO_CACHE", str(Path(temporary.name) / "cache"))
        cls.make_files()
        super().setUpClass()

    @classmethod
    def builder_on(cls, module, files=()):
        """A builder of the test's own name that downloads `files`, each from this machine."""
        made = builder_class(module.CARD, module.read)
        names = [item.name for item in module.CARD.downloads]
        served = tuple(Download(f.as_uri(), name=n) for f, n in zip(files, names, strict=True))
        return type(f"Tiny{cls.__name__}", (made,), {"downloads": served})

    def prepared(self, split="train"):
        """Examples of a split by name."""
        self.builder.download_and_prepare()
        return {example.name: example for example in examples_of(self.builder, split)}


class Emps(Case):
    SPLITS = {"train": 3, "test": 1}

    @classmethod
    def make_files(cls):
        cls.EXAMPLE_DIR = published.emps(cls.files)
        cls.DATASET_CLASS = cls.builder_on(datasets.emps, [published.pack(cls.files)])

    def test_particles_and_article(self):
        example = self.prepared()["a"]
        assert np.array_equal(example.image, published.picture(0))
        labels = example.truth.instances.to_labels()
        assert np.array_equal(labels, np.searchsorted([1, 7], published.two_particles(), "right"))
        assert (example.group, example.pixel_size_nm) == ("10.1", None)


class BamTio2(Case):
    SPLITS = {"train": 2}

    @classmethod
    def make_files(cls):
        cls.EXAMPLE_DIR = published.bam_tio2(cls.files)
        cls.DATASET_CLASS = cls.builder_on(datasets.bam_tio2, [published.pack(cls.files)])

    def test_corners_do_not_join_particles(self):
        areas = sorted(item.area for item in self.prepared()["1908248"].truth.instances)
        assert areas == [9, 16, 50]

    def test_palette_is_resolved(self):
        found = self.prepared()
        assert np.array_equal(found["1908248"].image, published.picture(0))
        assert np.array_equal(found["1908250"].image, published.picture(1).astype(np.uint16) * 257)


class NffaSem(Case):
    SPLITS = {"train": 20}

    @classmethod
    def make_files(cls):
        archives = published.nffa(cls.files)
        cls.EXAMPLE_DIR = cls.files
        cls.DATASET_CLASS = cls.builder_on(datasets.nffa_sem, archives)

    def test_class_is_that_of_the_archive(self):
        found = self.prepared()
        assert found["Tips_image1"].label == "Tips" and found["Tips_image1"].truth is None
        assert {example.label for example in found.values()} == set(datasets.nffa_sem.CARD.classes)


class Uhcs(Case):
    SPLITS = {"train": 24}

    @classmethod
    def make_files(cls):
        repository, micrographs = published.steel(cls.files)
        cls.EXAMPLE_DIR = cls.files
        files = [published.pack(repository), *micrographs]
        cls.DATASET_CLASS = cls.builder_on(datasets.uhcs, files)

    def test_bar_is_cut_off_and_table_is_read(self):
        example = self.prepared()["micrograph75"]
        assert example.image.shape == (24, 32)
        assert np.array_equal(example.truth.semantic[3], np.arange(32) % 4)
        assert example.truth.instances is None
        assert example.group == "specimen 1"
        assert example.pixel_size_nm == pytest.approx(5000 / 130)


class GroschnerGold(Case):
    SPLITS = {"train": 3}

    @classmethod
    def make_files(cls):
        cls.EXAMPLE_DIR = published.gold(cls.files)
        cls.DATASET_CLASS = cls.builder_on(datasets.groschner_gold)


class HorwathGold(Case):
    SPLITS = {"train": 4}

    @classmethod
    def make_files(cls):
        cls.EXAMPLE_DIR = published.supported_gold(cls.files)
        cls.DATASET_CLASS = cls.builder_on(datasets.horwath_gold)


class NasaSuperalloy(Case):
    SPLITS = {"train": 1, "val": 1, "test": 1, "other_alloys": 1}

    @classmethod
    def make_files(cls):
        cls.EXAMPLE_DIR = published.nasa(cls.files)
        files = [published.pack(cls.files)]
        cls.DATASET_CLASS = cls.builder_on(datasets.nasa_superalloy, files)

    def test_colours_are_classes(self):
        example = self.prepared("other_alloys")["spot3"]
        assert np.array_equal(example.truth.semantic[0], np.arange(32) % 3)
        assert np.array_equal(example.image, published.picture(3).astype(np.float32))


class NasaEbc(Case):
    SPLITS = {"train": 1, "val": 1, "test": 1}

    @classmethod
    def make_files(cls):
        cls.EXAMPLE_DIR = published.nasa(cls.files)
        files = [published.pack(cls.files)]
        cls.DATASET_CLASS = cls.builder_on(datasets.nasa_ebc, files)


class Folder(Case):
    SPLITS = {"train": 2, "test": 1}

    @classmethod
    def make_files(cls):
        names = write_scenes(cls.files / "mine", 3, 5, "overlap")
        cls.EXAMPLE_DIR = cls.files
        cls.table = cls.files / "mine.csv"
        rows = [f"{name},{'test' if name == names[-1] else 'train'}" for name in names]
        cls.table.write_text("name,split\n" + "\n".join(rows) + "\n")
        cls.DATASET_CLASS = builder_class(datasets.folder.CARD, datasets.folder.read)

    def _make_builder(self, config=None):
        return DATASETS.get("folder")(self.tmp_dir, path=self.files / "mine", split_csv=self.table)

    def test_examples_are_the_samples(self):
        expected = {sample.name: sample for sample in find_samples(self.files / "mine")}
        found = {**self.prepared(), **self.prepared("test")}
        assert list(found) and found.keys() == expected.keys()
        for name, example in found.items():
            truth = expected[name].truth()
            stack, particles = truth.instances.to_stack(), example.truth.instances
            assert np.array_equal(particles.to_stack(), stack) and stack.sum(axis=0).max() > 1
            assert np.array_equal(example.truth.semantic, truth.semantic)
            micrograph = expected[name].micrograph()
            assert np.array_equal(example.image, micrograph.grey())
            assert example.pixel_size_nm == pytest.approx(micrograph.pixel_size_nm)


class Coco(Case):
    SPLITS = {"train": 2, "val": 1}

    @classmethod
    def make_files(cls):
        cls.EXAMPLE_DIR = cls.files
        for split, count in cls.SPLITS.items():
            write_scenes(cls.files / split, count, 10 * count, "overlap")
            for path in (cls.files / split / "images").iterdir():
                path.rename(path.with_name(f"{split}_{path.name}"))
            table = cls.files / split / "instances.json"
            table.write_text(
                table.read_text().replace('"file_name": "', f'"file_name": "{split}_')
            )
        cls.DATASET_CLASS = builder_class(datasets.coco.CARD, datasets.coco.read)

    def _make_builder(self, config=None):
        tables = {split: self.files / split / "instances.json" for split in self.SPLITS}
        return DATASETS.get("coco")(self.tmp_dir, annotations=tables, images=self.files)

    def test_overlap_and_pixel_size_of_the_table(self):
        (example,) = self.prepared("val").values()
        stack = example.truth.instances.to_stack()
        (particles,) = particles_of(self.files / "val")
        assert np.array_equal(stack, particles.to_stack()) and stack.sum(axis=0).max() > 1
        assert example.pixel_size_nm == np.float32(0.8)


def particles_of(folder):
    """Particles of the images that a COCO table names."""
    table = read_annotations(folder / "instances.json")
    return [table.instances(stem, table.sizes[stem]) for stem in sorted(table.outlines)]


del Case
