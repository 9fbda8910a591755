"""What is said of a network that was taught."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from nanozoo.app.teaching import PICTURES
from nanozoo.app.words import without_folders
from nanozoo.workflows.pages import heading, notes, paragraph, picture, table

_NAMED = 3


def taught_html(folder: Path, name: str, numbers: dict[str, Any]) -> str:
    """What a network gained and forgot, what it sees, and how to use it.

    Args:
        folder: Folder of the run.
        name: Name of the network.
        numbers: What `teach` returned.
    """
    judged = ", ".join(numbers["validated"])
    if len(numbers["validated"]) > _NAMED:
        judged = f"{len(numbers['validated'])} images that it did not learn from"
    scores = [
        (words, numbers[f"{score}_before"], numbers[f"{score}_after"])
        for words, score in (
            ("pixels of particles: Jaccard coefficient, 1 is best", "jsc"),
            ("particles found: F1 at an IoU of 0.5, 1 is best", "f1"),
        )
    ]
    said = []
    if numbers["validated_on_training"]:
        said.append(
            "There is a single image, which both taught and judged the network, so that the "
            "scores are too good: give two images or more."
        )
    left_out = notes([without_folders(sentence) for sentence in numbers["errors"]])
    if left_out:
        left_out = f"<details><summary>What was left out</summary>{left_out}</details>"
    sights = "".join(
        picture((folder / PICTURES / f"{word}.png").read_bytes(), words, 1000)
        for word, words in (
            ("annotation", "your annotation"),
            ("before", "before"),
            ("after", "after"),
        )
    )
    parts = [
        heading(f"What {name} learned"),
        notes(said),
        table((f"on {judged}", "before", "after"), scores),
        paragraph(_learned(numbers)),
        paragraph(_forgot(numbers)),
        left_out,
        f'<div class="sights">{sights}</div>',
        heading("Use it"),
        paragraph(
            "It is now a choice of the other tabs, for you alone and until you close the "
            "page. To keep it, download it and unpack it; then:"
        ),
        f"<pre>nanozoo measure IMAGES --checkpoint {escape(name)} --out results</pre>",
    ]
    return f'<div class="results">{"".join(parts)}</div>'


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
