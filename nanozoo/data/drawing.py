"""Which image the next training example is cut from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instance, Instances


class FromDataset(Protocol):
    """Anything that knows the dataset it comes from."""

    dataset: str


class WithInstances(FromDataset, Protocol):
    """Anything from a dataset that has instances."""

    instances: Instances


Image = TypeVar("Image", bound=FromDataset)
Annotated = TypeVar("Annotated", bound=WithInstances)


def check_shares(images: Sequence[FromDataset], shares: dict[str, float] | None) -> None:
    """Refuse to draw from nothing.

    Args:
        images: What to draw from.
        shares: Relative frequency of each dataset; 1 where it is missing.

    Raises:
        UserError: If there is no image, or `shares` names unknown datasets or leaves none.
    """
    if not images:
        raise UserError("Expected at least one labelled image to train on. Received: none")
    shares, names = shares or {}, {image.dataset for image in images}
    good = shares.keys() <= names and all(share >= 0 for share in shares.values())
    if not good or not any(shares.get(name, 1.0) for name in names):
        raise UserError(
            f"Expected `shares` of the datasets {', '.join(sorted(names))}, 0 or more and not "
            f"all 0. Received: shares={shares!r}"
        )


def draw_image(
    images: Sequence[Image], shares: dict[str, float] | None, rng: np.random.Generator
) -> Image:
    """Draw a dataset by its share, then an image of it evenly."""
    groups: dict[str, list[Image]] = {}
    for image in images:
        groups.setdefault(image.dataset, []).append(image)
    names = sorted(groups)
    weights = np.array([(shares or {}).get(name, 1.0) for name in names])
    members = groups[names[rng.choice(len(names), p=weights / weights.sum())]]
    return members[rng.integers(len(members))]


def images_by_class(
    images: Sequence[Annotated], shares: dict[str, float] | None
) -> dict[int, list[Annotated]]:
    """The images that show a class, of each class; those of datasets with share 0 are left out."""
    showing: dict[int, list[Annotated]] = {}
    for image in images:
        if (shares or {}).get(image.dataset, 1.0) > 0:
            for kind in sorted({item.class_id for item in image.instances}):
                showing.setdefault(kind, []).append(image)
    return showing


def draw_instance(
    showing: dict[int, list[Annotated]],
    shares: dict[str, float] | None,
    rng: np.random.Generator,
) -> tuple[Annotated, Instance]:
    """Draw a class evenly, then an image that shows it, then an instance of it.

    Args:
        showing: Of `images_by_class`, with at least one class.
        shares: Relative frequency of each dataset; even where it is None.
        rng: Source of chance.
    """
    kind = int(rng.choice(sorted(showing)))
    source = draw_image(showing[kind], shares, rng)
    members = [item for item in source.instances if item.class_id == kind]
    return source, members[rng.integers(len(members))]
