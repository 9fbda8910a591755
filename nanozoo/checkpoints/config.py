"""What a checkpoint's folder says, read without keras."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nanozoo.checkpoints.shipping import newest_version
from nanozoo.core.errors import UserError
from nanozoo.core.files import sha256_of
from nanozoo.core.registry import CHECKPOINTS, MODELS
from nanozoo.core.weights import load_arrays, read_arrays

if TYPE_CHECKING:
    import keras

FORMAT = 1


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint's config.json says, and where its files lie.

    Args:
        name: Registered name, or the folder's name.
        folder: Where config.json and the weights lie.
        model: Name of the builder in `nanozoo.core.registry.MODELS`.
        arguments: The builder's arguments.
        inference: Arguments of `nanozoo.engines.particles.Postprocess`, or of a detector those of
            `nanozoo.engines.detections.DetectionOptions`, and of the predictor's scales.
        classes: Names of the classes, background first.
        weights: SHA-256 of each weight file by file name.
        notes: What the card says in figures: data, licences, steps, scores.
    """

    name: str
    folder: Path
    model: str
    arguments: dict[str, Any]
    inference: dict[str, Any]
    classes: tuple[str, ...]
    weights: dict[str, str]
    notes: dict[str, Any]

    def build(self, input_shape: tuple[int | None, int | None, int] | None = None) -> keras.Model:
        """Build the model under the current dtype policy and load its weights.

        The package `nanozoo.models` must have been imported, which fills the registry.

        Args:
            input_shape: `(height, width, channels)`; None for any height and width, or for those
                of an autoencoder or a GAN, which has one size.
        """
        arguments = dict(self.arguments)
        channels = arguments.pop("channels", 1)
        entry = MODELS.entry(self.model)
        one_size = "autoencoder" in entry.tags or "gan" in entry.tags
        side = self.inference.get("size") if one_size else None
        shape = input_shape or (side, side, channels)
        model = entry.obj(shape, **arguments, name=_safe(self.name))
        load_arrays(model, read_arrays(self.folder, self.weights))
        return model


def checkpoint_names(name: str | Path) -> Sequence[str | Path]:
    """Names of the checkpoints that "unet+unet7" joins; a folder that is there is one."""
    if isinstance(name, Path) or Path(name).exists():
        return [name]
    return name.split("+")


def open_checkpoint(name: str | Path) -> Checkpoint:
    """Find a checkpoint by its name or its folder, and check its config.

    Args:
        name: Registered name, its first word, which means the newest version, or a folder.

    Raises:
        UserError: If there is no such checkpoint, or its config.json is damaged.
    """
    folder = Path(name)
    if not folder.exists():
        name = newest_version(str(name))
    if str(name) in CHECKPOINTS:
        shipped = CHECKPOINTS.get(str(name))
        folder = shipped.folder
        path = folder / "config.json"
        if not path.is_file() or sha256_of(path) != shipped.sha256:
            raise UserError(
                f"The checkpoint file {path} is missing or damaged, so it was not loaded: "
                "install nanozoo again."
            )
    elif not (folder / "config.json").is_file():
        if folder.is_dir():
            raise UserError(
                f"The folder {folder} has no config.json, so it is no checkpoint: "
                "give the folder that `nanozoo train` or `nanozoo finetune` wrote."
            )
        CHECKPOINTS.entry(str(name))
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        if config["format"] != FORMAT:
            raise UserError(
                f"The checkpoint {folder} has format {config['format']}, but this nanozoo reads "
                f"format {FORMAT}: install the version of nanozoo that wrote it."
            )
        return Checkpoint(
            name=config["name"],
            folder=folder,
            model=config["model"],
            arguments=config["arguments"],
            inference=config["inference"],
            classes=tuple(config["classes"]),
            weights=config["weights"],
            notes=config["notes"],
        )
    except (json.JSONDecodeError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise UserError(
            f"The file {folder / 'config.json'} is damaged: copy the checkpoint again."
        ) from error


def _safe(name: str) -> str:
    return name.replace("-", "_").replace("/", "_").replace(" ", "_")
