"""A report on a GAN: are its micrographs varied, like real ones, and no copies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.core.files import write_text
from nanozoo.data.textures import prepare_texture
from nanozoo.engines.image_features import ImageFeatures
from nanozoo.engines.sampler import Sampler
from nanozoo.evaluate.generated import (
    MARGIN,
    Diversity,
    KernelDistance,
    Nearest,
    compare_diversity,
    kernel_distance,
    nearest_training,
    scaled_like,
)
from nanozoo.evaluate.similarity import PAIRS
from nanozoo.viz.generated import draw_beside, draw_nearest, draw_samples
from nanozoo.workflows.images import Images
from nanozoo.workflows.shape_report import interval_text, markdown_table

SHOWN = 32
SEARCHED = 10


@dataclass(frozen=True)
class GeneratedReport:
    """What was found out about generated images.

    Args:
        diversity: How alike they are among themselves, beside real images.
        distance: Kernel inception distance of samples to real images.
        floor: That of training images to real images, which no generator is asked to beat;
            None without training images.
        nearest: Training image nearest to each sample; None without training images.
        held: The same of each real image.
        text: Markdown, as in report.md.
    """

    diversity: Diversity
    distance: KernelDistance
    floor: KernelDistance | None
    nearest: Nearest | None
    held: Nearest | None
    text: str


def report_checkpoint(
    checkpoint: str | Path,
    real: str | Path | np.ndarray,
    out: str | Path,
    *,
    train: str | Path | np.ndarray | None = None,
    count: int | None = None,
    seed: int = 0,
    **options,
) -> GeneratedReport:
    """Draw samples with a checkpoint and report on them, see `report_generated`.

    Args:
        checkpoint: Name or folder of a GAN.
        real: Real images that it was not trained on: a folder, or `(M, H, W)` in [0, 1].
        out: Folder of report.md and its figures.
        train: The images it was trained on, likewise; None if they are not at hand.
        count: Number of samples; None for as many as real images.
        seed: Seed of the samples, pairs and subsets.
        **options: `pairs` and `features` of `report_generated`.

    Raises:
        UserError: If the checkpoint is no GAN, or there are fewer than two real images.
    """
    sampler = Sampler(checkpoint)
    given = {"real": real, "train": train}
    loaded = {
        name: None if images is None else whole_images(images, sampler.size)
        for name, images in given.items()
    }
    samples = sampler.sample(count or len(loaded["real"]), seed)
    title = f"Samples of {sampler.checkpoint.name}, seed {seed}"
    return report_generated(samples, out=out, title=title, seed=seed, **loaded, **options)


def whole_images(images: str | Path | np.ndarray, size: int) -> np.ndarray:
    """Read a folder's images, or take an array's, and bring them to `(N, size, size)`."""
    if not isinstance(images, (str, Path)):
        pixels = list(images)
    else:
        found = Images(images)
        pixels = [micrograph.pixels for path in found.files for _, micrograph in found.read(path)]
        if found.errors:
            raise UserError(found.errors[0])
    return np.stack([prepare_texture(one, size, 0.0, False) for one in pixels])


def report_generated(
    samples: np.ndarray,
    real: np.ndarray,
    out: str | Path,
    *,
    train: np.ndarray | None = None,
    title: str = "Generated images",
    pairs: int = PAIRS,
    seed: int = 0,
    features: str | Path = "unet",
) -> GeneratedReport:
    """Compare generated with real images and write report.md and its figures.

    The first line of the report says COLLAPSED where samples are more alike among themselves
    than real images by more than `nanozoo.evaluate.generated.MARGIN`.

    Args:
        samples: `(N, S, S)` generated images in [0, 1], N at least 2.
        real: `(M, S, S)` real images, M at least 2.
        out: Folder of report.md, samples.png, beside.png and nearest.png.
        train: Training images, for the nearest one to each sample.
        title: What stands above the report.
        pairs: Pairs of images whose similarity is measured.
        seed: Seed of the pairs and subsets.
        features: Checkpoint whose encoder the kernel distance takes its features from; each is
            scaled to mean 0 and standard deviation 1 of the real images. Features that hardly
            vary among these do not count.

    Returns:
        The numbers and the text.

    Raises:
        UserError: If the images do not fit.
    """
    out = Path(out)
    diversity = compare_diversity(samples, real, pairs, seed)
    network = ImageFeatures(features, np.shape(real)[1:])
    known = network.of(real)

    def distance_of(images: np.ndarray) -> KernelDistance:
        return kernel_distance(*scaled_like(known, network.of(images), known), seed=seed)

    distance = distance_of(samples)
    floor = nearest = held = None
    draw_samples(out / "samples.png", samples[:SHOWN])
    draw_beside(out / "beside.png", {"real": real, "generated": samples}, count=SHOWN // 2)
    if train is not None:
        floor = distance_of(train)
        nearest, held = (nearest_training(images, train) for images in (samples, real))
        closest = np.argsort(nearest.distances)[:SEARCHED]
        draw_nearest(
            out / "nearest.png",
            samples[closest],
            nearest.images[closest],
            nearest.distances[closest],
        )
    text = _text(title, diversity, distance, floor, nearest, held)
    write_text(out / "report.md", text)
    return GeneratedReport(diversity, distance, floor, nearest, held, text)


def verdict(diversity: Diversity) -> str:
    """Whether samples collapsed, in a sentence."""
    word = "COLLAPSED" if diversity.collapsed else "Not collapsed"
    return (
        f"{word}: samples are {abs(diversity.excess):.3f} "
        f"{'more' if diversity.excess > 0 else 'less'} alike among themselves than real images "
        f"(MS-SSIM; more than {MARGIN} above them counts as collapse)."
    )


def diversity_row(diversity: Diversity) -> tuple[str, str, str]:
    """Cells of a table: both similarities with their intervals, and the excess."""
    return (
        interval_text(diversity.samples, 3),
        interval_text(diversity.real, 3),
        f"{diversity.excess:+.3f}",
    )


def _text(
    title: str,
    diversity: Diversity,
    distance: KernelDistance,
    floor: KernelDistance | None,
    nearest: Nearest | None,
    held: Nearest | None,
) -> str:
    rows = [
        ("samples", interval_text(diversity.samples, 3), str(diversity.samples.clusters)),
        ("real images", interval_text(diversity.real, 3), str(diversity.real.clusters)),
    ]
    distances = [("samples", f"{distance.mean:.3f}", f"{distance.deviation:.3f}")]
    if floor:
        distances.append(("training images", f"{floor.mean:.3f}", f"{floor.deviation:.3f}"))
    parts = [
        f"# {title}\n",
        verdict(diversity) + "\n",
        markdown_table(("MS-SSIM of pairs among", "mean [95%]", "images"), rows),
        "Kernel inception distance to the real images, of scaled features, subsets of "
        f"{distance.size}:\n",
        markdown_table(("of", "mean", "standard deviation"), distances),
    ]
    if nearest:
        ranges = [
            (name, *(f"{value:.3f}" for value in np.quantile(one.distances, (0, 0.25, 0.5))))
            for name, one in (("samples", nearest), ("real images", held))
        ]
        parts += [
            "Root mean square difference to the nearest training image, mirrored and turned; "
            "copies would be far below real images:\n",
            markdown_table(("of", "least", "first quartile", "median"), ranges),
            "![nearest training images](nearest.png)\n",
        ]
    parts += ["![samples](samples.png)\n", "![real beside generated](beside.png)\n"]
    return "\n".join(parts)
