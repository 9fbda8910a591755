"""Tiny made-up files in the layout of published datasets."""

import sqlite3
import tarfile
import zipfile
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import tifffile

from nanozoo.data.datasets import nffa_sem, uhcs

SHAPE = (24, 32)


def picture(seed, shape=SHAPE, dtype=np.uint8):
    """Noise."""
    return np.random.default_rng(seed).integers(0, 255, shape).astype(dtype)


def two_particles():
    """Labels 1 and 7 of 4 x 4 and 5 x 10 px."""
    labels = np.zeros(SHAPE, np.uint16)
    labels[2:6, 2:6] = 1
    labels[10:15, 10:20] = 7
    return labels


def save(path, pixels):
    """Write a PNG or, by tifffile, a TIFF of any number type."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".tif":
        tifffile.imwrite(path, pixels)
    else:
        assert cv2.imwrite(str(path), pixels)


def pack(folder):
    """Put a folder into a ZIP beside it."""
    archive = folder.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w") as packed:
        for path in sorted(folder.rglob("*")):
            packed.write(path, path.relative_to(folder))
    return archive


def emps(root: Path) -> Path:
    """Three images to train on, one to test on."""
    top = root / "emps-dd8f86d"
    for seed, name in enumerate("abcd"):
        save(top / "images" / f"{name}.png", picture(seed))
        save(top / "segmaps" / f"{name}.png", two_particles())
    (top / "train.csv").write_text("filename\na.png\nb.png\nc.png\n")
    (top / "test.csv").write_text("filename\nd.png\n")
    rows = [
        "filename,doi,locator,regions",
        "a.png,10.1,gr1,\"[{'x': [1, 2]}]\"",
        "d.png,10.2,gr,[]",
    ]
    (top / "metadata.csv").write_text("\n".join(rows) + "\n")
    return root


def bam_tio2(root: Path) -> Path:
    """Two images, one with a palette; masks of two particles that touch at a corner and one."""
    top = root / "Datasets"
    mask = np.zeros(SHAPE, np.uint8)
    mask[2:6, 2:6] = mask[6:9, 6:9] = mask[15:20, 20:30] = 255
    for seed, name in enumerate(("1908248", "1908250")):
        save(top / "Electron Microscopy Images" / "SEM" / f"{name}.tif", picture(seed))
        folder = top / "Electron Microscopy Image Masks" / "TiO2_Masks_Manual_4connected"
        save(folder / f"{name}_m.tif", mask)
    greys = np.tile(np.arange(256, dtype=np.uint16) * 257, (3, 1))
    path = top / "Electron Microscopy Images" / "SEM" / "1908250.tif"
    tifffile.imwrite(path, picture(1), photometric="palette", colormap=greys)
    return root


def nffa(root: Path) -> list[Path]:
    """A TAR a class with two JPEGs."""
    archives = []
    for number, name in enumerate(nffa_sem.CARD.classes):
        folder = root / name
        for seed in range(2):
            save(folder / f"image{seed}.jpg", picture(10 * number + seed))
        archives.append(root / f"{name}.tar")
        with tarfile.open(archives[-1], "w") as packed:
            packed.add(folder, name)
    return archives


def steel(root: Path) -> tuple[Path, list[Path]]:
    """Labels and the table of the repository; micrographs with a bar of 38 px."""
    data, shape = root / "repository" / "uhcs-segment-7aea6f3" / "data", (24 + uhcs.BAR, 32)
    micrographs = []
    for number in uhcs.NUMBERS:
        labels = np.full(shape, -1, np.int64)
        labels[: -uhcs.BAR] = np.arange(32) % 4
        save(data / "uhcs-tif" / "labels" / f"uhcs{number:04d}.tif", labels)
        micrographs.append(root / f"micrograph{number}.tif")
        save(micrographs[-1], picture(number, shape))
    with closing(sqlite3.connect(data / "microstructures.sqlite")) as table:
        table.execute(
            "CREATE TABLE micrograph (micrograph_id INTEGER, sample_key INTEGER, micron_bar REAL, "
            "micron_bar_units TEXT, micron_bar_px INTEGER)"
        )
        rows = [(number, number % 5 + 1, 5.0, "um", 130) for number in uhcs.NUMBERS]
        table.executemany("INSERT INTO micrograph VALUES (?, ?, ?, ?, ?)", rows)
        table.commit()
    return root / "repository", micrographs


def gold(root: Path) -> Path:
    """Three tiles and their maps, background first."""
    import h5py

    maps = np.zeros((3, *SHAPE, 2))
    maps[..., 1] = two_particles() > 0
    maps[..., 0] = 1 - maps[..., 1]
    root.mkdir(parents=True)
    with h5py.File(root / "Au_Bal_MedFilt_cutimages_20190726.h5", "w") as stored:
        stored["images"] = np.stack([picture(seed, (*SHAPE, 1), np.float64) for seed in range(3)])
    with h5py.File(root / "Au_Bal_unFilt_cutimages_20190423_maps.h5", "w") as stored:
        stored["maps"] = maps
    return root


def supported_gold(root: Path) -> Path:
    """Four images and labels as NumPy arrays."""
    root.mkdir(parents=True)
    images = np.stack([picture(seed, dtype=np.float64) for seed in range(4)])
    np.save(root / "sample_training_images.npy", images)
    np.save(root / "sample_training_labels.npy", np.stack([two_particles() > 0] * 4))
    return root


def nasa(root: Path) -> Path:
    """One image a part; masks in colours for superalloys, with class numbers for coatings."""
    top = root / "pretrained-microscopy-models-f50b568" / "benchmark_segmentation_data"
    numbers = (np.arange(SHAPE[1]) % 3 * np.ones((SHAPE[0], 1))).astype(np.uint8)
    colours = np.array([(0, 0, 0), (255, 0, 0), (0, 0, 255)], np.uint8)[numbers]
    parts = ("Super1/train", "Super1/val", "Super1/test", "Super4/test")
    for seed, part in enumerate(parts):
        image = picture(seed, dtype=np.uint16 if "4" in part else np.uint8)
        save(top / part / f"spot{seed}.tif", image)
        save(top / f"{part}_annot" / f"spot{seed}_mask.tif", colours)
    for seed, part in enumerate(("EBC1/train", "EBC1/val", "EBC1/test")):
        save(top / part / f"050317#{seed}.tif", np.repeat(picture(seed)[..., None], 3, axis=-1))
        save(top / f"{part}_annot" / f"050317#{seed}.tif", numbers)
    return root
