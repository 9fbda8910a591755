"""Checkpoints: a folder with config.json and float16 weights, rebuilt under the user's policy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras

from nanozoo.checkpoints.config import FORMAT, Checkpoint, open_checkpoint
from nanozoo.core.errors import UserError
from nanozoo.core.files import write_text
from nanozoo.core.registry import CHECKPOINTS
from nanozoo.core.weights import LoadReport, load_arrays, read_arrays, save_arrays


def save_checkpoint(
    model: keras.Model,
    folder: str | Path,
    *,
    name: str,
    builder: str,
    arguments: dict[str, Any],
    inference: dict[str, Any] | None = None,
    classes: tuple[str, ...] = ("background", "particle"),
    notes: dict[str, Any] | None = None,
    dtype: str = "float16",
) -> Checkpoint:
    """Write a model as a checkpoint folder.

    Args:
        model: A built model.
        folder: Where config.json and the weights go.
        name: Name of the checkpoint.
        builder: Name of the model's builder in `nanozoo.core.registry.MODELS`.
        arguments: The builder's arguments without `input_shape` and `weights`;
            "channels" (default 1) gives the image channels.
        inference: How to get particles from the outputs; defaults where it is silent.
        classes: Names of the classes, background first.
        notes: What a card should say: data, licences, command, scores.
        dtype: "float16" or "float32" on disk.

    Returns:
        The checkpoint as `open_checkpoint` finds it.

    Example:
        >>> from nanozoo import build_unet, load, save_checkpoint
        >>> small = {"backbone": "plain", "decoder_filters": [8] * 5}
        >>> model = build_unet((None, None, 1), **small)
        >>> saved = save_checkpoint(model, "mine", name="mine", builder="unet", arguments=small)
        >>> load("mine", (64, 64, 1)).output.shape
        (None, 64, 64, 2)
    """
    folder = Path(folder)
    hashes = save_arrays(model, folder, dtype=dtype)
    config = {
        "format": FORMAT,
        "name": name,
        "model": builder,
        "arguments": arguments,
        "inference": inference or {},
        "classes": list(classes),
        "weights": hashes,
        "notes": notes or {},
    }
    write_text(folder / "config.json", json.dumps(config, indent=1, sort_keys=True) + "\n")
    return open_checkpoint(folder)


def load(
    name: str | Path, input_shape: tuple[int | None, int | None, int] | None = None
) -> keras.Model:
    """Load a checkpoint as a `keras.Model` with weights.

    Args:
        name: Name as in `list_checkpoints()`, or a folder.
        input_shape: `(height, width, channels)`; any height and width if None.

    Returns:
        Model from `(B, H, W, C)` in [0, 1] to the outputs of its builder.

    Raises:
        UserError: If the checkpoint is unknown or a file's hash is wrong.

    Example:
        >>> import nanozoo
        >>> nanozoo.load("unet", (64, 64, 1)).count_params() > 1e6
        True
    """
    return open_checkpoint(name).build(input_shape)


def set_inference(
    folder: str | Path, inference: dict[str, Any], notes: dict[str, Any] | None = None
) -> None:
    """Change how particles are got from a checkpoint's outputs, the weights stay.

    Args:
        folder: The checkpoint's folder.
        inference: What joins the inference options of its config.json, or replaces them.
        notes: What joins its notes.

    Raises:
        UserError: If there is no checkpoint in the folder.
    """
    path = Path(folder) / "config.json"
    if not path.is_file():
        raise UserError(f"Expected the folder of a checkpoint. Received: folder={str(folder)!r}")
    config = json.loads(path.read_text("utf-8"))
    config["inference"] |= inference
    config["notes"] |= notes or {}
    write_text(path, json.dumps(config, indent=1, sort_keys=True) + "\n")


def load_weights(model: keras.Model, name: str | Path, **options) -> LoadReport:
    """Load a checkpoint's weights into a model; `options` as in `load_arrays`."""
    checkpoint = open_checkpoint(name)
    return load_arrays(model, read_arrays(checkpoint.folder, checkpoint.weights), **options)


def list_checkpoints() -> list[str]:
    """Name the checkpoints that ship with nanozoo.

    Returns:
        Their names, sorted.

    Example:
        >>> import nanozoo
        >>> "unet-efficientnet_lite0-em-v2" in nanozoo.list_checkpoints()
        True
    """
    return CHECKPOINTS.names()
