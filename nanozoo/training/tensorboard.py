"""Losses and histograms of a training as files that TensorBoard shows."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.training.layer_values import activation_values, weight_values

BINS = 64


class TensorBoardLog:
    """Writes what TensorBoard shows of a run, a round at a time.

    Call it after every round of a training. It writes every number of the round as a scalar
    and the weights of every layer as a histogram, and where there are images also the
    activations of every layer. Files are written by TensorFlow, on any backend of Keras; the
    package tensorboard is needed only to look at them: `tensorboard --logdir FOLDER`.

    Args:
        folder: Where the event files go; a run that goes on adds another file.
        images: `(H, W)` or `(H, W, C)` float32 in [0, 1] whose activations are written.

    Raises:
        UserError: If TensorFlow is not installed, or the folder cannot be written.
    """

    def __init__(self, folder: str | Path, images: Sequence[np.ndarray] = ()):
        try:
            import tensorflow as tf
        except ImportError as error:
            raise UserError(
                "TensorBoard's files are written by TensorFlow, which is not installed: install "
                "it (pip install tensorflow), or train without them; `history.csv` and "
                "`nanozoo curves` need neither."
            ) from error
        self._tf = tf
        self._images = tuple(images)
        self._path = Path(folder) / f"events.out.tfevents.{time.time_ns():020d}.nanozoo"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = tf.io.TFRecordWriter(str(self._path))
        except (OSError, tf.errors.OpError) as error:
            raise self._cannot_write(error) from error
        self._write(file_version="brain.Event:2")

    def __call__(self, model: keras.Model, row: Mapping[str, float]) -> None:
        """Write a round.

        Args:
            model: The model in training.
            row: "step" and the losses and scores of the round, as `fit` gives them.

        Raises:
            UserError: If the file cannot be written.
        """
        summary = self._tf.compat.v1.Summary
        values = [
            summary.Value(tag=name, simple_value=float(number))
            for name, number in row.items()
            if name != "step"
        ]
        layers = {f"weights/{name}": found for name, found in weight_values(model).items()}
        if self._images:
            found = activation_values(model, self._images)
            layers |= {f"activations/{name}": value for name, value in found.items()}
        values += [summary.Value(tag=tag, histo=self._histogram(v)) for tag, v in layers.items()]
        self._write(step=int(row["step"]), summary=summary(value=values))

    def close(self) -> None:
        """Close the file; every round is on the disk before."""
        self._writer.close()

    def _histogram(self, values: np.ndarray) -> Any:
        """TensorBoard's message of a histogram; numbers that are not finite are left out."""
        values = values[np.isfinite(values)].astype(np.float64)
        counts, edges = np.histogram(values, BINS) if len(values) else (np.zeros(1), np.zeros(2))
        return self._tf.compat.v1.HistogramProto(
            min=edges[0],
            max=edges[-1],
            num=len(values),
            sum=values.sum(),
            sum_squares=(values**2).sum(),
            bucket_limit=[edges[0], *edges[1:]],
            bucket=[0.0, *counts],
        )

    def _write(self, **content: Any) -> None:
        event = self._tf.compat.v1.Event(wall_time=time.time(), **content)
        try:
            self._writer.write(event.SerializeToString())
            self._writer.flush()
        except (OSError, self._tf.errors.OpError) as error:
            raise self._cannot_write(error) from error

    def _cannot_write(self, error: Exception) -> UserError:
        return UserError(
            f"Cannot write {self._path} ({type(error).__name__}): free some space or choose "
            "another folder for TensorBoard."
        )
