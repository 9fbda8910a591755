"""One micrograph of a user, its particles, and what the user changed about them."""

from __future__ import annotations

import csv
import io
import json
import secrets
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from nanozoo.app.sight import Sight
from nanozoo.app.tools import open_finder, open_shapes
from nanozoo.core.instances import Instances
from nanozoo.workflows.measure_image import RECORD, measured_files
from nanozoo.workflows.measure_record import Subject
from nanozoo.workflows.measure_subject import find_subject, measure_parameters


@dataclass(frozen=True)
class Analysis:
    """A micrograph with all that was found in it; it is never changed, only replaced.

    Args:
        sight: The micrograph with its pixel size.
        subject: The same with all of its particles.
        finder: The choice that found them, see `nanozoo.app.tools`.
        shapes: The choice that named their shapes.
        name: Stands for the micrograph and its particles, whatever is taken out of them.
        removed: Places of the particles that the user took out, from 0.
    """

    sight: Sight
    subject: Subject
    finder: str
    shapes: str
    name: str
    removed: frozenset[int] = frozenset()

    @property
    def kept(self) -> list[int]:
        """Places of the particles that are measured; the first has label 1 in the results."""
        return [i for i in range(len(self.subject.instances)) if i not in self.removed]

    @property
    def given(self) -> bool:
        """Whether the user gave the pixel size."""
        return self.sight.given_nm is not None

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

    def calibrated(self, sight: Sight) -> Analysis:
        """The same with the pixel size of another look at its micrograph."""
        parameters = self.subject.parameters | {"given_pixel_size_nm": sight.given_nm}
        subject = replace(self.subject, pixel_size=sight.pixel_size, parameters=parameters)
        return replace(self, sight=sight, subject=subject)


def analyse(
    sight: Sight,
    finder: str,
    shapes: str,
    *,
    core_shell: bool = False,
    seed: int = 0,
) -> Analysis:
    """Find the particles of a micrograph.

    Args:
        sight: The image with its pixel size.
        finder: A value of `nanozoo.app.tools.finder_choices`, or the folder of a checkpoint.
        shapes: A value of `nanozoo.app.tools.shape_choices`.
        core_shell: Whether cores are told from shells.
        seed: Seed of bootstrap and fits.

    Raises:
        UserError: If the network cannot be used.
    """
    segmenter, namer = open_finder(finder), open_shapes(shapes)
    parameters = measure_parameters(
        segmenter, namer, sight.given_nm, scale_bar=True, core_shell=core_shell, seed=seed
    )
    image = sight.micrograph
    stem = image.path.stem + ("" if image.frame is None else f"_{image.frame}")
    subject = find_subject(stem, image, sight.pixel_size, segmenter, namer, parameters)
    return Analysis(sight, subject, finder, shapes, secrets.token_hex(8))
