"""A folder like that of a user who follows the documents: small simulated data everywhere."""

from __future__ import annotations

import runpy
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
SIDE = 64


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with what the commands and the code of README and docs read; copy it."""
    from nanozoo.synth.presets import preset_config
    from nanozoo.synth.write import write_scenes

    folder = tmp_path_factory.mktemp("world")
    write_scenes(folder / "mydata", 3, config=preset_config("spheres", shape=(SIDE, SIDE)))
    names = sorted(path.stem for path in (folder / "mydata/images").iterdir())
    parts = "".join(f"{name},{part}\n" for name, part in zip(names, ("train", "val", "test")))
    (folder / "splits").mkdir()
    (folder / "splits/mydata.csv").write_text(f"name,split\n{parts}")
    (folder / "images").mkdir()
    for name in names[:2]:
        shutil.copy(folder / "mydata/images" / f"{name}.png", folder / "images")
    pixels = cv2.imread(str(folder / "images" / f"{names[0]}.png"), cv2.IMREAD_GRAYSCALE)
    cv2.imwrite(str(folder / "image.tif"), pixels)
    write_dm4(folder / "image.dm4", pixels)
    rng = np.random.default_rng(0)
    for blur, foam in zip((1, 3, 5), ("a", "b", "c")):
        (folder / "foams" / foam).mkdir(parents=True)
        for number in range(4):
            texture = cv2.GaussianBlur(rng.random((SIDE, SIDE)), (0, 0), blur)
            grey = cv2.normalize(texture, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
            cv2.imwrite(str(folder / "foams" / foam / f"{foam}{number}.png"), grey)
    return folder


def write_dm4(path: Path, pixels: np.ndarray) -> None:
    """Write a DM4 file of 0.5 nm a pixel."""
    formats = runpy.run_path(str(ROOT / "tests/io/microscope_files.py"))
    writer = formats["DigitalMicrograph"](version=4)
    image = writer.image(pixels.astype(np.uint16), [(0.5, "nm")] * 2)
    writer.write(path, [image])


@pytest.fixture(scope="session")
def runs(world: Path, tiny_checkpoint: Path) -> Path:
    """The folder with what the commands of the documents would have made, too.

    `runs/mine` holds the history of a training, `runs/tuned` the UNet of which it is a
    fine-tuning in the documents, `runs/gan` an untrained generator, and `tiny` a network that
    trains in seconds.
    """
    from nanozoo.models.checkpoint import save_checkpoint
    from nanozoo.models.gan import build_gan

    shipped = ROOT / "nanozoo/checkpoints/unet-efficientnet_lite0-em-v2"
    shutil.copytree(shipped, world / "runs/tuned")
    shutil.copytree(tiny_checkpoint, world / "tiny")
    for run in ("mine", "tuned"):
        (world / "runs" / run).mkdir(exist_ok=True)
        (world / "runs" / run / "history.csv").write_text("step,loss\n1,0.9\n2,0.7\n")
    options = {"latent_dim": 4, "filters": [4, 8, 8]}
    gan = build_gan((32, 32, 1), **options)
    kept = {"builder": "gan", "arguments": options, "inference": {"size": 32}}
    save_checkpoint(gan, world / "runs/gan", name="gan", **kept)
    return world


@pytest.fixture
def at_home(runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the folder, as the current one."""
    home = tmp_path / "home"
    shutil.copytree(runs, home)
    monkeypatch.chdir(home)
    monkeypatch.setenv("NANOZOO_CACHE", str(tmp_path / "cache"))
    return home
