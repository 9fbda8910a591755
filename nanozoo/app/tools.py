"""What the page offers to find particles with, opened once for all tabs and users."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import nanozoo.baselines
import nanozoo.checkpoints  # noqa: F401  (both fill the registries)
from nanozoo.checkpoints.config import open_checkpoint
from nanozoo.checkpoints.shipping import newest_version
from nanozoo.core.errors import UserError
from nanozoo.core.registry import BASELINES, CHECKPOINTS, MODELS, Entry
from nanozoo.engines.predictor import Predictor
from nanozoo.engines.shapes import ShapeClassifier
from nanozoo.measure.text_reader import TextReader
from nanozoo.workflows.particle_shapes import ShapeNamer, open_namer
from nanozoo.workflows.segment import Segmenter, network_segmenter, open_segmenter

METHOD = "method:"
"""What the value of a choice begins with, where it is a method without a network."""

NO_SHAPES = "none"
WORDS = {
    "unet": "UNet, for most micrographs",
    "maskrcnn": "Mask R-CNN, for overlaps",
    "unet7": "UNet7, wider kernels",
    "fpn": "FPN, to compare with",
    "linknet": "LinkNet, to compare with",
    "otsu": "Otsu threshold",
    "local": "Local threshold",
    "hybrid": "Hybrid threshold",
    "isolated": "Isolated particles, hybrid",
    "ellipse": "Ellipses, for round overlaps",
    "watershed_component": "Watershed of each piece",
    "watershed_foreground": "Watershed of the whole",
    "watershed_maxima": "Watershed of maxima",
    "shapecnn_outline": "Outlines: circle, rod, ...",
    "shapecnn_morphology": "Crystal forms: polyhedra",
    "shapecnn_nanoshapes": "Copper in TEM: cubes, ...",
}
"""What a choice is for, in words; one that is missing is shown with its own summary."""

_FINDING = ("segmentation", "detection")
_OPEN = 4
_offered: list[Path] = []


def offer_networks(folders: Sequence[str | Path]) -> None:
    """Offer networks beside those that ship, to all users of the page.

    Args:
        folders: Folders of checkpoints that find particles.

    Raises:
        UserError: If one is none.
    """
    for folder in folders:
        model = open_checkpoint(folder).model
        if not set(MODELS.entry(model).tags) & set(_FINDING):
            raise UserError(
                f"Expected the folder of a network that finds particles. Received: {folder}, "
                f"a {model}"
            )
    _offered[:] = [Path(folder).resolve() for folder in folders]


def finder_choices(own: Sequence[Path] = ()) -> list[tuple[str, str]]:
    """What finds particles, as pairs of what is shown and a value for `open_finder`.

    Those of `network_choices`, then the methods without a network.

    Args:
        own: Folders of networks of the user, of which the last is the newest.
    """
    methods = sorted(BASELINES, key=lambda one: _place(one.name))
    return network_choices(own) + [(in_plain_words(one), METHOD + one.name) for one in methods]


def network_choices(own: Sequence[Path] = ()) -> list[tuple[str, str]]:
    """Networks that find particles: the user's, then the newest version of each that ships.

    Of those that ship, the recommended one comes first.
    """
    networks = [entry for entry in CHECKPOINTS if set(entry.tags) & set(_FINDING)]
    newest = [one for one in networks if newest_version(one.name.split("-")[0]) == one.name]
    newest.sort(key=lambda one: _place(one.name))
    return [(f"{folder.name} (yours)", str(folder)) for folder in reversed((*_offered, *own))] + [
        (in_plain_words(one), one.name) for one in newest
    ]


def shape_choices() -> list[tuple[str, str]]:
    """What names the shapes of particles, as pairs of what is shown and a value."""
    named = [entry for entry in CHECKPOINTS if "classification" in entry.tags]
    named = [one for one in named if newest_version(one.name.split("-")[0]) == one.name]
    return [("Do not name shapes", NO_SHAPES)] + [
        (in_plain_words(one), one.name) for one in sorted(named, key=lambda x: _place(x.name))
    ]


def in_plain_words(entry: Entry) -> str:
    """What a checkpoint or a method is for."""
    return WORDS.get(entry.name.split("-")[0], f"{entry.name}: {entry.summary}")


def _place(name: str) -> tuple[int, str]:
    """Where a choice stands: in the order of `WORDS`, what is not there last."""
    known, word = list(WORDS), name.split("-")[0]
    return (known.index(word) if word in known else len(known), name)


@lru_cache(maxsize=_OPEN)
def open_finder(choice: str) -> Segmenter:
    """Open what a value of `finder_choices`, or the folder of a checkpoint, stands for."""
    if choice.startswith(METHOD):
        return open_segmenter(**finder_arguments(choice))
    return network_segmenter(open_network(choice))


def finder_arguments(choice: str) -> dict[str, str | None]:
    """The arguments `checkpoint` and `method` of workflows, of which one is None, for a choice."""
    if choice.startswith(METHOD):
        return {"checkpoint": None, "method": choice.removeprefix(METHOD)}
    return {"checkpoint": choice, "method": None}


@lru_cache(maxsize=_OPEN)
def open_shapes(choice: str) -> ShapeNamer | None:
    """Open what a value of `shape_choices` stands for."""
    return None if choice == NO_SHAPES else open_namer(choice)


@lru_cache(maxsize=_OPEN)
def open_network(choice: str) -> Predictor:
    """Open the network behind a choice of a checkpoint, to find particles and to ask it why."""
    return Predictor(choice)


@lru_cache(maxsize=_OPEN)
def open_classifier(choice: str) -> ShapeClassifier:
    """Open the shape CNN behind a choice, to ask it why."""
    return ShapeClassifier(choice)


@lru_cache(maxsize=1)
def text_reader() -> TextReader:
    """What reads the texts of scale bars."""
    return TextReader()
