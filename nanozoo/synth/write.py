"""Simulated scenes as a folder that the readers, and other programs, understand."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from nanozoo.core.checks import check_choice, check_int
from nanozoo.core.coco import CocoTable
from nanozoo.core.errors import UserError
from nanozoo.core.files import write_bytes, write_text
from nanozoo.core.layers import LAYERS, write_layers
from nanozoo.core.progress import Counter, Watcher
from nanozoo.synth.config import SceneConfig
from nanozoo.synth.pairs import CoreShell, core_shell_pairs
from nanozoo.synth.presets import preset_config, preset_modalities
from nanozoo.synth.randomise import random_config
from nanozoo.synth.scene import Scene, simulate

ANNOTATIONS = ("coco", "layers")


def write_scenes(
    folder: str | Path,
    count: int,
    seed: int = 0,
    config: SceneConfig | str | None = None,
    annotation: str = "coco",
    progress: Watcher | None = None,
) -> list[str]:
    """Simulate scenes and write them as `write_named_scenes` does.

    Args:
        folder: Where to; made if missing.
        count: Number of scenes, 1 or more.
        seed: Seed of the first scene; the next ones count on from it.
        config: Settings; or the name of a preset, whose scenes go through the modalities
            in turn; or None to draw the settings of every scene at random.
        annotation: As in `write_named_scenes`.
        progress: Told of every scene, before and after it.

    Returns:
        The stems of the files written.

    Example:
        >>> from nanozoo.synth.write import write_scenes
        >>> write_scenes("scenes", 2, config="spheres")
        ['0000_bf-tem', '0001_bf-stem']
    """
    check_int("count", count, 1)
    check_int("seed", seed, 0)
    scenes = _numbered_scenes(count, seed, config, Counter(progress, count))
    return write_named_scenes(folder, scenes, annotation)


def _numbered_scenes(
    count: int, seed: int, config: SceneConfig | str | None, counter: Counter
) -> Iterator[tuple[str, Scene]]:
    for index in range(count):
        counter.start(f"scene {index}")
        yield _numbered_scene(index, seed + index, config)
        counter.finish()


def _numbered_scene(index: int, seed: int, config: SceneConfig | str | None) -> tuple[str, Scene]:
    if config is None:
        config = random_config(seed)
    elif isinstance(config, str):
        modalities = preset_modalities(config)
        config = preset_config(config, modalities[index % len(modalities)], seed=seed)
    return f"{index:04d}_{config.modality}", simulate(config, seed)


def write_named_scenes(
    folder: str | Path, scenes: Iterable[tuple[str, Scene]], annotation: str = "coco"
) -> list[str]:
    """Write scenes one by one, so that any number needs the memory of one.

    Files: `images/<stem>.png`; `images.csv`, a row an image with pixel size, seed and scale
    bar; and for the annotation "coco" `masks/<stem>.png`, uint16 labels in which the particle
    in front wins where particles overlap, and `instances.json`, COCO with run-length masks
    that may overlap; for "layers" `layers/<stem>/<class>_<level>.png`, as
    `nanozoo.core.layers.write_layers` makes them, and `classes.txt`. Scenes of cores in shells
    come with `particles.csv`, a row a particle with the labels of its core and shell and both
    diameters.

    Args:
        folder: Where to; made if missing, files of the same name are replaced.
        scenes: Stem and scene of each image.
        annotation: "coco" or "layers".

    Returns:
        The stems.

    Raises:
        UserError: If a scene has more particles than a 16-bit label image can number, or
            a file cannot be written, or the scenes differ in their classes.
    """
    check_choice("annotation", annotation, ANNOTATIONS)
    folder = Path(folder)
    rows: list[dict[str, Any]] = []
    pairs: list[dict[str, Any]] = []
    coco: CocoTable | None = None
    for stem, scene in scenes:
        if len(scene.instances) > np.iinfo(np.uint16).max:
            raise UserError(
                f"Cannot number the particles of {stem} in a 16-bit label image: "
                f"simulate fewer. Received: particles={len(scene.instances)}"
            )
        coco = _same_classes(coco, scene)
        write_bytes(folder / "images" / f"{stem}.png", _png(scene.pixels))
        if annotation == "layers":
            write_layers(scene.instances, folder / LAYERS / stem, scene.classes)
        else:
            labels = scene.instances.to_labels().astype(np.uint16)
            write_bytes(folder / "masks" / f"{stem}.png", _png(labels))
            coco.add(f"{stem}.png", scene.instances, pixel_size_nm=scene.pixel_size_nm)
        rows.append(_table_row(stem, scene))
        pairs += [_pair_row(stem, scene, pair) for pair in core_shell_pairs(scene)]
    if annotation == "layers":
        write_text(folder / "classes.txt", "\n".join(coco.classes) + "\n")
    else:
        write_text(folder / "instances.json", coco.text())
    write_text(folder / "images.csv", _csv(rows))
    if pairs:
        write_text(folder / "particles.csv", _csv(pairs))
    return [row["stem"] for row in rows]


def _png(pixels: np.ndarray) -> bytes:
    return cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1].tobytes()


def _same_classes(before: CocoTable | None, scene: Scene) -> CocoTable:
    """The table so far, or a new one for the classes of the first scene."""
    if before is None:
        return CocoTable(scene.classes)
    if before.classes != tuple(scene.classes):
        raise UserError(
            "Expected scenes of the same classes in one folder. Received: "
            f"{list(before.classes)} and {list(scene.classes)}"
        )
    return before


def _table_row(stem: str, scene: Scene) -> dict[str, Any]:
    diameters = scene.instances.diameters()
    bar = scene.scale_bar
    return {
        "stem": stem,
        "modality": scene.config.modality,
        "seed": scene.seed,
        "pixel_size_nm": f"{scene.pixel_size_nm:.6g}",
        "particles": len(diameters),
        "mean_diameter_px": f"{diameters.mean():.2f}" if len(diameters) else "",
        "scale_bar_nm": f"{bar.length_nm:g}" if bar else "",
        "scale_bar_px": f"{bar.bar_px:.3f}" if bar else "",
        "scale_bar_label": bar.label if bar else "",
    }


def _pair_row(stem: str, scene: Scene, pair: CoreShell) -> dict[str, Any]:
    sizes = {
        "core_diameter": pair.core_diameter_px,
        "diameter": pair.diameter_px,
        "shell": pair.shell_px,
    }
    return {
        "stem": stem,
        "core_label": pair.core,
        "shell_label": pair.shell,
        **{f"{name}_px": f"{size:.2f}" for name, size in sizes.items()},
        **{f"{name}_nm": f"{size * scene.pixel_size_nm:.4g}" for name, size in sizes.items()},
        "touches_border": int(pair.touches_border),
    }


def _csv(rows: list[dict[str, Any]]) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()
