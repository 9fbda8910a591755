"""Annotation formats: how particles are kept in files, one a file."""

from nanozoo.io.formats import (  # noqa: F401
    binary,
    coco,
    imagej,
    labelme,
    labels,
    layers,
    masks,
)
