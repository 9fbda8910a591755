"""Generated micrographs from a checkpoint."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nanozoo.core.checks import check_int
from nanozoo.core.errors import UserError
from nanozoo.core.registry import MODELS
from nanozoo.models.checkpoint import Checkpoint, open_checkpoint


class Sampler:
    """Draws micrographs with the averaged generator of a GAN.

    Args:
        checkpoint: Name, folder or `Checkpoint` of a model of `build_gan`.
        batch_size: Images a step.

    Raises:
        UserError: If there is no such checkpoint, it is no GAN, or it does not say what size
            it draws.

    Example:
        >>> from nanozoo import build_gan, save_checkpoint
        >>> import tempfile
        >>> small = {"latent_dim": 4, "filters": (4, 8, 8)}
        >>> folder = tempfile.mkdtemp()
        >>> _ = save_checkpoint(build_gan((32, 32, 1), **small), folder, name="g", builder="gan",
        ...                     arguments=small, inference={"size": 32})
        >>> Sampler(folder).sample(2, seed=1).shape
        (2, 32, 32)
    """

    def __init__(self, checkpoint: str | Path | Checkpoint, *, batch_size: int = 16):
        if not isinstance(checkpoint, Checkpoint):
            checkpoint = open_checkpoint(checkpoint)
        if "gan" not in MODELS.entry(checkpoint.model).tags:
            raise UserError(
                f"Expected the checkpoint of a GAN, but {checkpoint.name} is a "
                f"{checkpoint.model}. Received: checkpoint={checkpoint.name!r}"
            )
        if set(checkpoint.inference) != {"size"}:
            raise UserError(
                f"The config.json of checkpoint {checkpoint.name}: expected the inference option "
                f"`size` alone. Received: {sorted(checkpoint.inference)}"
            )
        self.size = check_int("size", checkpoint.inference["size"], 16)
        self.checkpoint = checkpoint
        self.batch_size = batch_size
        channels = checkpoint.arguments.get("channels", 1)
        self.model = checkpoint.build((self.size, self.size, channels))

    def sample(self, count: int, seed: int = 0) -> np.ndarray:
        """Draw micrographs.

        Args:
            count: Number of images, at least 1; more of one seed begin with the same.
            seed: Seed of the images, 0 or more.

        Returns:
            `(count, size, size)` float32 in [0, 1]; colours are averaged.
        """
        return self.model.sample(count, seed, self.batch_size).mean(axis=-1)
