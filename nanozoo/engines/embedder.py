"""From micrographs to points of a latent space, and back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np

from nanozoo.core.checks import check_fraction, check_int
from nanozoo.core.errors import UserError
from nanozoo.core.registry import MODELS
from nanozoo.data.textures import CROPPED, prepare_texture
from nanozoo.models.checkpoint import Checkpoint, open_checkpoint


@dataclass(frozen=True)
class EmbedOptions:
    """How a micrograph becomes what the network takes; see `prepare_texture`.

    Args:
        size: Side of the image, px.
        cropped: Share left out on each side.
        stretched: Whether grey values are stretched.
    """

    size: int = 128
    cropped: float = CROPPED
    stretched: bool = True

    def __post_init__(self):
        check_int("size", self.size, 8)
        check_fraction("cropped", self.cropped)


@dataclass(frozen=True)
class Embeddings:
    """Where N images lie in a latent space of D dimensions.

    Args:
        mean: `(N, D)` float32; of a plain autoencoder its only vector.
        sigma: `(N, D)` float32 standard deviations; None of a plain autoencoder.
    """

    mean: np.ndarray
    sigma: np.ndarray | None = None

    def vectors(self, seed: int = 0) -> dict[str, np.ndarray]:
        """What describes the images, `(N, D)` each: "mean", and of a variational one "sigma", "z".

        Args:
            seed: Seed of z, which is drawn at random.
        """
        if self.sigma is None:
            return {"mean": self.mean}
        return {"mean": self.mean, "sigma": self.sigma, "z": self.drawn(seed)}

    def drawn(self, seed: int = 0) -> np.ndarray:
        """Random points `(N, D)`, `mean + sigma * eps`; the means of a plain autoencoder."""
        if self.sigma is None:
            return self.mean
        noise = np.random.default_rng(seed).standard_normal(self.mean.shape)
        return self.mean + self.sigma * noise.astype(np.float32)


class Embedder:
    """Embeds images with an autoencoder, and draws images from points of its latent space.

    Args:
        checkpoint: Name, folder or `Checkpoint` of a model of `build_vae` or
            `build_autoencoder`.
        batch_size: Images a step.

    Raises:
        UserError: If there is no such checkpoint, it is no autoencoder, or its inference options
            are out of range.

    Example:
        >>> from nanozoo import Embedder, PorousConfig, simulate_porous
        >>> foams = [simulate_porous(PorousConfig(), seed=seed).pixels for seed in range(2)]
        >>> embedder = Embedder("vae_foams")
        >>> found = embedder.embed(embedder.prepare(foams))
        >>> found.mean.shape
        (2, 128)
    """

    def __init__(self, checkpoint: str | Path | Checkpoint, *, batch_size: int = 32):
        if not isinstance(checkpoint, Checkpoint):
            checkpoint = open_checkpoint(checkpoint)
        if "autoencoder" not in MODELS.entry(checkpoint.model).tags:
            raise UserError(
                f"Expected the checkpoint of an autoencoder, such as `vae-...`, but "
                f"{checkpoint.name} is a {checkpoint.model}. "
                f"Received: checkpoint={checkpoint.name!r}"
            )
        try:
            self.options = EmbedOptions(**checkpoint.inference)
        except (UserError, TypeError) as error:
            raise UserError(f"The config.json of checkpoint {checkpoint.name}: {error}") from error
        self.checkpoint = checkpoint
        self.batch_size = batch_size
        size = self.options.size
        self.model = checkpoint.build((size, size, checkpoint.arguments.get("channels", 1)))

    @property
    def variational(self) -> bool:
        """Whether images have a standard deviation in every dimension."""
        return "log_variance" in self.model.output

    def prepare(self, pixels: Iterable[np.ndarray], cropped: float | None = None) -> np.ndarray:
        """Bring micrographs of any size and type to what the network takes.

        Args:
            pixels: `(H, W)` or `(H, W, C)` each, as read.
            cropped: Share left out on each side; None for the checkpoint's own.

        Returns:
            `(N, size, size)` float32 in [0, 1].
        """
        options = self.options
        cropped = options.cropped if cropped is None else cropped
        return np.stack(
            [prepare_texture(one, options.size, cropped, options.stretched) for one in pixels]
        )

    def embed(self, images: np.ndarray) -> Embeddings:
        """Embed images.

        Args:
            images: `(N, size, size)` of `prepare`, N at least 1.

        Returns:
            Their means and standard deviations.
        """
        batch = self._batch(images)
        found = self._encoder.predict(batch, self.batch_size, verbose=0)  # pyright: ignore[reportArgumentType]
        if not self.variational:
            return Embeddings(found["z"])
        return Embeddings(found["mean"], np.exp(found["log_variance"] / 2))

    def decode(self, points: np.ndarray) -> np.ndarray:
        """Draw the images of points `(N, D)`: `(N, size, size)` float32 in [0, 1]."""
        points = np.asarray(points, np.float32)
        latent_dim = self._decoder.inputs[0].shape[-1]
        if points.ndim != 2 or points.shape[1] != latent_dim:
            raise UserError(
                f"Expected `points` to be (number, {latent_dim}). "
                f"Received: points.shape={points.shape}"
            )
        drawn = self._decoder.predict(points, self.batch_size, verbose=0)  # pyright: ignore[reportArgumentType]
        return drawn.mean(axis=-1)

    def reconstruct(self, images: np.ndarray) -> np.ndarray:
        """Draw the images of the means of images `(N, size, size)`, in the same shape."""
        return self.decode(self.embed(images).mean)

    @cached_property
    def _encoder(self) -> keras.Model:
        names = ("mean", "log_variance") if self.variational else ("z",)
        outputs: Any = self.model.output
        return keras.Model(self.model.inputs, {name: outputs[name] for name in names})

    @cached_property
    def _decoder(self) -> keras.Model:
        latent = self.model.get_layer("z").output
        outputs: Any = self.model.output
        return keras.Model(latent, outputs["reconstruction"])

    def _batch(self, images: np.ndarray) -> np.ndarray:
        images = np.asarray(images, np.float32)
        size = self.options.size
        if images.ndim != 3 or images.shape[1:] != (size, size):
            raise UserError(
                f"Expected `images` to be (number, {size}, {size}), as `prepare` gives them. "
                f"Received: images.shape={images.shape}"
            )
        return np.repeat(images[..., None], self.model.inputs[0].shape[-1], axis=-1)
