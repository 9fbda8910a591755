"""ImageJ and Fiji: a set of the ROI Manager an image."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nanozoo.core.errors import UserError
from nanozoo.core.files import write_bytes
from nanozoo.core.instances import Instances
from nanozoo.core.registry import ANNOTATIONS
from nanozoo.io.formats.base import AnnotatedImage, AnnotationFormat, Truth, entries
from nanozoo.io.rois import draw_rois, read_rois, write_roi_set

ROIS = "rois"
"""Folder of a dataset that holds the regions of an image in a file."""


@ANNOTATIONS.register(
    "imagej",
    tags=("apart", "classes", "order", "overlap"),
    reference="Schneider, Rasband, Eliceiri 2012, doi:10.1038/nmeth.2089",
)
class ImageJ(AnnotationFormat):
    """`rois/<stem>.zip`, or `rois/<stem>.roi` where there is one region; a group is a class."""

    summary = "rois/, a RoiSet an image for the ROI Manager of ImageJ and Fiji"
    alone = True
    lists_classes = True

    def find(self, folder: Path) -> dict[str, Path]:
        """A set an image, or else a single region."""
        return {
            path.stem: path
            for path in entries(folder / ROIS)
            if path.suffix.lower() in (".roi", ".zip")
        }

    def names(self, paths: Sequence[Path]) -> tuple[str, ...]:
        """ "group 1", "group 2", ..., if there is any group above 1."""
        highest = 1
        for path in paths:
            try:
                highest = max(highest, *(roi.group for roi in read_rois(path)), 1)
            except UserError:
                continue
        return tuple(f"group {number}" for number in range(1, highest + 1) if highest > 1)

    def read(
        self, path: Path, stem: str, shape: tuple[int, int], classes: Sequence[str] = ()
    ) -> Truth:
        """Draw the regions, in the order of the set."""
        items = draw_rois(read_rois(path), shape, path)
        highest = max((item.class_id for item in items), default=1)
        if highest > max(1, len(classes)):
            raise UserError(
                f"Expected groups 0 to {max(1, len(classes))} in {path}, one a class: name every "
                f"class in classes.txt, or mend the groups. Received: {highest}"
            )
        return Truth.of(Instances(shape, items))

    def add(self, folder: Path, image: AnnotatedImage, classes: Sequence[str]) -> None:
        """Write the set; the names of its regions begin with the class."""
        write_bytes(folder / ROIS / f"{image.file.stem}.zip", roi_set(image.instances, classes))


def roi_set(instances: Instances, classes: Sequence[str] = ()) -> bytes:
    """Particles as a set of the ROI Manager, a ZIP file.

    Args:
        instances: The particles.
        classes: Names of classes 1, 2, ...; where there are several, groups tell them.
    """
    words = [classes[item.class_id - 1] if classes else "particle" for item in instances]
    names = [f"{word.replace('/', '-')}_{number:04d}" for number, word in enumerate(words, 1)]
    groups = [item.class_id if len(classes) > 1 else 0 for item in instances]
    return write_roi_set(instances.items, names, groups)
