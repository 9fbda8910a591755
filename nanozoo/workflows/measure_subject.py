"""From a micrograph to its particles and all that is known of them before they are measured."""

from __future__ import annotations

from typing import Any

from nanozoo.core.overlap import PART_RULE
from nanozoo.io.micrograph import Micrograph
from nanozoo.measure.distribution import MOST_FAMILIES, RESAMPLES
from nanozoo.measure.selection import select_particles
from nanozoo.workflows.measure_record import Subject
from nanozoo.workflows.notes import named_warnings
from nanozoo.workflows.particle_shapes import ShapeNamer
from nanozoo.workflows.pixel_size import PixelSize
from nanozoo.workflows.segment import Segmenter
from nanozoo.workflows.versions import package_versions


def find_subject(
    stem: str,
    micrograph: Micrograph,
    pixel_size: PixelSize,
    segmenter: Segmenter,
    namer: ShapeNamer | None,
    parameters: dict[str, Any],
) -> Subject:
    """Find the particles of an image and leave out what shows no specimen.

    Args:
        stem: Name of the image in the results.
        micrograph: The image.
        pixel_size: Its pixel size, with what was seen of a scale bar.
        segmenter: What finds the particles.
        namer: What names their shapes, or None.
        parameters: Everything that it is measured with, `seed` and `core_shell` among them.
    """
    with named_warnings(micrograph.source) as notes:
        instances = segmenter.find(micrograph)
    grey = micrograph.grey()
    selected = select_particles(instances, grey, pixel_size.seen, cores=parameters["core_shell"])
    if selected.parts:
        notes.append(
            "Detections that are left out, because they show a particle, or a part of it, that "
            f"another one shows: {selected.parts}."
        )
    return Subject(
        stem,
        micrograph,
        grey,
        selected.particles,
        pixel_size,
        segmenter,
        parameters,
        tuple(notes),
        selected.area,
        selected.left_out,
        namer,
    )


def measure_parameters(
    segmenter: Segmenter,
    namer: ShapeNamer | None,
    pixel_size_nm: float | None,
    *,
    scale_bar: bool,
    core_shell: bool,
    seed: int,
) -> dict[str, Any]:
    """Everything that micrographs are measured with, as JSON values for their records.

    Args:
        segmenter: What finds the particles.
        namer: What names their shapes, or None.
        pixel_size_nm: The pixel size that was given, nm, or None.
        scale_bar: Whether scale bars are read.
        core_shell: Whether cores are told from shells.
        seed: Seed of bootstrap and fits.
    """
    return {
        **segmenter.settings,
        **({} if namer is None else namer.settings),
        "given_pixel_size_nm": pixel_size_nm,
        "scale_bar": scale_bar,
        "core_shell": core_shell,
        "one_particle": PART_RULE,
        "edge_correction": "Miles-Lantuejoul",
        "most_families": MOST_FAMILIES,
        "resamples": RESAMPLES,
        "seed": seed,
        "versions": package_versions(),
    }
