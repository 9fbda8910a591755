"""A network taught on a user's images in one run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nanozoo.app.intake import annotated
from nanozoo.app.names import pack, safe_name
from nanozoo.core.errors import UserError
from nanozoo.core.files import write_bytes
from nanozoo.core.progress import Progress, Watcher
from nanozoo.core.registry import CHECKPOINTS
from nanozoo.data.samples import scan_samples
from nanozoo.engines.predictor import Predictor
from nanozoo.viz.overlay import draw_overlay
from nanozoo.workflows.fine_tune import fine_tune
from nanozoo.workflows.measure_pictures import page_picture

TRAINING = "training"
"""Folder of the images and their annotation inside that of the run."""

PICTURES = "pictures"
"""Folder of what the networks find in an image that judged them, in that of the run."""

_FROZEN = 60


def network_name(wanted: str, taken: Iterable[str] = ()) -> str:
    """Name and folder of a new network.

    Args:
        wanted: What the user calls it.
        taken: Names of the networks that the user can choose.

    Raises:
        UserError: If it is empty or that of another network.
    """
    name = safe_name(wanted).replace(" ", "-") if wanted.strip() else ""
    others = (*CHECKPOINTS.names(), TRAINING, PICTURES, *taken)
    if not name or name in others:
        raise UserError(
            f"Expected a name of its own for the new network (step 3). Received: name={wanted!r}"
        )
    return name


def teach(
    checkpoint: str, name: str, steps: int, *, progress: Watcher, **options: Any
) -> dict[str, Any]:
    """Fine-tune a checkpoint on `TRAINING`, draw what it sees, and pack it.

    Args:
        checkpoint: Name or folder of the checkpoint to start from.
        name: Folder of the new one; the archive gets ".zip" behind it.
        steps: Most training steps.
        progress: Told of every step.
        **options: Others of `nanozoo.workflows.fine_tune.fine_tune`.

    Returns:
        `FineTuneResult.numbers()`.

    Raises:
        UserError: As `fine_tune`.
    """
    frozen = min(_FROZEN, steps // 5)
    result = fine_tune(
        checkpoint,
        TRAINING,
        out=name,
        frozen_steps=frozen,
        steps=steps - frozen,
        progress=progress,
        **options,
    )
    progress(Progress(result.steps, result.steps, "pictures"))
    _draw(result.validated[0], checkpoint, name)
    pack(Path(name), Path(f"{name}.zip"))
    return result.numbers()


def _draw(name: str, before: str, after: str) -> None:
    """Draw an image with its annotation and with what the networks find, for the page."""
    sample = next(one for one in scan_samples(TRAINING).samples if one.name == name)
    image = sample.micrograph()
    networks = {"before": before, "after": after}
    particles = {"annotation": annotated(sample)[0]}
    for word, network in networks.items():
        particles[word] = Predictor(network).segment(image.pixels).instances
    for word, items in particles.items():
        overlay = draw_overlay(image.pixels, items)
        write_bytes(Path(PICTURES, f"{word}.png"), page_picture(image, overlay)[0])
