"""One micrograph of a user, its particles, and what the user changed about them."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from nanozoo.app.tools import open_finder, open_shapes, text_reader
from nanozoo.core.checks import check_positive
from nanozoo.core.instances import Instances
from nanozoo.io.micrograph import Micrograph
from nanozoo.workflows.measure_image import RECORD, measured_files
from nanozoo.workflows.measure_record import Subject
from nanozoo.workflows.measure_subject import find_subject, measure_parameters
from nanozoo.workflows.pixel_size import PixelSize, PixelSizes


@dataclass(frozen=True)
class Analysis:
    """A micrograph with all that was found in it; it is never changed, only replaced.

    Args:
        subject: The micrograph with all of its particles.
        finder: The choice that found them, see `nanozoo.app.tools`.
        removed: Places of the particles that the user took out, from 0.
    """

    subject: Subject
    finder: str
    removed: frozenset[int] = frozenset()

    @property
    def kept(self) -> list[int]:
        """Places of the particles that are measured; the first has label 1 in the results."""
        return [i for i in range(len(self.subject.instances)) if i not in self.removed]

    @cached_property
    def files(self) -> dict[str, bytes]:
        """Results by the names of their files, as `nanozoo measure` writes them."""
        found = self.subject.instances
        items = [found.items[place] for place in self.kept]
        notes = self.subject.notes
        if self.removed:
            notes += (f"{len(self.removed)} detections were taken out by hand.",)
        return measured_files(
            replace(self.subject, instances=Instances(found.shape, items), notes=notes)
        )

    @property
    def record(self) -> dict[str, Any]:
        """What is known about the image, as in `<stem>_measurement.json`."""
        return json.loads(self.files[f"{self.subject.stem}{RECORD}"])

    @property
    def rows(self) -> list[dict[str, str]]:
        """The particles that are measured, as in `<stem>_particles.csv`."""
        text = self.files[f"{self.subject.stem}_particles.csv"].decode()
        return list(csv.DictReader(io.StringIO(text)))

    def without(self, places: frozenset[int]) -> Analysis:
        """The same with exactly the particles at these places taken out."""
        return replace(self, removed=places & frozenset(range(len(self.subject.instances))))

    def with_pixel_size(self, nm: float) -> Analysis:
        """The same with a pixel size that the user gives, nm.

        Raises:
            UserError: If it is not above 0.
        """
        check_positive("pixel_size_nm", nm)
        seen = self.subject.pixel_size.seen
        parameters = self.subject.parameters | {"given_pixel_size_nm": nm}
        size = PixelSize(nm, "argument", (), seen)
        return replace(self, subject=replace(self.subject, pixel_size=size, parameters=parameters))


def analyse(
    micrograph: Micrograph,
    finder: str,
    shapes: str,
    *,
    pixel_size_nm: float | None = None,
    core_shell: bool = False,
    seed: int = 0,
) -> Analysis:
    """Find the particles of a micrograph.

    Args:
        micrograph: The image.
        finder: A value of `nanozoo.app.tools.finder_choices`, or the folder of a checkpoint.
        shapes: A value of `nanozoo.app.tools.shape_choices`.
        pixel_size_nm: Pixel size, nm; None for what the file states or the scale bar says.
        core_shell: Whether cores are told from shells.
        seed: Seed of bootstrap and fits.

    Raises:
        UserError: If the pixel size is not above 0, or the network cannot be used.
    """
    segmenter, namer = open_finder(finder), open_shapes(shapes)
    sizes = PixelSizes(pixel_size_nm, True, text_reader())
    parameters = measure_parameters(
        segmenter, namer, pixel_size_nm, scale_bar=True, core_shell=core_shell, seed=seed
    )
    stem = micrograph.path.stem + ("" if micrograph.frame is None else f"_{micrograph.frame}")
    subject = find_subject(stem, micrograph, sizes.of(micrograph), segmenter, namer, parameters)
    return Analysis(subject, finder)
