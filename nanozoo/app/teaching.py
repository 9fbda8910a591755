"""A network taught on a user's images in one run, and what is said of it."""

from __future__ import annotations

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
from nanozoo.workflows.pages import Html, heading, notes, paragraph, picture, table

TRAINING = "training"
"""Folder of the images and their annotation inside that of the run."""

_PICTURES = "pictures"
_FROZEN = 60


def network_name(wanted: str) -> str:
    """Name and folder of a new network.

    Raises:
        UserError: If it is empty or that of a network that ships.
    """
    name = safe_name(wanted).replace(" ", "-") if wanted.strip() else ""
    if not name or name in CHECKPOINTS.names() or name in (TRAINING, _PICTURES):
        raise UserError(
            f"Expected a name of its own for the new network. Received: name={wanted!r}"
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
        write_bytes(Path(_PICTURES, f"{word}.png"), page_picture(image, overlay)[0])


def taught_html(folder: Path, name: str, numbers: dict[str, Any]) -> str:
    """What a network gained and forgot, what it sees, and how to use it.

    Args:
        folder: Folder of the run.
        name: Name of the network.
        numbers: What `teach` returned.
    """
    judged = ", ".join(numbers["validated"])
    scores = [
        (words, numbers[f"{score}_before"], numbers[f"{score}_after"])
        for words, score in (
            ("pixels of particles: Jaccard coefficient, 1 is best", "jsc"),
            ("particles found: F1 at an IoU of 0.5, 1 is best", "f1"),
        )
    ]
    said = list(numbers["errors"])
    if numbers["validated_on_training"]:
        said.insert(
            0,
            "There is a single image, which both taught and judged the network, so that the "
            "scores are too good: give two images or more.",
        )
    sights = "".join(
        f'<div style="flex:1 1 14rem">'
        f"{picture((folder / _PICTURES / f'{word}.png').read_bytes(), words, 1000)}</div>"
        for word, words in (
            ("annotation", "your annotation"),
            ("before", "before"),
            ("after", "after"),
        )
    )
    return "".join(
        [
            heading(f"What {name} learned"),
            notes(said),
            table((f"on {judged}", "before", "after"), scores),
            paragraph(_learned(numbers)),
            paragraph(_forgot(numbers)),
            f'<div style="display:flex;flex-wrap:wrap;gap:1rem">{sights}</div>',
            heading("Use it"),
            paragraph(
                "It is now a choice of the other tabs, for you alone and until you close the "
                "page. To keep it, download it and unpack it; then:"
            ),
            Html(f"<pre>nanozoo measure IMAGES --checkpoint {name} --out results</pre>"),
        ]
    )


def _learned(numbers: dict[str, Any]) -> str:
    steps = f"It was taught for {numbers['steps']} steps."
    same = all(numbers[f"{score}_before"] == numbers[f"{score}_after"] for score in ("jsc", "f1"))
    if same:
        return (
            f"{steps} At no time was it better than before, so that it was left as it was: more "
            "images or more steps may help."
        )
    return steps


def _forgot(numbers: dict[str, Any]) -> str:
    """What became of what the network knew before, by its loss on old data."""
    before, after = numbers["old_loss_before"], numbers["old_loss_after"]
    if after <= before + 0.02:
        word = "it forgot nothing to speak of"
    elif after <= before + 0.1:
        word = "it forgot a little"
    else:
        word = "it forgot much: keep the old network for other images"
    return (
        f"On what it knew before ({numbers['old_data']}) its error went from {before:.3f} to "
        f"{after:.3f}: {word}."
    )
