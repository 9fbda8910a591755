"""Generated micrographs beside real ones, with a record of where each comes from."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.core.files import sha256_of, write_bytes, write_text
from nanozoo.core.progress import Counter, Watcher
from nanozoo.engines.sampler import Sampler
from nanozoo.workflows.images import Images
from nanozoo.workflows.measure_pictures import png_bytes

RECORD = "origin.csv"


def augment(
    paths: str | Path | list[str | Path],
    out: str | Path,
    *,
    checkpoint: str | Path,
    count: int,
    seed: int = 0,
    progress: Watcher | None = None,
) -> list[str]:
    """Copy micrographs and add generated ones.

    Args:
        paths: Image files and folders of images; they are copied as they are.
        out: Folder for images/ and for origin.csv, which says of each image whether it is real
            or generated, and of a generated one the checkpoint, the SHA-256 of its config.json,
            the seed and its number. Annotations are not copied: a generated image has none.
        checkpoint: Name or folder of a GAN.
        count: Number of images to generate, at least 1.
        seed: Their seed, 0 or more.
        progress: Told of every image that is written.

    Returns:
        Names of the generated files in images/.

    Raises:
        UserError: If an image is missing or cannot be read, the checkpoint is no GAN, a number is
            out of range, `out` holds the images, or an image has the name of one to generate.

    Example:
        >>> import cv2, numpy
        >>> from nanozoo import build_gan, save_checkpoint
        >>> from nanozoo.workflows.augment import augment
        >>> small = {"latent_dim": 4, "filters": (4, 8, 8)}
        >>> gan = build_gan((32, 32, 1), **small)
        >>> saved = save_checkpoint(gan, "gan", name="gan", builder="gan", arguments=small,
        ...                         inference={"size": 32})
        >>> _ = cv2.imwrite("a.png", numpy.eye(32, dtype="uint8"))
        >>> augment("a.png", "more", checkpoint="gan", count=2)
        ['generated_0_00000.png', 'generated_0_00001.png']
    """
    images, out = Images(paths), Path(out)
    images.check_output(out / "images")
    for path in images.files:
        for _ in images.read(path):
            pass
    if images.errors:
        raise UserError(images.errors[0])
    sampler = Sampler(checkpoint)
    copied = {images.stem(path) + path.suffix: path for path in images.files}
    generated = [f"generated_{seed}_{number:05d}.png" for number in range(count)]
    for name in generated:
        if name in copied:
            raise UserError(f"{copied[name]} was generated with this seed: give another --seed.")
    counter = Counter(progress, len(copied) + count)
    counter.start("drawing")
    samples = sampler.sample(count, seed)
    config = sampler.checkpoint.folder / "config.json"
    rows = []
    for name, path in copied.items():
        write_bytes(out / "images" / name, path.read_bytes())
        rows.append({"file": name, "origin": "real", "source": path.name})
        counter.finish(name)
    origin = {
        "origin": "generated",
        "source": sampler.checkpoint.name,
        "sha256": sha256_of(config),
        "seed": seed,
    }
    for number, (name, image) in enumerate(zip(generated, samples)):
        pixels = np.round(255 * image).astype(np.uint8)
        write_bytes(out / "images" / name, png_bytes(pixels))
        rows.append({"file": name, **origin, "number": number})
        counter.finish(name)
    write_text(out / RECORD, _csv(rows))
    return generated


def _csv(rows: list[dict]) -> str:
    stream = io.StringIO()
    columns = ("file", "origin", "source", "sha256", "seed", "number")
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()
