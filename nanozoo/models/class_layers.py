"""Class layers for other classes: each new one begins as what the checkpoint knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

import numpy as np


def carry_classes(
    arrays: Mapping[str, np.ndarray],
    tensors: Iterable[str],
    old: Sequence[str],
    new: Sequence[str],
) -> dict[str, np.ndarray]:
    """Give the layers that tell classes apart one output for each new class.

    Background stays background, and a class of the same name stays itself. Every other class
    begins as the mean of the old particle classes, so that particles are found from the first
    step on and only their kind is left to learn. Where classes exclude each other, the new ones
    share the probability of the old one.

    Args:
        arrays: Weights by name.
        tensors: Patterns of the names of tensors whose last axis goes by class: one entry a
            class, or several, class after class. A bias of "cls_score" or "classes_logits" holds
            logits of classes that exclude each other.
        old: Names of the classes in `arrays`, background first.
        new: Names of the classes wanted, background first.

    Returns:
        All arrays, those of the class layers in their new shape.
    """
    sources = [_sources(number, name, old) for number, name in enumerate(new)]
    patterns = tuple(tensors)
    carried = dict(arrays)
    for name, value in arrays.items():
        if not any(fnmatchcase(name, pattern) for pattern in patterns):
            continue
        by_class = np.asarray(value, np.float32)
        by_class = by_class.reshape(*by_class.shape[:-1], len(old), -1)
        parts = [by_class[..., source, :].mean(axis=-2) for source in sources]
        if name.endswith(("cls_score/bias", "classes_logits/bias")):
            parts = [part - np.log(sources.count(one)) for part, one in zip(parts, sources)]
        carried[name] = np.concatenate(parts, axis=-1)
    return carried


def _sources(number: int, name: str, old: Sequence[str]) -> list[int]:
    """Places of the old classes that a new one begins as."""
    if number == 0:
        return [0]
    named = [place for place, known in enumerate(old) if place and known == name]
    return named or list(range(1, len(old)))
