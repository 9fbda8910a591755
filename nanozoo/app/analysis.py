"""One micrograph of a user, its particles, and what the user changed about them."""

from __future__ import annotations

import csv
import io
import json
import secrets
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

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
        shapes: The choice that named their shapes.
        automatic: The pixel size as it was before the user corrected it.
        name: Stands for the micrograph and its particles, whatever is taken out of them.
        removed: Places of the particles that the user took out, from 0.
    """

    subject: Subject
    finder: str
    shapes: str
    automatic: PixelSize
    name: str
    removed: frozenset[int] = frozenset()

    @property
    def kept(self) -> list[int]:
        """Places of the particles that are measured; the first has label 1 in the results."""
        return [i for i in range(len(self.subject.instances)) if i not in self.removed]

    @property
    def given(self) -> bool:
        """Whether the user gave the pixel size."""
        return self.subject.pixel_size.source == "argument"

    @property
    def instances(self) -> Instances:
        """The particles that are measured."""
        found = self.subject.instances
        return Instances(found.shape, [found.items[place] for place in self.kept])

    @cached_property
    def files(self) -> dict[str, bytes]:
        """Results by the names of their files, as `nanozoo measure` writes them."""
        notes = self.subject.notes
        if self.removed:
            count = len(self.removed)
            words = "1 detection was" if count == 1 else f"{count} detections were"
            notes += (f"{words} taken out by hand.",)
        return measured_files(replace(self.subject, instances=self.instances, notes=notes))

    @cached_property
    def record(self) -> dict[str, Any]:
        """What is known about the image, as in `<stem>_measurement.json`."""
        return json.loads(self.files[f"{self.subject.stem}{RECORD}"])

    @cached_property
    def rows(self) -> list[dict[str, str]]:
        """The particles that are measured, as in `<stem>_particles.csv`."""
        text = self.files[f"{self.subject.stem}_particles.csv"].decode()
        return list(csv.DictReader(io.StringIO(text)))

    def without(self, places: frozenset[int]) -> Analysis:
        """The same with exactly the particles at these places taken out."""
        return replace(self, removed=places & frozenset(range(len(self.subject.instances))))

    def with_pixel_size(self, nm: float | None) -> Analysis:
        """The same with a pixel size that the user gives, nm; None goes back to the automatic one.

        Raises:
            UserError: If it is not above 0.
        """
        size = self.automatic
        if nm is not None:
            check_positive("pixel_size_nm", nm)
            size = PixelSize(nm, "argument", (), size.seen)
        parameters = self.subject.parameters | {"given_pixel_size_nm": nm}
        return replace(self, subject=replace(self.subject, pixel_size=size, parameters=parameters))

    def calibrated_as(self, other: Analysis | None) -> Analysis:
        """The same with the pixel size that the user gave for another look at its micrograph."""
        if other is None or not other.given:
            return self
        same = np.array_equal(self.subject.micrograph.pixels, other.subject.micrograph.pixels)
        return self.with_pixel_size(other.subject.pixel_size.nm) if same else self


def analyse(
    micrograph: Micrograph,
    finder: str,
    shapes: str,
    *,
    core_shell: bool = False,
    seed: int = 0,
) -> Analysis:
    """Find the particles of a micrograph.

    Args:
        micrograph: The image.
        finder: A value of `nanozoo.app.tools.finder_choices`, or the folder of a checkpoint.
        shapes: A value of `nanozoo.app.tools.shape_choices`.
        core_shell: Whether cores are told from shells.
        seed: Seed of bootstrap and fits.

    Raises:
        UserError: If the network cannot be used.
    """
    segmenter, namer = open_finder(finder), open_shapes(shapes)
    size = PixelSizes(None, True, text_reader()).of(micrograph)
    parameters = measure_parameters(
        segmenter, namer, None, scale_bar=True, core_shell=core_shell, seed=seed
    )
    stem = micrograph.path.stem + ("" if micrograph.frame is None else f"_{micrograph.frame}")
    subject = find_subject(stem, micrograph, size, segmenter, namer, parameters)
    return Analysis(subject, finder, shapes, size, secrets.token_hex(8))
