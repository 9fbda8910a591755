"""A checkpoint that is small enough to make on the spot."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of an untrained UNet with a boundary output."""
    from nanozoo.models.checkpoint import save_checkpoint
    from nanozoo.models.unet import build_unet

    folder = tmp_path_factory.mktemp("checkpoints") / "tiny"
    arguments = {"backbone": "plain", "decoder_filters": [8] * 5, "boundary": True}
    model = build_unet((None, None, 1), **arguments)
    save_checkpoint(model, folder, name="tiny", builder="unet", arguments=arguments)
    return folder
